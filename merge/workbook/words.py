"""The words that staff may write in their own language, each with its language.

Sheets, headings, yes and no, and the words that stand where something is still to be filled in.
Capitals, accents and spaces do not count.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from merge.naming import tag_name
from merge.text.folding import plain_letters

Words = Mapping[str, Mapping[str, tuple[str, ...]]]
"""The program's own word -> the language -> the words that mean it there."""

SHEETS: Words = {
    "Signers": {
        "fr": ("Signataires",),
        "es": ("Firmantes", "Signatarios"),
        "de": ("Unterzeichner", "Unterzeichnende", "Unterzeichnerinnen"),
        "ru": ("Подписанты", "Подписавшие"),
        "uk": ("Підписанти", "Підписувачі"),
        "ar": ("الموقعون", "الموقعين"),
    },
    "Recipients": {
        "fr": ("Destinataires",),
        "es": ("Destinatarios",),
        "de": ("Empfänger", "Empfängerinnen", "Adressaten"),
        "ru": ("Получатели", "Адресаты"),
        "uk": ("Одержувачі", "Отримувачі", "Адресати"),
        "ar": ("المستلمون", "المستلمين", "المرسل إليهم"),
    },
    "Pairs": {
        "fr": ("Paires", "Couples"),
        "es": ("Pares", "Parejas"),
        "de": ("Paare",),
        "ru": ("Пары",),
        "uk": ("Пари",),
        "ar": ("الأزواج",),
    },
    "Settings": {
        "fr": ("Paramètres", "Réglages"),
        "es": ("Ajustes", "Configuración"),
        "de": ("Einstellungen",),
        "ru": ("Настройки", "Параметры"),
        "uk": ("Налаштування", "Параметри"),
        "ar": ("الإعدادات", "إعدادات"),
    },
}
HEADINGS: Words = {
    "Salutation": {
        "en": ("Greeting", "Dear", "Form of address"),
        "fr": ("Formule d'appel", "Formule de politesse", "Appel", "Salutations"),
        "es": ("Saludo", "Tratamiento", "Encabezamiento"),
        "de": ("Anrede", "Briefanrede", "Begrüßung"),
        "ru": ("Обращение", "Приветствие"),
        "uk": ("Звертання", "Привітання"),
        "ar": ("التحية", "المخاطبة"),
    },
    "Name": {
        "fr": ("Nom", "Nom complet", "Nom et prénom", "Prénom et nom"),
        "es": ("Nombre", "Nombre completo", "Nombre y apellidos"),
        "de": ("Vollständiger Name", "Vor- und Nachname"),
        "ru": ("Имя", "ФИО", "Ф.И.О.", "Имя и фамилия", "Полное имя"),
        "uk": ("Ім'я", "Імʼя", "ПІБ", "П.І.Б.", "Ім'я та прізвище", "Повне ім'я"),
        "ar": ("الاسم", "الاسم الكامل"),
    },
    "ID": {
        "fr": ("Identifiant",),
        "es": ("Identificador",),
        "de": ("Kennung",),
        "ru": ("ИД", "Идентификатор"),
        "uk": ("ІД", "Ідентифікатор"),
        "ar": ("المعرف", "معرف"),
    },
    "Include": {
        "fr": ("Inclure", "Inclus"),
        "es": ("Incluir", "Incluido"),
        "de": ("Einbeziehen", "Einbezogen", "Aufnehmen"),
        "ru": ("Включить", "Включать"),
        "uk": ("Включити", "Включати"),
        "ar": ("تضمين", "إدراج", "يشمل"),
    },
    "Template": {
        "fr": ("Modèle",),
        "es": ("Plantilla",),
        "de": ("Vorlage",),
        "ru": ("Шаблон",),
        "uk": ("Шаблон",),
        "ar": ("القالب", "قالب", "النموذج"),
    },
    "Language": {
        "fr": ("Langue",),
        "es": ("Idioma", "Lengua"),
        "de": ("Sprache",),
        "ru": ("Язык",),
        "uk": ("Мова",),
        "ar": ("اللغة", "لغة"),
    },
    "Signer": {
        "fr": ("Signataire",),
        "es": ("Firmante", "Signatario"),
        "de": ("Unterzeichner", "Unterzeichnerin", "Unterzeichner/in"),
        "ru": ("Подписант",),
        "uk": ("Підписант", "Підписувач"),
        "ar": ("الموقع", "الموقّع"),
    },
    "Recipient": {
        "fr": ("Destinataire",),
        "es": ("Destinatario",),
        "de": ("Empfänger", "Empfängerin", "Empfänger/in", "Adressat"),
        "ru": ("Получатель", "Адресат"),
        "uk": ("Одержувач", "Отримувач", "Адресат"),
        "ar": ("المستلم", "المرسل إليه"),
    },
    "Name checked": {
        "fr": ("Nom vérifié",),
        "es": ("Nombre verificado",),
        "de": ("Name geprüft",),
        "ru": ("Имя проверено",),
        "uk": ("Ім'я перевірено",),
        "ar": ("تم التحقق من الاسم",),
    },
    "Date": {
        "fr": ("Date",),
        "es": ("Fecha",),
        "de": ("Datum",),
        "ru": ("Дата",),
        "uk": ("Дата",),
        "ar": ("التاريخ",),
    },
    "Value": {
        "fr": ("Valeur",),
        "es": ("Valor",),
        "de": ("Wert",),
        "ru": ("Значение",),
        "uk": ("Значення",),
        "ar": ("القيمة", "قيمة"),
    },
}
NAME_PARTS: Words = {
    "given": {
        "en": ("First name", "Given name", "Given names", "Forename", "Forenames"),
        "fr": ("Prénom", "Prénoms"),
        "es": ("Nombre", "Nombres", "Nombre de pila"),
        "de": ("Vorname", "Vornamen"),
        "ru": ("Имя",),
        "uk": ("Ім'я", "Імʼя"),
        "ar": ("الاسم الأول", "الاسم الشخصي"),
    },
    "family": {
        "en": ("Last name", "Family name", "Surname", "Surnames"),
        "fr": ("Nom de famille",),
        "es": ("Apellido", "Apellidos", "Primer apellido"),
        "de": ("Nachname", "Familienname", "Zuname"),
        "ru": ("Фамилия",),
        "uk": ("Прізвище",),
        "ar": ("اسم العائلة", "اللقب", "الكنية"),
    },
}
"""Headings of columns that hold only a part of a name. Some may as well mean the whole."""
ANSWERS: Words = {
    "yes": {
        "en": ("yes", "y", "true"),
        "fr": ("oui", "o", "vrai"),
        "es": ("sí", "s", "verdadero"),
        "de": ("ja", "j", "wahr"),
        "ru": ("да", "д", "истина"),
        "uk": ("так", "т", "істина"),
        "ar": ("نعم",),
    },
    "no": {
        "en": ("no", "n", "false"),
        "fr": ("non", "faux"),
        "es": ("falso",),
        "de": ("nein", "falsch"),
        "ru": ("нет", "н", "ложь"),
        "uk": ("ні", "хибність"),
        "ar": ("لا", "كلا"),
    },
}
_UNFILLED: Mapping[str, str] = {
    "en": "tbc, tbd, tba, todo, to do, to be confirmed, n/a, n\\a, n.a., n.a, not applicable, "
    "not available, none, null, nil, nan, xx, test, testing, asdf, asdfg, asdfgh, qwerty, dummy, "
    "sample, example, placeholder",
    "fr": "à confirmer, à compléter, sans objet, s.o., s/o, n.c., néant, non communiqué, essai",
    "es": "por confirmar, pendiente, n/d, s/n, prueba",
    "de": "k.a., k. a., keine angabe, entfällt, n. v., n.v., muster, qwertz",
    "ru": "н/д, не указано, уточнить, тест, проба, йцукен, фыва",
    "uk": "н/д, не вказано, уточнити, тест, фіва",
    "ar": "غير متوفر, تجربة, اختبار",
}
"""What stands in a cell that is still to be filled in. Hardly anybody is called so."""
_NOBODY: Mapping[str, str] = {
    "en": "unknown, not known, no name, name, first name, last name, full name, nobody",
    "fr": "inconnu, inconnue, aucun, aucune, exemple, personne, nom, sans nom",
    "es": "desconocido, desconocida, ninguno, ninguna, ejemplo, nadie, nombre, sin nombre",
    "de": "unbekannt, keine, keiner, kein name, beispiel, niemand",
    "ru": "неизвестно, неизвестный, неизвестен, неизвестна, пример, никто, имя, без имени",
    "uk": "невідомо, невідомий, невідома, немає, приклад, ніхто, ім'я, без імені",
    "ar": "غير معروف, مجهول, مجهولة, لا يوجد, لا أحد, مثال, الاسم, بدون اسم",
}
"""What stands in a column of names, beside these, where there is no name."""
_NAMES_TOO = {"null", "nil", "na", "no", "nada", "anonymous", "anonyme", "anónimo"}
_NAMES_TOO |= {"anonym", "аноним", "анонім", "нет", "ні", "non", "nein", "yes", "да", "так"}
"""The same in a column of names; but there are people called so, or who sign so."""


def sheet_words(name: str) -> tuple[str, ...]:
    """Return the words for a sheet, the program's own first."""
    return (name, *(word for words in SHEETS[name].values() for word in words))


def means(text: str, heading: str) -> bool:
    """Return whether a heading, or its tag, is one of the program's in one of the languages."""
    return plain_letters(tag_name(text)) in _HEADINGS[heading]


def is_name_part(text: str, part: str) -> bool:
    """Return whether a heading says that its column holds `given` or `family` names."""
    return plain_letters(tag_name(text)) in _NAME_PARTS[part]


@lru_cache(maxsize=4096)
def own_tag(tag: str) -> str:
    """Return the program's own tag for a heading's in another language: `name` for `nom`."""
    return next((tag_name(heading) for heading in HEADINGS if means(tag, heading)), tag)


def says_yes(text: str) -> bool:
    """Return whether a cell says yes in one of the languages."""
    return len(text) > 0 and plain_letters(text) in _ANSWERS["yes"]


def says_no(text: str) -> bool:
    """Return whether a cell says no in one of the languages."""
    return len(text) > 0 and plain_letters(text) in _ANSWERS["no"]


@lru_cache(maxsize=1 << 12)
def is_unfilled(text: str, *, name: bool = False) -> bool:
    """Return whether text stands where something is still to be filled in: `TBC`, `n.a.`, `-`.

    `name`: in a column of names, where `unknown` is no name either.
    """
    words = _NO_NAME_WORDS if name else _UNFILLED_WORDS
    word = plain_letters(text)
    if not words.isdisjoint((word, word.strip("()[]?!. "))) or _SIGNS.fullmatch(word):
        return True
    apart = _LETTERS.findall(word)  # `Test 1`, `(test) test`
    return bool(apart) and words.issuperset(apart)


def is_name_too(text: str) -> bool:
    """Return whether such a text is somebody's name as well, or how somebody signs."""
    return plain_letters(text) in _PLAIN_NAMES_TOO


def _plain(table: Words, of: Callable[[str], str] = str) -> Mapping[str, frozenset[str]]:
    return {
        own: frozenset(plain_letters(of(w)) for words in by_language.values() for w in words)
        for own, by_language in table.items()
    }


_HEADINGS, _NAME_PARTS = _plain(HEADINGS, tag_name), _plain(NAME_PARTS, tag_name)
_ANSWERS = _plain(ANSWERS)
_UNFILLED_WORDS = {plain_letters(w) for words in _UNFILLED.values() for w in words.split(", ")}
_NO_NAME_WORDS = _UNFILLED_WORDS | {
    plain_letters(w) for words in _NOBODY.values() for w in words.split(", ")
}
_LETTERS = re.compile(r"[^\W\d_]+")
_PLAIN_NAMES_TOO = set(map(plain_letters, _NAMES_TOO))
_SIGNS = re.compile(r"[-–—_?]+|(?:([^\W\d_])\1{2,}+\s*)+")
"""`-`, `???`, `xxx`, `aaaa bbb`."""
