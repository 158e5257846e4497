"""Words in a consent column: only a plain yes counts as one."""

from __future__ import annotations

import pytest

from merge.intake.consent import _PLAIN_YES_KINDS as PLAIN_KINDS
from merge.intake.consent import (
    _table_rows,
    asks_for_refusal,
    parse_quoted_words,
    quote_words,
    verdict,
)

QUESTION = "I agree that my name and address are printed in the letters"
YES = [
    "yes",
    "Yes, I agree",
    "OUI ",
    "Sí",
    "Да",
    "نعم، أوافق",
    "1",
    "TRUE",
    "x",
    "Ja;",
    "Einverstanden",
]
YES += [QUESTION, "Я согласен", "Ja, ich stimme zu", "Oui / Yes", "Tak", "yes please"]
NO = ["", "no", "Non", "Нет", "0", "FALSE", "N/A", "-", "لا", "I do not agree", "Nie"]
NO += ["No, please do not", "No, please don’t", "No thank you", "please do not", "Non merci"]
NO += ["Nein, bitte nicht", "No, gracias", "Нет, спасибо", "Ні, будь ласка, не треба", "لا شكرا"]
NEITHER = ["oui mais pas l'adresse", "Yes, but not my address", "Yes, my name only", "Oui, mon nom"]
NEITHER += ["لا أوافق", "Не согласен", "Je n'accepte pas", "maybe", "2026-11-05", "subscribed"]
NEITHER += ["No problem", "No objection", "No, but you may print my initials", "Not now, please"]
NEITHER += ["Yes?", "Oui, sous réserve", "Ja, aber anonym", "I", "Yes, initials only"]


def test_a_sentence_that_agrees_to_be_printed_is_a_plain_yes() -> None:
    for text in (
        "I agree that my name is printed in the letter",
        "J'accepte que mon nom soit imprimé dans la lettre",
        "Ich stimme zu, dass mein Name im Brief gedruckt wird",
    ):
        assert verdict(text, "Your decision") == "yes", text
    for text in (
        "I agree that my name is printed once I have seen the letter",
        "I agree that my name is printed under a pseudonym",
        "I agree that my name is not printed in the letter",
        "I agree to receive the newsletter",
        "Not now",
    ):
        assert verdict(text, "Your decision") != "yes", text


PLAIN = {
    "en": """
Yes|yes.|YES!|Y|true|1|x|☑|Checked|OK|Yes please|Yes, of course|Yes, certainly|Yes, thank you
I agree|I consent|I accept|Agreed|Yes, I agree|I do|I agree to this|I hereby agree
I give my consent|I give permission|Yes, I give you permission|Permission given
I agree that my name and address are printed
I agree that my name and address are printed in the letters
I agree that my name is printed in the letter|Yes, print my name and address
Yes, you may print my name and address in the letters
I consent to my name and address being published
I consent to the publication of my name and address
I am happy for my name and address to appear in the letters
I allow you to publish my full name and address in the petition
You may publish my name and address|You can print my name, street and city
My name and address may be shown in the letter
I authorise you to list my name and address in the letter to the government
I agree that you use my name and address in the letters|I want to sign
I would like to sign the letter|I want to take part|Yes, I want to take part in the campaign
I agree to sign the letters|Yes, add my name to the letter
I confirm that I want to sign this petition|I agree to join
""",
    "fr": """
Oui|oui.|Vrai|Oui, merci|Oui, bien sûr|Oui, avec plaisir|J'accepte|J’accepte|J'autorise
Je suis d'accord|D'accord|Oui, j'accepte|Je consens
J'accepte que mon nom et mon adresse soient imprimés dans les lettres
J'accepte que mon nom soit imprimé dans la lettre
J'autorise la publication de mon nom et de mon adresse
J’autorise l’impression de mon nom et de mon adresse
Oui, vous pouvez imprimer mon nom et mon adresse
Je donne mon accord pour que mon nom et mon adresse figurent dans les courriers
Je souhaite signer la lettre|Je veux participer|Oui, je souhaite participer à la campagne
J'accepte de signer
""",
    "es": """
Sí|si|Sí, claro|Sí, gracias|Sí, por supuesto|Acepto|Autorizo|Estoy de acuerdo|De acuerdo
Sí, acepto|Doy mi consentimiento|Autorizo que mi nombre y dirección aparezcan en las cartas
Acepto que mi nombre y mi dirección se impriman en la carta
Doy permiso para publicar mi nombre y mi dirección|Sí, pueden publicar mi nombre y dirección
Autorizo la publicación de mi nombre y dirección|Quiero firmar la carta|Quiero participar
Sí, deseo firmar
""",
    "de": """
Ja|ja.|wahr|Ja, gerne|Ja, natürlich|Ja, selbstverständlich|Ja, danke|Einverstanden
Ich bin einverstanden|Ich stimme zu|Ja, ich stimme zu
Ich bin einverstanden, dass mein Name und meine Adresse in den Briefen abgedruckt werden
Ich stimme zu, dass mein Name im Brief gedruckt wird
Hiermit willige ich ein, dass mein Name und meine Anschrift veröffentlicht werden
Mein Name und meine Anschrift dürfen gedruckt werden
Mit dem Abdruck meines Namens und meiner Anschrift bin ich einverstanden
Ja, Sie dürfen meinen Namen und meine Adresse drucken
Ich stimme der Veröffentlichung meines Namens und meiner Adresse zu|Ich möchte unterschreiben
Ja, ich möchte mitmachen
""",
    "ru": """
Да|да.|истина|Да, конечно|Да, спасибо|Согласен|Согласна|Я согласен|Да, согласна|Разрешаю
Не возражаю|Даю согласие|Я согласен на публикацию моего имени и адреса
Согласна, чтобы моё имя и адрес были напечатаны в письмах
Разрешаю напечатать мое имя и адрес в письме|Даю согласие на публикацию имени и адреса
Хочу подписать письмо|Хочу участвовать|Да, можно печатать моё имя и адрес|Да, хочу подписать
""",
    "uk": """
Так|так.|Так, звичайно|Так, дякую|Згоден|Згодна|Погоджуюся|Так, згодна|Дозволяю|Даю згоду
Я даю згоду|Погоджуюся, щоб моє ім'я та адресу надрукували в листах
Погоджуюсь на публікацію мого імені та адреси|Даю згоду на друк мого імені та адреси
Дозволяю надрукувати моє ім'я та адресу в листі|Хочу підписати лист|Хочу взяти участь
""",
    "ar": """
نعم|نعم، أوافق|أوافق|موافق|موافقة|نعم، بالتأكيد|نعم، شكرا|أنا موافق
أوافق على طباعة اسمي وعنواني في الرسائل|أوافق على نشر اسمي وعنواني
نعم، أوافق على ذكر اسمي وعنواني في الرسالة|أسمح بنشر اسمي وعنواني|أريد التوقيع على الرسالة
أرغب في المشاركة|أوافق على التوقيع
""",
    "more": """
Sim|Tak|Ano|Evet|Igen|Joo|Ναι|כן|はい|是|네|हाँ|Ja, akkoord|Acconsento|Concordo|Zgadzam się|Souhlasím
Samtycker|同意
""",
}
"""Answers that are a plain yes, by language."""

ASKED = {
    "en": """
I agree that you keep my name private|I agree that my name is kept private
I agree that you keep my name hidden|I agree that my name stays hidden
I agree that you keep my name secret|I agree that you keep my name confidential
I agree that my name is deleted|I agree that you delete my name
I agree that my name is removed from the letter|I agree that my name is withheld
I agree to stay anonymous|I consent to anonymous publication|I agree to the privacy policy
I agree to the terms and conditions|I accept the terms|I accept cookies|I agree to the GDPR notice
I agree to the privacy notice|I agree that my data is stored
I agree to the processing of my personal data|I agree that you keep my data
I agree to be contacted|I agree to receive the newsletter|I agree to receive letters
I agree that you send me letters|I agree to sign up for updates|I agree in part
I agree in principle|I agree with reservations|Yes, my name|Yes, name only|Yes, but not my address
Yes, but keep it private|Yes, initials only|Yes, without my address|Yes, as A. L.|Yes, first name
I agree that my city is printed|I agree that my address is printed
I agree that my initials are printed|I agree that my first name is printed
I agree that my name is printed once I have seen the letter
I agree that my name is printed under a pseudonym|I agree that my name is not printed
I agree that my name is printed if I may read it first
I agree that my name is printed after my release|I agree that my name is printed on your website
I agree that my name is printed or deleted|I agree that nobody prints my name
I agree that my name is printed for nobody|I agree that my name is never printed
I disagree that my name is printed|I do not want to sign|I no longer want to sign
Please print nothing|I agree to withdraw|I withdraw my consent|I refuse|Count me in
Maybe|Perhaps|Yes?|Not now|Later|Ask me|Ask me first|Keep my name private|My name|Print|I|me
I agree to pay|I agree that my mother signs|See above or below, whichever
I agree to share my name with partners|I agree that you sell my name
I agree that my name is blacked out|I agree to unpublish my name
I agree that my name is unlisted
""",
    "fr": """
J'accepte que mon nom reste privé|J'accepte que mon nom reste secret
J'accepte que mon nom soit caché|J'accepte que mon nom soit supprimé
J'accepte que vous gardiez mon nom confidentiel|J'accepte que mes données soient effacées
J'accepte la politique de confidentialité|J'accepte les conditions
J'accepte de recevoir la lettre d'information|J'accepte les cookies|Oui, mais pas mon adresse
Oui mais pas l'adresse|Oui, mon nom|Oui, sous réserve|Oui, sans mon adresse
J'accepte de rester anonyme|J'accepte que seul mon prénom soit imprimé
J'accepte que mon nom ne soit pas imprimé|Je n'accepte pas|Je refuse|Peut-être|J'accepte en partie
J'accepte le traitement de mes données|J'accepte que mes données soient conservées
""",
    "es": """
Acepto que mi nombre sea privado|Acepto que mantengan mi nombre en secreto
Acepto que oculten mi nombre|Acepto que borren mi nombre|Acepto que eliminen mis datos
Acepto la política de privacidad|Acepto los términos y condiciones|Acepto recibir el boletín
Sí, pero no mi dirección|Sí, solo mi nombre|Sí, sin dirección|Sí, mi nombre
Acepto que mi nombre no se imprima|No acepto|Quizás|Acepto en parte
Autorizo el tratamiento de mis datos|Acepto permanecer anónimo
""",
    "de": """
Ich stimme zu, dass mein Name geheim bleibt|Ich bin einverstanden, dass mein Name verborgen bleibt
Ich bin einverstanden, dass mein Name privat bleibt|Ich stimme zu, dass mein Name gelöscht wird
Ich bin einverstanden, dass meine Daten gelöscht werden|Ich stimme der Löschung meines Namens zu
Ich stimme der Datenschutzerklärung zu|Ich akzeptiere die AGB
Ich stimme der Verarbeitung meiner Daten zu|Ich bin mit der Speicherung meiner Daten einverstanden
Ich möchte den Newsletter|Ich möchte anonym bleiben|Ja, aber anonym|Ja, aber ohne Adresse
Ja, nur mein Name|Ja, mein Name|Ich bin einverstanden, dass mein Name nicht gedruckt wird
Nicht einverstanden|Ich stimme nicht zu|Vielleicht|Zum Teil|Ich stimme teilweise zu
Ich bin einverstanden, dass nur meine Initialen gedruckt werden
Ich bin einverstanden, dass mein Name geschwärzt wird
""",
    "ru": """
Согласен, чтобы моё имя осталось в тайне|Я согласен, чтобы моё имя держали в секрете
Согласна, чтобы моё имя было скрыто|Я согласен, чтобы моё имя удалили
Согласен на удаление моих данных|Согласен на обработку персональных данных
Согласен с политикой конфиденциальности|Согласен с правилами|Согласна на рассылку
Да, но без адреса|Да, только имя|Да, моё имя|Да, анонимно|Не согласен|Я не согласна на публикацию
Возможно|Частично согласен|Согласен, чтобы моё имя не печатали|Хочу остаться анонимным
""",
    "uk": """
Погоджуюся, щоб моє ім'я залишилося в таємниці|Погоджуюся, щоб моє ім'я приховали
Погоджуюся, щоб моє ім'я видалили|Згоден на видалення моїх даних
Погоджуюся з політикою конфіденційності|Згода на обробку персональних даних|Погоджуюся з умовами
Так, але без адреси|Так, тільки ім'я|Так, анонімно|Не згоден|Можливо
Погоджуюся, щоб моє ім'я не друкували|Хочу отримувати розсилку
""",
    "ar": """
أوافق على إخفاء اسمي|أوافق على أن يبقى اسمي سريا|أوافق على أن يبقى اسمي خاصا|أوافق على حذف اسمي
أوافق على حذف بياناتي|أوافق على سياسة الخصوصية|أوافق على الشروط|أوافق على معالجة بياناتي
أوافق على النشرة البريدية|نعم، ولكن بدون العنوان|نعم، اسمي فقط|لا أوافق|لا، لا أوافق
أوافق على عدم نشر اسمي|ربما|أوافق جزئيا
""",
    "more": """
Accetto la privacy policy|Acconsento a nascondere il mio nome|Zgadzam się z polityką prywatności
Akkoord met de voorwaarden|Ja, maar anoniem|Concordo com os termos|subscribed|2026-11-05|7
newsletter
""",
}
"""Answers that seem to be a yes, but are not until staff say so."""

FOR_IT = """
Consent|CONSENT|Consent given|Consent (yes/no)|Consent?|Do you agree?|I agree|Agreed|Permission
Agreement|Your decision|Q5|Answer|Consent to print|Consent to publish
May we print your name and address?|May we print it?
Do you consent to your name and city being published with the letter to the Ministry of Justice?
I agree that my name and address are printed in letters and that my data will not be passed on
I agree that my name is printed. I can withdraw at any time.
I have read the privacy policy and agree that my name and address are published
May we use your name in the letter?|Will you sign the letter?|Do you want to take part?
Do you agree that we send the letters in your name?|I want to sign|Include me as a signatory
Print my name: I agree|Yes, print my name|Accord|Consentement|Acceptez-vous ?
J'accepte que mon nom soit publié
Acceptez-vous que votre nom et votre adresse figurent dans la lettre ?|Autorisation de publication
Voulez-vous signer ?|Consentimiento|Autoriza|¿Está de acuerdo?
¿Autoriza que su nombre aparezca en la carta?|¿Quiere firmar?|Einwilligung|Einverstanden
Zustimmung|Zustimmung zur Veröffentlichung|Dürfen wir Ihren Namen drucken?
Darf mein Name gedruckt werden?|Möchten Sie unterschreiben?
Ich stimme der Veröffentlichung meines Namens zu|Согласие|Согласны?|Согласие на публикацию имени
Можно ли напечатать ваше имя и адрес?|Вы согласны подписать письмо?|Згода|Чи згодні ви?
Згода на публікацію|Чи можемо ми надрукувати ваше ім'я?|موافقة|الموافقة|هل توافق؟
هل توافق على نشر اسمك وعنوانك؟|الموافقة على النشر|هل تريد التوقيع على الرسالة؟
"""
FOR_SOMETHING_ELSE = """
I agree to the privacy policy|I accept the privacy policy
I have read and accept the terms and conditions|GDPR|GDPR consent|Data protection|Newsletter
I agree to receive updates|I agree that you keep my name private|Keep my name private
I agree to the processing of my data|Consent to data processing|I agree that my data is stored
May we contact you?|I agree to be contacted|I wish to remain anonymous|I accept cookies
I am over 18 and agree to the rules|Do you agree with our demands?
Do you consent to being photographed?|Please keep my details confidential|Do not publish my name
Hide my name from the public|J'accepte la politique de confidentialité
J'accepte le traitement de mes données|Garder mon nom secret|RGPD
J'accepte de recevoir la lettre d'information|Je souhaite rester anonyme|Ne pas publier mon nom
Acepto la política de privacidad|Acepto los términos|Mantener mi nombre en privado
Autorizo el tratamiento de mis datos|Quiero recibir el boletín|No publicar mi nombre
Ich stimme der Datenschutzerklärung zu|Datenschutz|DSGVO|Ich möchte anonym bleiben
Meinen Namen geheim halten|Ich willige in die Verarbeitung meiner Daten ein
Ich möchte den Newsletter|Bitte nicht veröffentlichen|Согласие на обработку персональных данных
Согласен с политикой конфиденциальности|Скрыть моё имя|Хочу остаться анонимным
Не публиковать моё имя|Згода на обробку персональних даних|Приховати моє ім'я
Погоджуюся з правилами|أوافق على سياسة الخصوصية|إخفاء اسمي|أوافق على معالجة بياناتي
أرغب في النشرة البريدية|لا تنشروا اسمي|أوافق على الشروط
"""


def phrases(table: str) -> list[str]:
    return table.strip().replace("\n", "|").split("|")


@pytest.mark.parametrize("heading", ["", "Your decision", "I agree that my name is printed"])
def test_a_plain_yes_agrees_only_to_being_printed_or_to_taking_part(heading: str) -> None:
    for table in PLAIN.values():
        assert [word for word in phrases(table) if verdict(word, heading) != "yes"] == []
    for table in ASKED.values():
        assert [word for word in phrases(table) if verdict(word, heading) == "yes"] == []


ELSEWHERE = """
I agree with the government|I agree with the minister|I agree to the response|Yes to the government
I would have agreed|I would agree|I may agree|I can agree|Yes, I may|Yes for my son|I agree for my
Je suis d'accord avec le ministre|Si j'accepte|Si je suis d'accord|Oui pour le ministre
Acepto la respuesta|Estoy de acuerdo para mi|Ja, für mich|Ich stimme der Regierung zu
Я был согласен|Я была согласна|Согласен для меня|Я був згоден|Чи згоден|هل أوافق
"""
AGREED = "I agree to this|Permission given|Yes, of course|Sí, por supuesto|Oui, bien sûr|Sí, claro"


def test_an_agreement_with_someone_else_or_at_another_time_is_asked_about() -> None:
    for heading in ("", "Your decision", "I agree that my name is printed"):
        words = phrases(ELSEWHERE)
        assert [word for word in words if verdict(word, heading) == "yes"] == []
        assert [word for word in phrases(AGREED) if verdict(word, heading) != "yes"] == []
    assert verdict("I agree that my name and address are printed for the minister") == "yes"


def test_a_yes_to_a_question_about_something_else_is_asked_about() -> None:
    assert [heading for heading in phrases(FOR_IT) if verdict("Yes", heading) != "yes"] == []
    elsewhere = phrases(FOR_SOMETHING_ELSE)
    assert [heading for heading in elsewhere if verdict("Yes", heading) == "yes"] == []


def test_a_yes_to_only_the_name_or_the_address_is_asked_about() -> None:
    both = "May we print your name and address?"
    assert verdict("I agree that my name is printed", both) == "neither"
    assert verdict("I agree that my name and address are printed", both) == "yes"


def test_no_word_of_a_plain_yes_limits_or_negates_it() -> None:
    kinds = dict[str, set[str]]()
    for kind, phrase in _table_rows():
        kinds.setdefault(phrase, set()).add(kind)
    allowed = PLAIN_KINDS | {"loose", "polite"}  # a polite word counts only after a no
    both = {
        phrase
        for phrase, kinds_of_phrase in kinds.items()
        if kinds_of_phrase & PLAIN_KINDS and kinds_of_phrase - allowed
    }
    assert both == {"si", "na", "stimme"}  # `si` is yes; `na` means no alone, and `on` in Polish


@pytest.mark.parametrize(("words", "expected"), [(YES, "yes"), (NO, "no"), (NEITHER, "neither")])
def test_plain_yes_plain_no_and_unclear_words_are_distinguished(
    words: list[str], expected: str
) -> None:
    assert [word for word in words if verdict(word, QUESTION) != expected] == []


def test_quoted_yes_words_of_the_forms_sheet_are_read_back() -> None:
    words = ("Yes, I agree", 'I "agree"', "1")
    assert parse_quoted_words(quote_words(words)) == words
    assert parse_quoted_words("Oui, “Yes, I agree”") == ("Oui", "Yes, I agree")
    assert parse_quoted_words("") == ()


REFUSING = ["I do not agree to be printed", "Withdraw consent", "Consent withdrawn", "No consent"]
REFUSING += ["Einwilligung widerrufen", "Je n’autorise pas la publication de mon nom"]
REFUSING += ["Я не согласен на публикацию имени", "لا أوافق على نشر اسمي", "Nicht einverstanden"]
REFUSING += ["I accept that my name is NOT printed", "May we print it? [No]", "May we print it?/No"]
REFUSING += ["Please do not print my name", "Do you object to your name being printed?"]
ASKING = ["I agree that my name is printed. You can withdraw at any time.", "Consent yes/no"]
ASKING += ["Ich bin einverstanden. Ich kann die Einwilligung jederzeit widerrufen.", "не возражаю"]
ASKING += ["I agree that my name is printed on letters and that my data will not be passed on"]
ASKING += ["J'accepte que mon nom soit imprimé. Mes données ne seront pas transmises.", QUESTION]


def test_no_word_means_yes_under_a_heading_that_refuses() -> None:
    assert [heading for heading in REFUSING if not asks_for_refusal(heading)] == []
    assert [heading for heading in ASKING if asks_for_refusal(heading)] == []
    assert verdict("Yes", "I do not agree to be printed") == "neither"
