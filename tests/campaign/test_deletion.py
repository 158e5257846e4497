"""Deleting a person's data: what is deleted, kept and reported."""

from __future__ import annotations

import json
import random
import shutil
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from openpyxl import load_workbook
from support.campaigns import RunResult, letters, make, merge
from support.copied_folders import copy_made_folder
from support.documents import docx
from support.everyday import everyday, seeds
from support.file_texts import texts_in
from support.registers import excel
from support.staff_actions import add_line, id_in, lose_ledger

from merge.campaign.campaign import read_campaign
from merge.campaign.letters_order import LettersOrder
from merge.campaign.letters_run import write_letters
from merge.campaign.overview import inspect_campaign
from merge.campaign.pending_decisions import save_decisions
from merge.campaign.plan import LettersRunPlan
from merge.computer import draft_name
from merge.errors import MergeError
from merge.state.ledger import ledger_to_read

SIGNERS = [
    ["ID", "Name", "City", "Street"],
    ["S1", "Ana Ruiz", "Sevilla", "Calle del Olivo 4"],
    ["S2", "Bo Lindgren", "Malmö", "Fågelvägen 7"],
    ["S3", "Олена Журавчук", "Львів", "вул. Яблунева 12"],
    ["S4", "Thandiwe Mokoena", "Sevilla", "18 Protea Road"],
]
RECIPIENTS = [["ID", "Name"], ["R1", "Minister Li Wen"], ["R2", "Consul Roy"]]
TEMPLATE = "Dear {{ recipient.name }},\n{{ signer.name }}\n{{ signer.street }}\n{{ signer.city }}"
PERSONAL_TEXTS = {
    "S1": ("Ana Ruiz", "Calle del Olivo 4"),
    "S3": ("Олена Журавчук", "вул. Яблунева 12", "Львів"),
}


def create_letters(folder: Path) -> None:
    """Create the letters of four signers to two recipients."""
    merge("letters", make(folder, TEMPLATE, Signers=SIGNERS, Recipients=RECIPIENTS))


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    return copy_made_folder(create_letters, tmp_path)


def _delete_row(folder: Path, person_id: str) -> None:
    """Delete the person's row of the workbook, as staff do."""
    with excel(folder / "signers.xlsx", "Signers") as sheet:
        row = next(n for n in range(2, sheet.max_row + 1) if sheet.cell(n, 1).value == person_id)
        sheet.delete_rows(row)


def _files_with(folder: Path, words: str) -> list[str]:
    """Return the files with these words in their names or contents.

    Case and normal form do not count.
    """
    folded = unicodedata.normalize("NFKD", words).casefold()
    names = []
    for path in sorted(folder.rglob("*")):
        path_text = path.relative_to(folder).as_posix()
        texts = [path_text, *(texts_in(path.read_bytes()) if path.is_file() else ())]
        if any(folded in unicodedata.normalize("NFKD", text).casefold() for text in texts):
            names.append(path_text)
    return names


@pytest.mark.slow
def test_a_deletion_leaves_no_data_after_the_workbook_row_is_deleted(campaign: Path) -> None:
    merge("print", campaign)
    merge("proofread", campaign)
    others = {p: f.read_bytes() for p, f in letters(campaign).items() if not p.startswith("Ana")}
    ran = merge("delete-person", "S1", campaign, "--yes")
    assert ran.code == 1
    assert "signers.xlsx: Signers!" in ran.err
    _delete_row(campaign, "S1")
    ran = merge("delete-person", "Ana Ruiz", campaign, "--yes")
    assert (ran.code, ran.last) == (0, "No data about Ana Ruiz is left.")
    for words in PERSONAL_TEXTS["S1"]:
        assert _files_with(campaign, words) == []
    assert {p: f.read_bytes() for p, f in letters(campaign).items()} == others


def test_a_deletion_finds_edited_copied_moved_and_old_letters_by_their_id(campaign: Path) -> None:
    root = campaign / "letters"
    signer_folder = root / "Олена Журавчук"
    add_line(signer_folder / "Consul Roy.docx", "With my own words.")
    shutil.copyfile(signer_folder / "Minister Li Wen.docx", root / "Bo Lindgren" / "copy.docx")
    merge("letters", campaign, "--replace", "S3", "--yes")
    (signer_folder / "Consul Roy.docx").rename(root / "elsewhere.docx")
    preview = merge("delete-person", "S3", campaign, "--dry-run", "--json").json
    assert len(preview["letters"]) == 4
    merge("delete-person", "S3", campaign, "--yes")
    _delete_row(campaign, "S3")
    for words in PERSONAL_TEXTS["S3"]:
        assert _files_with(campaign, words) == []
    assert len(letters(campaign)) == 6


def test_a_deletion_that_is_a_dry_run_or_not_confirmed_changes_nothing(campaign: Path) -> None:
    merge("print", campaign)
    before = {p: p.read_bytes() for p in campaign.rglob("*") if p.is_file()}
    assert merge("delete-person", "S1", campaign, "--dry-run").code == 0
    ran = merge("delete-person", "S1", campaign)
    assert ran.code == 1
    assert "run again with --yes" in ran.out
    assert {p: p.read_bytes() for p in campaign.rglob("*") if p.is_file()} == before


def test_a_deletion_reports_a_workbook_row_once(campaign: Path) -> None:
    errors = merge("delete-person", "S1", campaign, "--dry-run").err
    assert "Found here, for you to delete:" in errors
    assert errors.count("signers.xlsx") == errors.count("Signers!B2") == 1


@pytest.mark.slow
def test_a_deletion_deletes_exactly_the_files_of_its_preview(campaign: Path) -> None:
    merge("print", campaign)
    preview = merge("delete-person", "S1", campaign, "--dry-run", "--json").json
    before = {p.relative_to(campaign).as_posix() for p in campaign.rglob("*") if p.is_file()}
    merge("delete-person", "S1", campaign, "--yes")
    after = {p.relative_to(campaign).as_posix() for p in campaign.rglob("*") if p.is_file()}
    assert before - after == {*preview["letters"], *preview["shared"]}
    assert preview["shared"]


@pytest.mark.slow
def test_a_deletion_of_one_of_two_namesakes_needs_an_id(tmp_path: Path) -> None:
    signers = [["ID", "Name"], ["S1", "Ana Ruiz"], ["S2", "Ana Ruiz"]]
    merge("letters", make(tmp_path, Signers=signers))
    ran = merge("delete-person", "ana ruiz", tmp_path, "--yes")
    assert ran.code == 2
    assert "Several people have this name" in ran.err
    assert len(letters(tmp_path)) == 4
    merge("delete-person", "S2", tmp_path, "--yes")
    assert len(letters(tmp_path)) == 2


def test_a_deletion_does_not_search_for_towns_and_other_cells(campaign: Path) -> None:
    (campaign / "notes.txt").write_text("Sevilla is lovely in May.", encoding="utf-8")
    (campaign / "list.txt").write_text("RUIZ Ana, Sevilla", encoding="utf-8")
    remaining = merge("delete-person", "S1", campaign, "--yes", "--json").json["left"]
    assert "notes.txt" not in remaining
    assert "list.txt" in remaining


@pytest.mark.slow
def test_a_deletion_keeps_counts_of_posted_letters_only_on_request(campaign: Path) -> None:
    merge("mark", "posted", campaign, "--for", "S1", "--yes", "--date", "2026-11-20")
    merge("delete-person", "S1", campaign, "--yes", "--keep-counts")
    sheet = load_workbook(campaign / "register.xlsx")["Register"]
    headings = [cell.value for cell in sheet[1]]
    rows = [
        dict(zip(headings, (c.value for c in row), strict=True))
        for row in sheet.iter_rows(min_row=2)
    ]
    kept_rows = [row for row in rows if row["Status"] == "data deleted"]
    assert len(kept_rows) == 2
    assert all(
        row["Posted"] and not (row["Signer"] or row["ID"] or row["File"]) for row in kept_rows
    )
    _delete_row(campaign, "S1")
    ran = merge("letters", campaign)
    assert "This row has no letter's ID" not in ran.err
    merge("mark", "posted", campaign, "--for", "S2")
    merge("delete-person", "S2", campaign, "--yes")
    sheet = load_workbook(campaign / "register.xlsx")["Register"]
    assert sum(1 for row in sheet.iter_rows(min_row=2) if row[4].value == "data deleted") == 2


@pytest.mark.parametrize(
    "lock_file", everyday(["letters/Ana Ruiz/~$nsul Roy.docx", "~$register.xlsx"])
)
def test_a_deletion_is_refused_while_a_letter_or_the_register_is_open(
    lock_file: str, campaign: Path
) -> None:
    (campaign / lock_file).write_bytes(b"open")
    ran = merge("delete-person", "S1", campaign, "--yes")
    assert ran.code == 1
    assert "is open" in ran.err
    paths = [p for p in letters(campaign).values() if not p.name.startswith("~$")]
    assert len(paths) == 8


@pytest.mark.slow
def test_a_deletion_keeps_letters_and_ledger_records_of_others(campaign: Path) -> None:
    merge("mark", "posted", campaign, "--all")
    merge("mark", "posted", campaign, "--undo", "--for", "S4")
    merge("letters", campaign)
    merge("delete-person", "S1", campaign, "--yes")
    _delete_row(campaign, "S1")
    ran = merge("letters", campaign)
    assert "register-is-right" not in ran.err
    result = merge("letters", campaign, "--json").json
    assert result["planned"] == result["unchanged"] + result["kept"] == 6
    with ledger_to_read(campaign / "letters") as ledger:
        assert sum(person.kind == "signer" for person in ledger.people()) == 3
        assert len(ledger.letter_ids()) == 6


def test_a_deletion_of_a_recipient_deletes_the_letters_to_them(campaign: Path) -> None:
    merge("delete-person", "R2", campaign, "--yes")
    assert len(letters(campaign)) == 4
    kept = {"signers.xlsx", "Appeal Merge records"}  # the row, and what is searched for until then
    assert {path.partition("/")[0] for path in _files_with(campaign, "Consul Roy")} == kept
    with excel(campaign / "signers.xlsx", "Recipients") as sheet:
        sheet.delete_rows(3)
    assert merge("delete-person", "R2", campaign, "--yes").code == 0
    assert _files_with(campaign, "Consul Roy") == []


class _Office:
    """A campaign with a random action of staff on each day."""

    def __init__(self, folder: Path, chance: random.Random) -> None:
        self.folder, self.chance = folder, chance
        self.names = {signer_id: name for signer_id, name, *_ in SIGNERS[1:]}
        self.former_names: dict[str, set[str]] = {signer_id: set() for signer_id in self.names}
        self.old_register = b""
        self.actions: list[Callable[[], object]] = [
            *(self._edit, self._move, self._copy, self._copy_register, self._rename_signer),
            *(
                self.lose_ledger,
                self._restore_older_register,
                self._create_trial_letters,
                self._leave_killed_run,
            ),
            *(self._decide, self._rename_and_decide, self._edit_and_decide) * 2,
            lambda: self._run("print", "--skip-errors"),
            lambda: self._run("print", "--skip-errors", "--per-signer", "--parcels"),
            lambda: self._run("proofread"),
            lambda: self._run("letters", "--replace", "S1", "--yes"),
            lambda: self._run("letters", chance.choice(["--release", "--restore-dates"])),
            lambda: self._run("letters", "--keep", chance.choice(["S1", "S3", "edited", "all"])),
            lambda: self._run("print", "--accept", chance.choice(["S1", "S3", "all"])),
            lambda: self._run("mark", chance.choice(["printed", "signed", "posted"]), "--all"),
            lambda: self._run("mark", "posted", "--for", "S3"),
            lambda: self._run("report", "--with-names"),
        ]

    def day(self) -> None:
        self.chance.choice(self.actions)()
        if self.chance.random() < 0.8:
            self._run("letters")

    def _run(self, command: str, *options: str | Path) -> RunResult:
        first = options[:1] if command == "mark" else ()
        return merge(command, *first, self.folder, *options[len(first) :])

    def _letter(self) -> Path | None:
        paths = [p for p in letters(self.folder).values() if p.suffix == ".docx"]
        return self.chance.choice(paths) if paths else None

    def _edit(self) -> None:
        if letter := self._letter():
            add_line(letter, f"A word of {self.chance.random()}.")

    def _move(self) -> None:
        letter = self._letter()
        if letter and not letter.with_name("moved.docx").exists():
            letter.rename(letter.with_name("moved.docx"))

    def _copy(self) -> None:
        letter = self._letter()
        if letter and letter.name != "copy of it.docx":
            shutil.copyfile(letter, letter.with_name("copy of it.docx"))

    def _copy_register(self) -> None:
        if (self.folder / "register.xlsx").exists():
            self.old_register = (self.folder / "register.xlsx").read_bytes()

    def _restore_older_register(self) -> None:
        if self.old_register:
            (self.folder / "register.xlsx").write_bytes(self.old_register)

    def lose_ledger(self) -> None:
        lose_ledger(self.folder)

    def _create_trial_letters(self) -> None:
        self._run("letters", "--try", self.folder / "try-out", "--skip-errors")

    def _leave_killed_run(self) -> None:
        """Leave what a run leaves that is killed while it moves a letter."""
        if letter := self._letter():
            hidden = letter.parent / ".merge-taken-7-1"
            hidden.mkdir(exist_ok=True)
            shutil.copyfile(letter, letter.parent / draft_name("7-1"))
            letter.rename(hidden / letter.name)

    def _edit_and_decide(self) -> None:
        """Edit letters, change the template, and decide the conflicts."""
        for _ in range(3):
            self._edit()
        words = f"\nWe ask you {self.chance.randrange(3)} times."
        (self.folder / "templates" / "appeal.docx").write_bytes(docx(TEMPLATE + words))
        self._run("letters")
        for _ in range(3):
            self._decide()

    def _decide(self) -> str:
        """Decide one conflict, as on the page. Return the choice, or nothing."""
        with suppress(MergeError):
            campaign = read_campaign(self.folder)
            conflict = self.chance.choice([*inspect_campaign(campaign).pending_decisions] or [None])
            if conflict is None:
                return ""
            decision = conflict.decide(self.chance.choice(sorted(conflict.choices)))
            if decision.choice == "new":
                target = self.folder / "letters"
                write_letters(LettersRunPlan(campaign, LettersOrder(target, decisions=(decision,))))
            else:
                save_decisions(campaign, [decision])
            return decision.choice
        return ""

    def _rename_and_decide(self) -> None:
        """Rename a signer whose letters are signed, and decide who it is."""
        self._run("mark", "signed", "--for", self.chance.choice(sorted(PERSONAL_TEXTS)))
        signer_id = self._rename()
        while signer_id and self._decide() not in {"", "same", "other"}:
            pass

    def _rename_signer(self) -> None:
        if signer_id := self._rename():
            self._run("letters", "--same-person", signer_id)

    def _rename(self) -> str:
        signer_id = self.chance.choice(sorted(PERSONAL_TEXTS))
        first, *_ = self.names[signer_id].split()
        new_name = f"{first} {self.chance.choice(['Kovačević', 'Nakamura', 'Obiang'])}"
        if new_name == self.names[signer_id]:
            return ""
        with excel(self.folder / "signers.xlsx", "Signers") as sheet:
            row = next(
                n for n in range(2, sheet.max_row + 1) if sheet.cell(n, 1).value == signer_id
            )
            sheet.cell(row, 2).value = new_name
        self.former_names[signer_id].add(self.names[signer_id])
        self.names[signer_id] = new_name
        return signer_id


def _decisions_without_subject(folder: Path) -> list[str]:
    """Return decisions about letters or people that the ledger does not have."""
    with ledger_to_read(folder / "letters") as ledger:
        known_keys = {*ledger.letter_ids(), *(person.key for person in ledger.people())}
        decisions = [*ledger.decisions()]
    return [d.choice for d in decisions if d.choice != "hide" and d.id not in known_keys]


def _delete_reported_files(folder: Path, remaining: list[str]) -> None:
    """Delete the reported files and folders, as staff do, except the lists."""
    lists = {folder / "signers.xlsx", folder / "register.xlsx"}
    for place in remaining:
        for length in range(len(place), 0, -1):
            path = folder / place[:length]
            if path not in lists and path.is_file():
                path.unlink()
                break
    for subfolder in sorted(folder.rglob("*"), reverse=True):
        if subfolder.is_dir() and not any(subfolder.iterdir()):
            subfolder.rmdir()


@pytest.mark.slow
@pytest.mark.soak
@pytest.mark.parametrize("seed", seeds(12, 100))
def test_a_deletion_after_a_random_history_leaves_no_data_of_the_person(
    seed: int, tmp_path: Path
) -> None:
    chance = random.Random(seed)  # noqa: S311 - random days of a test
    folder = make(tmp_path, TEMPLATE, Signers=SIGNERS, Recipients=RECIPIENTS)
    office = _Office(folder, chance)
    merge("letters", folder)
    for _ in range(chance.randrange(2, 9)):
        office.day()
    person_id = chance.choice(sorted(PERSONAL_TEXTS))
    others = [signer_id for signer_id in office.names if signer_id != person_id]
    merge("letters", folder, "--same-person", "S1", "--same-person", "S3")
    letters_before = {
        id_in(p): p.read_bytes() for p in letters(folder).values() if p.suffix == ".docx"
    }
    if chance.random() < 0.2:
        office.lose_ledger()
    merge("delete-person", person_id, folder, "--yes", *chance.choice([(), ("--keep-counts",)]))
    _delete_row(folder, person_id)
    selection = chance.choice([person_id, office.names[person_id]])
    remaining = merge("delete-person", selection, folder, "--yes", "--json").json["left"]
    _delete_reported_files(folder, remaining)
    ran = merge("delete-person", selection, folder, "--yes", "--json")
    assert (ran.code, ran.json["left"]) == (0, []), f"seed {seed}"
    for former_name in sorted(office.former_names[person_id]):
        # Another person, if that was decided.
        remaining = merge("delete-person", former_name, folder, "--yes", "--json").json["left"]
        _delete_reported_files(folder, remaining)
        assert merge("delete-person", former_name, folder, "--yes").code == 0, f"seed {seed}"
    for words in (
        office.names[person_id],
        *PERSONAL_TEXTS[person_id][1:],
        *office.former_names[person_id],
    ):
        assert _files_with(folder, words) == [], f"seed {seed}"
    assert _decisions_without_subject(folder) == [], f"seed {seed}"
    letters_after = {
        id_in(p): p.read_bytes() for p in letters(folder).values() if p.suffix == ".docx"
    }
    assert letters_after.items() <= letters_before.items()
    assert merge("status", folder, "--json").json["letters"] == 6
    for signer_id in others:
        # Printed letters keep the former name.
        names = {office.names[signer_id], *office.former_names[signer_id]}
        assert any(_files_with(folder / "letters", name) for name in names), f"seed {seed}"


@pytest.mark.slow
def test_a_deletion_clears_staff_columns_in_the_persons_register_rows(campaign: Path) -> None:
    with excel(campaign / "register.xlsx") as sheet:
        staff_column = sheet.max_column + 1
        sheet.cell(1, staff_column).value = "Mine"
        for row in range(2, 10):
            sheet.cell(row, staff_column).value = f"note {row}"
        tracking = next(n for n, cell in enumerate(sheet[1], 1) if cell.value == "Tracking number")
        sheet.cell(1, tracking).value = "Sent with"
        sheet.cell(2, tracking).value = "RR 1"
    merge("delete-person", "S1", campaign, "--yes")
    sheet = load_workbook(campaign / "register.xlsx")["Register"]
    notes = [row[staff_column - 1].value for row in sheet.iter_rows(min_row=2)]
    assert notes[:2] == [None, None]
    assert notes[2:] == [f"note {n}" for n in range(4, 10)]
    assert sheet.cell(2, tracking).value is None
    _delete_row(campaign, "S1")
    with excel(campaign / "signers.xlsx", "Signers") as people:
        people.append(["S9", "Chidi Okafor", "Abuja", "3 Palm Road"])
    merge("letters", campaign)
    sheet = load_workbook(campaign / "register.xlsx")["Register"]
    rows = [(row[1].value, row[staff_column - 1].value) for row in sheet.iter_rows(min_row=2)]
    assert {note for name, note in rows if name == "Chidi Okafor"} == {None}


def test_a_deletion_reports_how_many_files_and_rows_it_cleared(tmp_path: Path) -> None:
    folder = make(tmp_path)
    merge("letters", folder)
    errors = merge("delete-person", "Ana Ruiz", folder, "--yes").err
    assert "Permanently deleted: 2 files. Cleared: 3 register rows." in errors


def test_a_deletion_without_a_question_shows_what_it_deletes_and_its_result(campaign: Path) -> None:
    ran = merge("delete-person", "S1", campaign, "--yes")
    assert ran.err.index("Letters to delete:") < ran.err.index("Permanently deleted: 2 files.")
    ran = merge("close", campaign, "--yes")
    assert "Files to delete:" in ran.err
    assert "permanently deleted. The campaign is closed." in ran.out


def test_a_deletion_prints_one_json_object_even_if_it_is_not_confirmed(campaign: Path) -> None:
    ran = merge("delete-person", "S1", campaign, "--json")
    result = json.loads(ran.out)
    assert (ran.code, result["done"], result["confirm"], result["person"]) == (
        *(1, False, "--yes"),
        "Ana Ruiz",
    )
    assert len(result["letters"]) == 2
    assert len(letters(campaign)) == 8
