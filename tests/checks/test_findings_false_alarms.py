"""No false alarms: five correct workbooks of offices give no problem."""

from __future__ import annotations

import datetime as dt
from itertools import cycle, islice, product
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from support.campaigns import letters, make, merge, text
from support.documents import docx, table
from support.workbooks import Formatted, Rows


def _sheet(**columns: list[Any]) -> Rows:
    """Return rows from columns by their heading."""
    return [list(columns), *map(list, zip(*columns.values(), strict=True))]


def assert_no_problems(folder: Path, ready: int) -> None:
    """Assert that the check reports nothing, and every letter is created."""
    report = merge("check", folder, "--json").json
    assert report == {"ready": ready, "problems": []}
    result = merge("letters", folder, "--json")
    assert (result.code, result.json["written"], result.json["problems"]) == (0, ready, [])


FIRST = {
    "France": "Amélie Benoît Chloé Désiré Éloïse François Gaëlle Hélène Ismaël Jérôme",
    "Germany": "Änne Björn Cläre Detlef Götz Hölger Jürgen Käthe Lüder Marlies",
    "Poland": "Łucja Michał Stanisław Żaneta Zbigniew Agnieszka Bożena Czesław Grażyna Józef",
    "Russia": "Алёна Борис Вера Григорий Дарья Егор Жанна Зоя Илья Ксения",
    "Egypt": "أحمد بشير جمال حسن خالد داود رامي زينب سارة شريف",
    "India": "राम सीता कमल रीता मोहन गीता विजय सुधा अजय मीरा",
    "Greece": "Άννα Βασίλης Γιώργος Δήμητρα Ελένη Ζωή Ηλίας Θανάσης Ιωάννα Κώστας",
    "China": "王芳 李娜 张伟 刘洋 陈静 杨帆 赵磊 黄丽 周涛 吴敏",
    "United States": "Mary-Jane O'Brien Deshawn Ann DJ Lee-Anne Sean Theo Ursula Vic",
    "Austria": "Anton Berta Cäcilia Dora Emil Friedl Gerda Heinz Ida Josef",
}
LAST = {
    "France": ("d’Été", "Lefèvre", "de La Tour"),
    "Germany": ("Müller", "von der Weiß", "Schröder-Groß"),
    "Poland": ("Wiśniewska", "Kowalczyk", "Nowak"),
    "Russia": ("Семёнова", "Рыжий", "Щукин"),
    "Egypt": ("المصري", "حسين", "النجار"),
    "India": ("शर्मा", "वर्मा", "सिंह"),
    "Greece": ("Παπαδάκης", "Νικολάου", "Αλεξίου"),
    "China": ("", "先生", "女士"),
    "United States": ("King, Jr.", "McDonald", "Santos III"),
    "Austria": ("Huber", "Gruber", "Öttl"),
}
CODES: dict[str, tuple[Any, ...]] = {
    "France": (75007, Formatted(1000, "00000"), "06000"),
    "Germany": (10115, 80331, "01067"),
    "Poland": ("00-950", "31-019"),
    "Russia": (101000, 190000),
    "Egypt": (11511, 21500),
    "India": (110001, 400001),
    "Greece": ("105 57", "546 21"),
    "China": (100000, 200001),
    "United States": ("02134", "10001-1234", 60601),
    "Austria": (1010, 8010, 5020),
}


@pytest.mark.slow
def test_no_false_alarm_for_300_signers_of_ten_countries_and_seven_scripts(tmp_path: Path) -> None:
    signers: list[list[Any]] = [
        ["ID", "Name", "Street", "Postal code", "City", "Country", "E-mail", "Notes"]
    ]
    for land, names in FIRST.items():
        codes = cycle(CODES[land])
        for last, first in product(LAST[land], names.split()):
            number = len(signers)
            street = f"{number} Main St" if number % 3 else None
            mail = f"s{number}@example.org" if number % 2 else None
            note = "TBC" if number % 50 == 0 else None
            name = f"{first} {last}".strip()
            signers.append([number, name, street, next(codes), "City", land, mail, note])
    recipients = _sheet(
        ID=[1, 2],
        Position=["Minister of Justice", None],
        Name=["Dr Li Wei", "H.E. the Ambassador"],
        Organisation=["Ministry of Justice", None],
        Street=["10 Chaoyangmen", "PO Box 4"],
        City=["Beijing", "Berlin"],
        Country=["China", None],
        Salutation=["Minister", "Your Excellency"],
    )
    template = docx(
        "{{ signer.name }}\n{{ signer.street }}\n{{ signer.postal_code }} {{ signer.city }}\n"
        "{{ signer.country }}\n{{ recipient.position }}\n{{ recipient.name }}\n"
        "{{ recipient.organisation }}\n{{ recipient.street }}\n{{ recipient.city }}\n"
        "{{ recipient.country }}\n{{ date }}\nDear {{ recipient.salutation }},\nI write from "
        "{{ signer.city }}.\n{{ signer.name }}",
        footer="{{ signer.name }}, {{ signer.city }}",
    )
    assert_no_problems(make(tmp_path, template, Signers=signers, Recipients=recipients), 600)
    assert text(letters(tmp_path)["राम शर्मा/Dr Li Wei.docx"])[0] == "राम शर्मा"


def test_no_false_alarm_for_a_french_campaign_to_ministries(tmp_path: Path) -> None:
    signers = _sheet(
        Name=["Amélie d’Été", "M.\u00a0Jean-Noël de La Tour", "Zoé ÉLÉONORE"],
        **{"Né(e) le": [dt.date(1961, 5, 8), dt.date(1980, 3, 1), dt.date(1999, 12, 31)]},
        Adresse=["8 rue du 8 Mai 1945", "1 bis, cité É", "CITÉ–UNIVERSITÉ, bât.\u00a0B"],
        **{"Code postal": ["01000", 75007, 59000]},
        Ville=["Bourg", "Paris", "Lille"],
        Téléphone=["1", None, "+33\u00a06\u00a012"],
        Adhérent=["oui", None, "oui"],
    )
    recipients = _sheet(
        Fonction=["Garde des Sceaux", "Préfet"],
        Name=["Mme\u00a0Anne Ôtée", "M.\u00a0Luc À Têtes"],
        Ministère=["JUSTICE", None],
        Adresse=["13 place Vendôme", "À L’HÔTEL…"],
        Salutation=["Madame la Ministre", "Monsieur le Préfet"],
        Devise=["LIBERTÉ\u00a0: «\u00a0ÉGALITÉ\u00a0»", "OÙ\u00a0?"],
        Sexe=["F", "M"],
        Template=[None, "appeal"],
    )
    settings = [["Name", "Value"], ["Language", "fr"], ["Date", dt.date(2026, 11, 1)]]
    template = """\
{{ signer.name }}, {{ signer.adresse }}, {{ signer.code_postal }} {{ signer.ville }}
{{ recipient.fonction }}
{{ recipient.name }}
{{ recipient.ministère }}
{{ recipient.adresse }}
{{ recipient.devise }}
Le {{ date }}
{% if recipient.sexe == 'F' %}Chère{% else %}Cher{% endif %} {{ recipient.salutation }},
Né(e) le {{ signer.né_e_le|date }}{% if signer.adhérent %}, et membre{% endif %}.
{{ signer.name }}"""
    sheets: dict[str, Rows] = {"Signers": signers, "Recipients": recipients, "Settings": settings}
    assert_no_problems(make(tmp_path, template, **sheets), 6)
    assert "Le 1er novembre 2026" in text(letters(tmp_path)["Amélie d’Été/M. Luc À Têtes.docx"])


def test_no_false_alarm_for_pairs_and_personal_sentences(tmp_path: Path) -> None:
    signers: list[list[Any]] = [["ID", "Name", "City", "Include", "Consent"]]
    signers += [[f"S{n}", name, "Oslo", "yes", "x"] for n, name in enumerate(_names(12), 1)]
    signers.append(["S99", "Someone Else", None, "no", None])
    recipients: Rows = [
        ["ID", "Name", "Salutation", "City", "Language", "Include"],
        ["R1", "Judge Kim", "Judge Kim", "Seoul", "ko", None],
        ["R2", "Judge Kim", "Mr. Justice Kim", "Busan", "en", "yes"],
        ["R3", "Prosecutor Ek", "Sir or Madam", None, "sv", None],
    ]
    pairs: Rows = [
        ["Signer", "Recipient", "Sentence", "Met on", "Include"],
        ["*", "R1", None, None, None],
        ["S1", "R1", "You were my teacher.", dt.date(2019, 6, 3), "yes"],
        ["S2", "R2", "We met at the fair.", None, None],
        ["*", "Prosecutor Ek", None, None, None],
        ["S3", "R3", None, None, "no"],
    ]
    body = """\
{{ recipient.name }}
{{ recipient.city }}
{{ date }}
Dear {{ recipient.salutation }},
{{ pair.sentence }}
{% if pair.met_on %}That was on {{ pair.met_on|date }}.{% endif %}
{{ signer.name }}, {{ signer.city }}{% if language == 'sv' %}, Hälsningar{% endif %}"""
    template = docx(body, header="{{ signer.name }} to {{ recipient.name }}")
    sheets: dict[str, Rows] = {"Signers": signers, "Recipients": recipients, "Pairs": pairs}
    assert_no_problems(make(tmp_path, template, **sheets), 12 + 1 + 11)


def _names(count: int) -> list[str]:
    found = product(("Kari", "Ola", "Liv", "Nils"), ("Berg", "Dahl", "Moe", "Lie"))
    return [f"{first} {last}" for first, last in islice(found, count)]


def test_no_false_alarm_for_settings_dates_and_currencies(tmp_path: Path) -> None:
    euro, dollar = '#,##0.00\\ "€"', '"$"#,##0;[Red]\\-"$"#,##0'
    day = dt.datetime(2025, 11, 28, 9, 30)  # noqa: DTZ001 - Excel's days have no zone
    signers = _sheet(
        Name=["Ana Ruiz", "Bo Berg", "Cy Fox"],
        Since=[Formatted(day, code) for code in ("mm-dd-yy", "d mmmm yyyy", "dddd, mmmm d, yyyy")],
        Donation=[Formatted(money, euro) for money in (1234.5, 0, -3)],
        Hours=[950, 12000, 3],
        Share=[Formatted(0.125, "0.0%"), Formatted(1, "0.0%"), Formatted(0.5, "0%")],
        **{"Member no": [Formatted(number, "0000") for number in (7, 1024, 99999)]},
        Active=[True, False, True],
    )
    recipients = _sheet(
        Name=["Minister Li", "Rat Huber"],
        Fine=[Formatted(-2500, dollar), Formatted(12, dollar)],
        Due=[dt.date(2026, 1, 31), dt.date(2026, 2, 1)],
        Hearing=[Formatted(0.5, "h:mm"), Formatted(0.75, "h:mm")],
        Language=["en", "de"],
    )
    settings: Rows = [
        *(["Name", "Value"], ["Campaign", "Spring appeal"], ["Template", "appeal.docx"]),
        *(["Date", "4 March 2026"], ["Language", "en"], ["Pages", 2], ["Sort by", "Name"]),
        ["File name", "{{ signer.member_no }} {{ signer.name }}/{{ recipient.name }}"],
        ["Deadline", dt.date(2026, 5, 1)],
        *(["Goal", Formatted(1000000, "#,##0")], ["Return address", "PO Box 1\nOslo"]),
    ]
    template = """\
{{ recipient.name }}
{{ settings.return_address }}
{{ date }}
A member since {{ signer.since|date }}, no. {{ signer.member_no }}, I gave {{ signer.donation }}
and {{ signer.hours|number }} hours ({{ signer.share }}).
{% if signer.active %}I am active.{% endif %}{% if signer.hours > 1000 %} Very.{% endif %}
The fine of {{ recipient.fine }} is due on {{ recipient.due|date('d MMMM') }}.
The hearing is at {{ recipient.hearing }}.
{% if recipient.due < settings.deadline %}Our goal is {{ settings.goal }}.{% endif %}
By {{ settings.deadline|date }}, {{ settings.campaign }}, {{ signer.name }}"""
    sheets: dict[str, Rows] = {"Signers": signers, "Recipients": recipients, "Settings": settings}
    assert_no_problems(make(tmp_path, template, **sheets), 6)
    assert "0007 Ana Ruiz/Rat Huber.docx" in letters(tmp_path)


def test_no_false_alarm_for_titles_blank_rows_notes_and_further_sheets(tmp_path: Path) -> None:
    cells = ["{{ recipient.name }}", "{{ recipient.address }}"], ["{{ signer.name }}", "x"]
    make(tmp_path, table(*cells))
    book = Workbook()
    del book["Sheet"]
    signers = _titled(book.create_sheet(" signers "), "Signers of the spring appeal")
    signers.append(["No.", " Name ", "E-mail address", "Phone", "Notes", "Internal remarks"])
    for number, name in enumerate(_names(16), 1):
        signers.append([number, name, f"a{number}@example.org", "+47 22 11 00 33", "?", None])
        if number % 5 == 0:
            signers.append([None, "  ", None])
    signers.column_dimensions["C"].hidden = True
    recipients = _titled(book.create_sheet("RECIPIENTS"), "Who gets our letters")
    recipients.append([None, "Name", "Address", "Comment", "Source"])
    recipients.append([None, "Minister Li", "1 Elm Road\n\nLondon N1", "call 5 May 2026", "web"])
    recipients.append([None])
    recipients.append([None, "Consul Roy", "c/o Embassy\nRue 1–3", None, "n/a"])
    recipients.auto_filter.ref = "B4:E7"
    for sheet, tag in ((signers, "No."), (recipients, "Name")):
        assert any(tag in [c.value for c in row] for row in sheet.iter_rows())
    book.create_sheet("Old signers 2024").append(["Name", "x"])
    book.create_sheet("Budget")["C7"] = "=SUM(A1:A3)"
    book.save(tmp_path / "signers.xlsx")
    assert load_workbook(tmp_path / "signers.xlsx").sheetnames[0] == " signers "
    assert_no_problems(tmp_path, 32)


def _titled(sheet: Worksheet, title: str) -> Worksheet:
    """Return a sheet with a title in merged cells, and two blank rows below."""
    sheet.append([title])
    sheet.merge_cells("A1:E1")
    sheet["A2"] = f"as of {dt.date(2026, 3, 4):%d.%m.%Y}"
    sheet["A3"] = None
    sheet.append([])
    return sheet
