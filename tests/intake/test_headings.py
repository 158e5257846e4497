"""Meanings of real headings of forms: matched, asked about, or unused."""

from __future__ import annotations

from support.speed import within

from merge.intake.headings import count_known_headings, meaning

REAL = """
What's your full name?|Name
Full Name (First and Last)|Name
Please print your name as it appears on your ID|?
Name of signatory|Name
Your first name|First name
Surname / Last name|Last name
Preferred name|-
Legal first name|First name
Name of your organization (if any)|-
Name, if any|?
Name and surname|Name
NAME (please write clearly)|Name
Dog Call Name|-
Registered name of horse|-
Team name|-
Emergency contact name|-
Emergency contact's first name|-
Mother's maiden name|-
Parent/Guardian first name|-
Child's full name|-
What is the name of this resource?|-
Name of your MP|-
Name of person who referred you|-
Scientific name|-
File name|-
Username|key:email
Email|key:email
E-mail address:|key:email
Your e-mail (we will not share it)|key:email
Parent's email|-
Preferred e-mail|key:email
What is your postal address?|Address
Mailing Address|Address
Address (street and number)|Street
Street Address|Street
Address Line 2|Street (2)
Apt/Suite|Street (2)
City/State|-
City, State, Zip|Postal code and city
City of birth|-
Town/City|City
In which city do you live?|City
Which town do you live in|City
What is your zip code?|Postal code
Zip/Postal Code|Postal code
What is your 5-digit ZIP code?|Postal code
Country of residence|Country
Country of origin|-
Country Code|-
What country are you from?|?
State|Region
IP Address|-
Billing city|-
Company address|-
Work address|-
Web address|-
Phone number|-
Do you agree that your name will be published?|Consent
I consent to my name and address being printed|Consent
May we use your name in the letter?|Consent
I agree to receive the newsletter|newsletter
Can we contact you by e-mail?|newsletter
Yes, keep me updated by email|newsletter
Sign up for our mailing list|newsletter
Comments|-
Why is this important to you?|-
Date of birth|-
Timestamp|order
Submitted At|order
Entry ID|key:id
Response ID|key:id
Collector ID|-
Nom|Name
Nom de famille|Last name
Prénom(s)|First name
Votre nom et prénom|Name
Nom de l'association|-
Nom du projet|-
Conseiller_Nom|-
Nom de naissance|-
Adresse postale complète|Address
Adresse IP|-
Numéro et nom de rue|Street
Code Postal / Ville|Postal code and city
Ville de naissance|-
Acceptez-vous que votre nom soit publié ?|Consent
Je souhaite être informé(e) des suites de l'action|newsletter
Nombre y apellidos|Name
Nombre de la empresa|-
Nombre de la mascota|-
Apellido(s)|Last name
Dirección de correo electrónico|key:email
Localidad de residencia|City
DNI / NIE|-
Autorizo el tratamiento de mis datos|Consent
Vor- und Nachname|Name
Name des Vereins|-
Name, Vorname|Name
Straße, Nr.|Street
PLZ, Ort|Postal code and city
Geburtsort|-
Ich stimme der Veröffentlichung meines Namens zu|Consent
Ich möchte den Newsletter erhalten|newsletter
Фамилия, имя, отчество|Name
ФИО руководителя|-
Ваше имя и фамилия|Name
Город проживания|City
Название организации|-
Электронный адрес|?
Даю согласие на публикацию моего имени|Consent
Прізвище та ім'я|Name
Назва організації|-
Місто (село)|City
Даю згоду на обробку персональних даних|Consent
الاسم الكامل|Name
اسم الشركة|-
البريد الإلكتروني|key:email
هل توافق على نشر اسمك؟|Consent
رقم الهاتف|-
Nome e cognome|Name
Nome dell'associazione|-
Imię i nazwisko|Name
Naam|Name
Ad Soyad|Name
"""
"""Headings of public forms and lists, each with its expected field.

- `-`: nothing is matched.
- `?`: nothing is matched, although something could be."""
CASES = [tuple(line.rsplit("|", 1)) for line in REAL.strip().splitlines()]


def filled(heading: str) -> str:
    """Return the field that is matched in advance, if the list needs it."""
    heading_meaning = meaning(heading)
    is_unused = (
        heading_meaning.field in {"leave out", "Organisation", "kind"} or not heading_meaning.field
    )
    return (
        "-"
        if is_unused or heading_meaning.strength not in {"sure", "likely"}
        else heading_meaning.field
    )


def test_none_of_124_real_headings_is_matched_wrongly() -> None:
    wrong = [(h, filled(h), w) for h, w in CASES if filled(h) not in {w.strip("?"), "-"}]
    assert wrong == []


def test_nine_of_ten_real_headings_with_a_field_are_matched() -> None:
    to_fill = [(h, w) for h, w in CASES if w not in "-?"]
    assert sum(filled(h) == w for h, w in to_fill) >= 0.9 * len(to_fill)


def test_a_heading_with_one_known_word_or_nearly_a_phrase_is_a_question() -> None:
    asked = ("What name should we use on the certificate?", "Conseiller_Nom", "Pstal code")
    assert [meaning(h).strength for h in asked] == ["asked"] * 3


def test_a_heading_about_consent_has_priority_over_names_and_newsletters_over_consent() -> None:
    assert meaning("I agree that my name and address are printed").field == "Consent"
    assert (
        meaning("I agree that you send the newsletter to my e-mail address").field == "newsletter"
    )
    assert meaning("subscribed").field == meaning("email_opt_in").field == "newsletter"


def test_the_last_part_of_a_heading_has_priority() -> None:
    headings = {
        "grp_signer/nom": "Name",
        "addr[zip]. Your postal address [Postcode]": "Postal code",
        "name[last]. Your name [Surname]": "Last name",
        "Ville / Town / Ort": "City",
        "<span>City&nbsp;</span> *": "City",
        "Nice to meet you, {{field:8a1c}}. And your *last name*?": "Last name",
        "2. Street and number": "Street",
        "Points - Postcode": "leave out",
    }
    assert {h: meaning(h).field for h in headings} == headings


def test_a_prefix_of_a_heading_says_whose_address_it_is() -> None:
    home, work = meaning("primary_zip"), meaning("billing_zip")
    assert (home.field, home.strength, home.group) == ("Postal code", "sure", "primary")
    assert (work.field, work.strength, work.is_elsewhere) == ("Postal code", "asked", True)
    assert meaning("Name", "Emergency contact").strength == "asked"


def test_a_row_of_headings_is_distinguished_from_a_row_of_responses() -> None:
    assert count_known_headings(("Timestamp", "Nom et prénom", "Code postal", "")) == 3
    assert (
        count_known_headings(("2026-11-03", "Anna Nowak", "00-950", "Yes, I do", "a@b.example"))
        == 0
    )


def test_three_hundred_headings_are_interpreted_in_seconds() -> None:
    with within(5):
        for number in range(300):
            meaning(f"What do you think of our plan number {number} for the town, in a few words?")


PARTS = {
    "First name": """
FName|F_Name|f_name|FNAME|F-Name|F.Name|F. Name|FName:|FRST_NM|FRSTNM|FirstNm|FST_NM
Fst Name|1st Name|First|FirstName|FIRST_NAME|First Name(s)|Name (First)|NAME_FIRST|Given
GIVEN_NM|GVN_NM|GIVENNAMES|Fore Name|Forename(s)|Vorname|Vor_name|Vornamen|Prénom|PRENOM
Prénoms|Nombre|Nombres|PrimerNombre|Имя|ИМЯ|Ім'я|Ім’я|Імʼя|الاسم الأول|Imię
""",
    "Last name": """
LName|L_Name|l_name|LNAME|L-Name|L.Name|L. Name|LName:|LST_NM|LSTNM|LastNm|LAST_NM
Lst Name|Last|LastName|LAST_NAME|Name (Last)|NAME_LAST|Surname|Sur_Name|SurName|SurNm|SRNM
Family|FamilyName|FAM_NM|Family Nm|Nachname|Nach_name|Familienname|Nom de famille
NomDeFamille|NOM_FAMILLE|Apellido|Apellidos|apellido1|ApellidoPaterno|Фамилия|ФАМИЛИЯ
Прізвище|اسم العائلة|اللقب|Nazwisko
""",
    "Middle name": """
MName|M_Name|MI|M.I.|Middle|MDL_NM|Mid Name|MiddleNm|Отчество
""",
    "Name": """
First, Last|FirstLast|Last_First|First Last|FULL_NM|FULLNM|Name|NAME|Vor- und Nachname|ФИО
""",
}


def test_headings_of_parts_of_names_are_recognised_in_any_spelling() -> None:
    for field, headings in PARTS.items():
        for heading in headings.replace("\n", "|").strip("|").split("|"):
            heading_meaning = meaning(heading)
            assert (heading_meaning.field, heading_meaning.strength in {"sure", "likely"}) == (
                field,
                True,
            ), heading


def test_a_heading_with_first_or_last_that_is_not_a_name_has_no_meaning() -> None:
    for heading in (
        "Last login",
        "First donation",
        "Last modified",
        "First seen",
        "Family members",
    ):
        assert not meaning(heading).field, heading
