"""Headings that are right for a column, by what the column contains.

A new workbook may have English headings, or those of the appeal's language.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_HEADINGS: Mapping[str, str] = {
    "name": "Name; Full name; Nom; Nombre; Имя; ФИО; Ім'я; ПІБ; الاسم",
    "position": "Position; Title; Office; Function; Job title; Role; Fonction; Poste; Titre; "
    "Cargo; Puesto; Funktion; Amt; Должность; Посада; المنصب; الوظيفة",
    "organisation": "Organisation; Institution; Ministry; Office; Company; Organización; "
    "Ministère; Ministerio; Institución; Behörde; Ministerium; Организация; Учреждение; "
    "Організація; Установа; المؤسسة; الجهة",
    "department": "Department; Organisation; Service; Division; Direction; Departamento; "
    "Abteilung; Отдел; Управление; Відділ; القسم",
    "street": "Street; Address; Address line; Rue; Adresse; Calle; Dirección; Straße; Anschrift; "
    "Улица; Адрес; Вулиця; Адреса; العنوان; الشارع",
    "city": "City; Town; Postcode and city; Place; Ville; Ciudad; Ort; Stadt; PLZ und Ort; Город; "
    "Місто; المدينة",
    "postcode": "Postcode; Postal code; ZIP; Code postal; Código postal; PLZ; Postleitzahl; "
    "Индекс; Індекс; الرمز البريدي",
    "country": "Country; Pays; País; Land; Страна; Країна; البلد; الدولة",
    "salutation": "Salutation; Greeting; Dear; Form of address; Formule d'appel; Appel; Saludo; "
    "Tratamiento; Anrede; Briefanrede; Обращение; Звертання; التحية; المخاطبة",
    "email": "Email; E-mail; Email address; Courriel; Correo electrónico; E-Mail-Adresse; "
    "Электронная почта; Електронна пошта; البريد الإلكتروني",
    "phone": "Phone; Telephone; Tel; Fax; Téléphone; Teléfono; Telefon; Телефон; الهاتف",
    "date": "Date; Fecha; Datum; Дата; التاريخ",
    "reference": "Reference; Ref; Our reference; File number; Référence; Referencia; Aktenzeichen; "
    "Номер; المرجع",
}


def acceptable_headings(column: str, heading: str) -> frozenset[str]:
    """Return the right headings of a column, in lower case.

    The column is named like `r.street2`. If it is not known, every heading is right, and the
    result is empty.
    """
    kind = re.sub(r"^\w\.|\d+$", "", column)
    known = _HEADINGS.get(kind, "")
    return (
        frozenset(text.casefold() for text in (*known.split("; "), heading))
        if known
        else frozenset()
    )
