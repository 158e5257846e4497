"""Repeated runs update changed letters and leave other files unchanged."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from docx import Document
from support import staff_actions, workbooks
from support.campaigns import make, text
from support.documents import docx
from support.everyday import everyday
from support.staff_actions import zones

from merge.ooxml.stamps import read_stamp

ANA_LI, ANA_ROY = "Ana Ruiz/Minister Li.docx", "Ana Ruiz/Consul Roy.docx"
BO_LI, BO_ROY = "Bo Berg/Minister Li.docx", "Bo Berg/Consul Roy.docx"
ALL = [ANA_LI, ANA_ROY, BO_LI, BO_ROY]
DATED = '{{ date|date("yyyy-MM-dd") }}\nDear {{ recipient.name }}'


def _settings(**rows: str) -> workbooks.Rows:
    return [["Name", "Value"], *([name.replace("_", " "), value] for name, value in rows.items())]


def _recipients(*rows: list[object]) -> workbooks.Rows:
    return [["Name", "Country", "Note"], *rows]


def test_a_second_run_without_changes_writes_no_file(tmp_path: Path) -> None:
    folder = make(tmp_path)
    assert staff_actions.states(folder) == dict.fromkeys(ALL, "new")
    assert staff_actions.states(folder) == dict.fromkeys(ALL, "unchanged")
    staff_actions.assert_up_to_date(folder)


def test_a_new_version_of_the_program_makes_no_letter_out_of_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make(tmp_path)
    staff_actions.states(folder)
    monkeypatch.setattr("merge.product.__version__", "9.9.9")
    assert staff_actions.states(folder) == dict.fromkeys(ALL, "unchanged")


def test_a_run_updates_only_letters_whose_data_has_changed(tmp_path: Path) -> None:
    template = "Dear {{ recipient.name }} of {{ recipient.country }}"
    folder = make(tmp_path, template)
    staff_actions.run_letters(folder)
    before = staff_actions.snapshot(folder)
    people = [["Name", "Country"], ["Minister Li", "China"], ["Consul Roy", "Nepal"]]
    make(folder, template, Recipients=people)
    steps = staff_actions.states_and_reasons(folder)
    assert steps == {
        ANA_LI: ("unchanged", ""),
        BO_LI: ("unchanged", ""),
        ANA_ROY: ("rewritten", "changed: Country in Recipients"),
        BO_ROY: ("rewritten", "changed: Country in Recipients"),
    }
    after = staff_actions.snapshot(folder)
    assert {path for path in ALL if before[path] != after[path]} == {ANA_ROY, BO_ROY}
    assert text(folder / "letters" / ANA_ROY) == ["Dear Consul Roy of Nepal"]
    staff_actions.assert_up_to_date(folder)


def test_a_changed_column_that_no_letter_prints_makes_no_letter_out_of_date(tmp_path: Path) -> None:
    folder = make(tmp_path)
    staff_actions.run_letters(folder)
    rows = _recipients(["Minister Li", "Peru", "tall"], ["Consul Roy", None, 3])
    make(folder, Recipients=rows, Settings=_settings(Deadline="1 May"))
    assert set(staff_actions.states(folder).values()) == {"unchanged"}
    staff_actions.assert_up_to_date(folder)


def test_a_run_creates_letters_for_added_signers_and_keeps_the_others(tmp_path: Path) -> None:
    folder = make(tmp_path)
    staff_actions.run_letters(folder)
    make(folder, Signers=[["Name"], ["Eva Sand"], ["Bo Berg"], ["Ana Ruiz"]])
    states = staff_actions.states(folder)
    new = {path for path, state in states.items() if state == "new"}
    assert new == {"Eva Sand/Minister Li.docx", "Eva Sand/Consul Roy.docx"}
    assert {states[path] for path in ALL} == {"unchanged"}
    staff_actions.assert_up_to_date(folder)


def test_a_template_with_other_words_updates_every_letter(tmp_path: Path) -> None:
    folder = make(tmp_path)
    staff_actions.run_letters(folder)
    make(folder, "Hello {{ recipient.name }}")
    assert set(staff_actions.states_and_reasons(folder).values()) == {
        ("rewritten", "changed: the template")
    }
    assert text(folder / "letters" / BO_LI) == ["Hello Minister Li"]
    staff_actions.assert_up_to_date(folder)


def test_a_template_with_other_formatting_updates_every_letter(tmp_path: Path) -> None:
    folder = make(tmp_path)
    staff_actions.run_letters(folder)
    path = folder / "templates" / "appeal.docx"
    document = Document(str(path))
    document.paragraphs[1].runs[0].bold = True
    document.save(str(path))
    assert set(staff_actions.states_and_reasons(folder).values()) == {
        ("rewritten", "changed: the template")
    }
    assert Document(str(folder / "letters" / BO_LI)).paragraphs[1].runs[0].bold
    staff_actions.assert_up_to_date(folder)


def test_a_template_with_other_properties_makes_no_letter_out_of_date(tmp_path: Path) -> None:
    """Change the author of the template, and zip it again."""
    folder = make(tmp_path, docx("Dear {{ recipient.name }}", title="Appeal"))
    staff_actions.run_letters(folder)
    path = folder / "templates" / "appeal.docx"
    author = b"<dc:creator>Eva Sand</dc:creator></cp:coreProperties>"
    staff_actions.change_part(path, "docProps/core.xml", b"</cp:coreProperties>", author)
    staff_actions.zip_again(path)
    assert set(staff_actions.states(folder).values()) == {"unchanged"}


def test_a_run_updates_only_letters_of_the_changed_template(tmp_path: Path) -> None:
    rows = [["Name", "Template"], ["Minister Li", "short"], ["Consul Roy", None]]
    folder = make(tmp_path, Recipients=rows, Settings=_settings(Template="appeal"))
    short = folder / "templates" / "short.docx"
    short.write_bytes(docx("Short."))
    staff_actions.run_letters(folder)
    short.write_bytes(docx("Shorter."))
    states = staff_actions.states(folder)
    assert {path for path in ALL if states[path] == "rewritten"} == {ANA_LI, BO_LI}
    staff_actions.assert_up_to_date(folder)


def test_a_deleted_letter_is_created_again_with_the_same_bytes(tmp_path: Path) -> None:
    folder = make(tmp_path)
    staff_actions.run_letters(folder)
    before = staff_actions.snapshot(folder)[ANA_LI]
    (folder / "letters" / ANA_LI).unlink()
    states = staff_actions.states(folder)
    assert states.pop(ANA_LI) == "new"
    assert set(states.values()) == {"unchanged"}
    assert staff_actions.snapshot(folder)[ANA_LI][0] == before[0]
    staff_actions.assert_up_to_date(folder)


def test_a_restored_earlier_version_of_a_letter_is_updated(tmp_path: Path) -> None:
    folder = make(tmp_path)
    staff_actions.run_letters(folder)
    path = folder / "letters" / ANA_LI
    earlier_version = path.read_bytes()
    make(folder, "Hello {{ recipient.name }}")
    staff_actions.run_letters(folder)
    path.write_bytes(earlier_version)
    assert staff_actions.states_and_reasons(folder)[ANA_LI] == (
        "rewritten",
        "the file was an earlier version",
    )
    assert text(path) == ["Hello Minister Li"]
    staff_actions.assert_up_to_date(folder)


def test_a_run_for_one_signer_updates_only_their_letters(tmp_path: Path) -> None:
    folder = make(tmp_path)
    staff_actions.run_letters(folder)
    before = staff_actions.snapshot(folder)
    make(folder, "Hello {{ recipient.name }}")
    assert staff_actions.states(folder, "--for", "Bo Berg") == {
        BO_LI: "rewritten",
        BO_ROY: "rewritten",
    }
    after = staff_actions.snapshot(folder)
    assert {path for path in ALL if before[path] != after[path]} == {BO_LI, BO_ROY}
    assert staff_actions.states(folder)[ANA_LI] == "rewritten"
    staff_actions.assert_up_to_date(folder)


def test_a_blocked_letter_is_not_changed_by_a_run(tmp_path: Path) -> None:
    template = "Dear {{ recipient.country }} friend"
    folder = make(tmp_path, template)
    staff_actions.run_letters(folder)
    before = staff_actions.snapshot(folder)
    rows = [["Name", "Country"], ["Minister Li", None], ["Consul Roy", "Nepal"]]
    make(folder, template, Recipients=rows)
    staff_actions.run_letters(folder)
    assert staff_actions.snapshot(folder) == before
    states = staff_actions.states(folder, "--skip-errors")
    assert states == {ANA_LI: "faulty", BO_LI: "faulty", ANA_ROY: "rewritten", BO_ROY: "rewritten"}
    assert staff_actions.snapshot(folder)[ANA_LI] == before[ANA_LI]


@zones
def test_a_run_on_the_next_day_changes_no_letter_and_dates_new_ones(tmp_path: Path) -> None:
    folder = make(tmp_path, DATED)
    with staff_actions.day(0) as first:
        staff_actions.run_letters(folder)
    before = staff_actions.snapshot(folder)
    make(folder, DATED, Signers=[["Name"], ["Ana Ruiz"], ["Bo Berg"], ["Eva Sand"]])
    with staff_actions.day(1) as second:
        states = staff_actions.states(folder)
        assert {path for path, state in states.items() if state == "new"} == {
            "Eva Sand/Minister Li.docx",
            "Eva Sand/Consul Roy.docx",
        }
        staff_actions.assert_up_to_date(folder)
    assert second - first == dt.timedelta(1)
    assert {path: staff_actions.snapshot(folder)[path] for path in ALL} == before
    assert text(folder / "letters" / ANA_LI)[0] == str(first)
    assert text(folder / "letters" / "Eva Sand" / "Consul Roy.docx")[0] == str(second)


@zones
@pytest.mark.parametrize("how", everyday(["rewritten", "made again", "deleted"]))
def test_an_updated_letter_keeps_the_date_of_its_creation(tmp_path: Path, how: str) -> None:
    folder = make(tmp_path, DATED)
    path = folder / "letters" / ANA_LI
    with staff_actions.day(0) as first:
        staff_actions.run_letters(folder)
    with staff_actions.day(1):
        if how == "deleted":
            path.unlink()
        elif how == "made again":
            staff_actions.add_line(path, "By hand.")
        else:
            make(folder, DATED + "!")
        staff_actions.run_letters(
            folder, *(["--replace", "Ana Ruiz", "--yes"] if how == "made again" else [])
        )
        staff_actions.assert_up_to_date(folder)
    assert text(path)[0] == str(first)
    stamp = read_stamp(path.read_bytes())
    assert stamp
    assert stamp.day == first


@zones
def test_the_date_setting_replaces_the_date_of_letters_and_can_be_removed(tmp_path: Path) -> None:
    with staff_actions.day(0) as first:
        staff_actions.run_letters(make(tmp_path, DATED))
    before = staff_actions.snapshot(tmp_path)
    with staff_actions.day(1):
        make(tmp_path, DATED, Settings=_settings(Date="2027-05-01"))
        assert set(staff_actions.states_and_reasons(tmp_path).values()) == {
            ("rewritten", "changed: the date")
        }
        assert text(tmp_path / "letters" / ANA_LI)[0] == "2027-05-01"
        staff_actions.assert_up_to_date(tmp_path)
        workbooks.campaign(tmp_path)
        assert set(staff_actions.states_and_reasons(tmp_path).values()) == {
            ("rewritten", "changed: the date")
        }
        staff_actions.assert_up_to_date(tmp_path)
    assert text(tmp_path / "letters" / ANA_LI)[0] == str(first)
    after = staff_actions.snapshot(tmp_path)
    assert {path: after[path][0] for path in ALL} == {path: before[path][0] for path in ALL}


def test_a_changed_file_name_setting_applies_only_to_new_letters(tmp_path: Path) -> None:
    folder = make(tmp_path)
    staff_actions.run_letters(folder)
    pattern = "{{ recipient.name }} from {{ signer.name }}"
    people = [["Name"], ["Ana Ruiz"], ["Bo Berg"], ["Eva Sand"]]
    make(folder, Signers=people, Settings=_settings(File_name=pattern))
    states = staff_actions.states(folder)
    assert {states.pop(path) for path in ALL} == {"unchanged"}
    assert set(states) == {f"{who} from Eva Sand.docx" for who in ("Minister Li", "Consul Roy")}
    staff_actions.assert_up_to_date(folder)


@pytest.mark.parametrize(
    "cloud", everyday(["OneDrive - Org", "Dropbox", "Google Drive", "iCloud Drive"])
)
def test_a_campaign_in_a_cloud_folder_is_reported_in_its_first_run_only(
    tmp_path: Path, cloud: str
) -> None:
    folder = make(tmp_path / cloud / "campaign")
    name = cloud.partition(" - ")[0].removesuffix(" Drive")
    assert name in staff_actions.run_problems(folder)["cloud-folder"]
    assert "cloud-folder" not in staff_actions.run_problems(folder)
    assert "cloud-folder" not in staff_actions.run_problems(make(tmp_path / "plain"))
