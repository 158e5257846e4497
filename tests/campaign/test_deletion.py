"""`merge delete-person` and `merge close`: what is deleted, what stays, what is said of it."""

from __future__ import annotations

import random
import shutil
import sqlite3
import unicodedata
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest
from openpyxl import load_workbook
from support.campaigns import RunResult, letters, make, merge
from support.copied import copied
from support.documents import docx
from support.everyday import everyday, seeds
from support.registers import excel
from support.staff_actions import add_line, id_in
from support.texts import texts_in

from merge.campaign.campaign import read_campaign
from merge.campaign.closing import close_campaign_folder, plan_closing
from merge.campaign.letters_order import LettersOrder
from merge.campaign.letters_run import write_letters
from merge.campaign.overview import inspect_campaign
from merge.campaign.pending_decisions import save_decisions
from merge.campaign.plan import Plan
from merge.errors import MergeError, StorageError

SIGNERS = [
    ["ID", "Name", "City", "Motto"],
    ["S1", "Ana Ruiz", "Sevilla", "Calle del Olivo 4"],
    ["S2", "Bo Lindgren", "Malmö", "Fågelvägen 7"],
    ["S3", "Олена Журавчук", "Львів", "вул. Яблунева 12"],
    ["S4", "Thandiwe Mokoena", "Sevilla", "18 Protea Road"],
]
RECIPIENTS = [["ID", "Name"], ["R1", "Minister Li Wen"], ["R2", "Consul Roy"]]
TEMPLATE = "Dear {{ recipient.name }},\n{{ signer.name }}\n{{ signer.motto }}\n{{ signer.city }}"
OWN = {
    "S1": ("Ana Ruiz", "Calle del Olivo 4"),
    "S3": ("Олена Журавчук", "вул. Яблунева 12", "Львів"),
}


def made(folder: Path) -> None:
    """Four signers and two recipients, their letters made."""
    merge("letters", make(folder, TEMPLATE, Signers=SIGNERS, Recipients=RECIPIENTS))


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    return copied(made, tmp_path)


def _delete_row(folder: Path, own_id: str) -> None:
    """The staff's own part: the person's row of the workbook."""
    with excel(folder / "signers.xlsx", "Signers") as sheet:
        row = next(n for n in range(2, sheet.max_row + 1) if sheet.cell(n, 1).value == own_id)
        sheet.delete_rows(row)


def _found(folder: Path, words: str) -> list[str]:
    """The files that hold words in any case and normal form, in their name or inside."""
    wanted = unicodedata.normalize("NFKD", words).casefold()
    found = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        texts = [name, *(texts_in(path.read_bytes()) if path.is_file() else ())]
        if any(wanted in unicodedata.normalize("NFKD", text).casefold() for text in texts):
            found.append(name)
    return found


@pytest.mark.slow
def test_after_the_command_and_the_staffs_own_row_nothing_is_left(campaign: Path) -> None:
    merge("print", campaign)
    merge("proofread", campaign)
    others = {p: f.read_bytes() for p, f in letters(campaign).items() if not p.startswith("Ana")}
    ran = merge("delete-person", "S1", campaign, "--yes")
    assert ran.code == 1
    assert "signers.xlsx: Signers!" in ran.err
    _delete_row(campaign, "S1")
    ran = merge("delete-person", "Ana Ruiz", campaign, "--yes")
    assert (ran.code, ran.last) == (0, "No data about Ana Ruiz is left.")
    for words in OWN["S1"]:
        assert _found(campaign, words) == []
    assert {p: f.read_bytes() for p, f in letters(campaign).items()} == others


def test_edits_copies_moved_and_old_letters_are_found_by_their_id(campaign: Path) -> None:
    root = campaign / "letters"
    mine = root / "Олена Журавчук"
    add_line(mine / "Consul Roy.docx", "With my own words.")
    shutil.copyfile(mine / "Minister Li Wen.docx", root / "Bo Lindgren" / "copy.docx")
    merge("letters", campaign, "--replace", "S3", "--yes")
    (mine / "Consul Roy.docx").rename(root / "elsewhere.docx")
    rehearsed = merge("delete-person", "S3", campaign, "--dry-run", "--json").json
    assert len(rehearsed["letters"]) == 4
    merge("delete-person", "S3", campaign, "--yes")
    _delete_row(campaign, "S3")
    for words in OWN["S3"]:
        assert _found(campaign, words) == []
    assert len(letters(campaign)) == 6


def test_a_rehearsal_and_a_run_that_nobody_confirmed_change_nothing(campaign: Path) -> None:
    merge("print", campaign)
    before = {p: p.read_bytes() for p in campaign.rglob("*") if p.is_file()}
    assert merge("delete-person", "S1", campaign, "--dry-run").code == 0
    ran = merge("delete-person", "S1", campaign)
    assert ran.code == 1
    assert "run again with --yes" in ran.out
    assert {p: p.read_bytes() for p in campaign.rglob("*") if p.is_file()} == before


def test_a_row_of_the_workbook_is_named_once(campaign: Path) -> None:
    told = merge("delete-person", "S1", campaign, "--dry-run").err
    assert "Found here, for you to delete:" in told
    assert told.count("Signers!A2") == 1
    assert "Signers!B2" not in told


@pytest.mark.slow
def test_what_was_rehearsed_is_what_is_then_done(campaign: Path) -> None:
    merge("print", campaign)
    rehearsed = merge("delete-person", "S1", campaign, "--dry-run", "--json").json
    before = {p.relative_to(campaign).as_posix() for p in campaign.rglob("*") if p.is_file()}
    merge("delete-person", "S1", campaign, "--yes")
    after = {p.relative_to(campaign).as_posix() for p in campaign.rglob("*") if p.is_file()}
    assert before - after == {*rehearsed["letters"], *rehearsed["shared"]}
    assert rehearsed["shared"]


def test_namesakes_are_asked_about(tmp_path: Path) -> None:
    signers = [["ID", "Name"], ["S1", "Ana Ruiz"], ["S2", "Ana Ruiz"]]
    merge("letters", make(tmp_path, Signers=signers))
    ran = merge("delete-person", "ana ruiz", tmp_path, "--yes")
    assert ran.code == 2
    assert "Several people have this name" in ran.err
    assert len(letters(tmp_path)) == 4
    merge("delete-person", "S2", tmp_path, "--yes")
    assert len(letters(tmp_path)) == 2


def test_a_shared_town_is_no_trace_but_beside_the_name(campaign: Path) -> None:
    (campaign / "notes.txt").write_text("Sevilla is lovely in May.", encoding="utf-8")
    (campaign / "list.txt").write_text("RUIZ Ana, Sevilla", encoding="utf-8")
    left = merge("delete-person", "S1", campaign, "--yes", "--json").json["left"]
    assert "notes.txt" not in left
    assert "list.txt" in left


@pytest.mark.slow
def test_a_posted_letters_count_is_kept_only_where_that_was_asked_for(campaign: Path) -> None:
    merge("mark", "posted", campaign, "--for", "S1", "--yes", "--date", "2026-11-20")
    merge("delete-person", "S1", campaign, "--yes", "--keep-counts")
    sheet = load_workbook(campaign / "register.xlsx")["Register"]
    heads = [cell.value for cell in sheet[1]]
    rows = [
        dict(zip(heads, (c.value for c in row), strict=True)) for row in sheet.iter_rows(min_row=2)
    ]
    kept = [row for row in rows if row["State"] == "forgotten"]
    assert len(kept) == 2
    assert all(row["Posted"] and not (row["Signer"] or row["ID"] or row["File"]) for row in kept)
    _delete_row(campaign, "S1")
    ran = merge("letters", campaign)
    assert "This row has no letter's ID" not in ran.err
    merge("mark", "posted", campaign, "--for", "S2")
    merge("delete-person", "S2", campaign, "--yes")
    sheet = load_workbook(campaign / "register.xlsx")["Register"]
    assert sum(1 for row in sheet.iter_rows(min_row=2) if row[4].value == "forgotten") == 2


@pytest.mark.parametrize("owner", everyday(["letters/Ana Ruiz/~$nsul Roy.docx", "~$register.xlsx"]))
def test_while_a_file_is_open_nothing_is_deleted(owner: str, campaign: Path) -> None:
    (campaign / owner).write_bytes(b"open")
    ran = merge("delete-person", "S1", campaign, "--yes")
    assert ran.code == 1
    assert "is open" in ran.err
    left = [p for p in letters(campaign).values() if not p.name.startswith("~$")]
    assert len(left) == 8


@pytest.mark.slow
def test_the_others_letters_and_the_ledger_go_on_as_before(campaign: Path) -> None:
    merge("mark", "posted", campaign, "--all")
    merge("mark", "posted", campaign, "--undo", "--for", "S4")
    merge("letters", campaign)
    merge("delete-person", "S1", campaign, "--yes")
    _delete_row(campaign, "S1")
    ran = merge("letters", campaign)
    assert "register-is-right" not in ran.err
    states = merge("letters", campaign, "--json").json
    assert states["planned"] == states["unchanged"] + states["kept"] == 6
    db = sqlite3.connect(campaign / "letters" / ".merge-ledger")
    assert db.execute("SELECT count(*) FROM person WHERE kind = 'signer'").fetchone() == (3,)
    assert db.execute("SELECT count(*) FROM letter").fetchone() == (6,)
    db.close()


def test_a_recipient_can_be_forgotten_as_well(campaign: Path) -> None:
    merge("delete-person", "R2", campaign, "--yes")
    assert len(letters(campaign)) == 4
    assert [p for p in _found(campaign, "Consul Roy") if p != "signers.xlsx"] == []


def test_a_campaign_is_closed_but_for_its_data_register_and_reports(campaign: Path) -> None:
    merge("print", campaign)
    merge("report", campaign)
    assert merge("close", campaign).code == 1
    assert len(letters(campaign)) == 8
    ran = merge("close", campaign, "--yes")
    assert ran.code == 0
    left = {p.relative_to(campaign).as_posix() for p in campaign.rglob("*") if p.is_file()}
    assert {p for p in left if not p.startswith("report ")} == {
        *("signers.xlsx", "register.xlsx", "templates/appeal.docx"),
        *("letters/.merge-ledger", "letters/.merge-lock"),
    }
    assert len(left) == 7
    assert merge("close", campaign.parent, "--yes").code == 2


def test_closing_counts_a_letter_that_was_edited_and_printed(campaign: Path) -> None:
    before = plan_closing(campaign).counts
    path = min((campaign / "letters").rglob("*.docx"))
    add_line(path, "In haste.")
    merge("mark", "printed", campaign, "--for", path.parent.name, "--yes")
    after = plan_closing(campaign).counts
    assert before is not None
    assert after is not None
    assert (before.edited, after.edited) == (0, 1)
    assert after.states["on-paper"] > 0


def test_a_campaign_is_not_closed_over_letters_that_were_made_after_it_was_shown(
    campaign: Path,
) -> None:
    shown = plan_closing(campaign).files
    for files in (shown[1:], shown):
        if files is shown:
            merge("print", campaign)
        with pytest.raises(StorageError, match="since the list of files was made"):
            close_campaign_folder(campaign, files)
        assert len(letters(campaign)) == 8
    assert close_campaign_folder(campaign, plan_closing(campaign).files).count > 8


class _Office:
    """A campaign to which something happens every day."""

    def __init__(self, folder: Path, chance: random.Random) -> None:
        self.folder, self.chance = folder, chance
        self.names = {own: name for own, name, *_ in SIGNERS[1:]}
        self.former: dict[str, set[str]] = {own: set() for own in self.names}
        self.register = b""
        self.acts: list[Callable[[], object]] = [
            *(self._edit, self._move, self._copy, self._keep_aside, self._rename_signer),
            *(self.lose_ledger, self._older_register, self._try_out, self._killed),
            *(self._decide, self._rename_and_decide, self._edit_and_decide) * 2,
            lambda: self._run("print", "--skip-errors"),
            lambda: self._run("print", "--skip-errors", "--per-signer", "--parcels"),
            lambda: self._run("proofread"),
            lambda: self._run("letters", "--replace", "S1", "--yes"),
            lambda: self._run("letters", "--trust-register"),
            lambda: self._run("letters", "--keep", chance.choice(["S1", "S3", "edited", "all"])),
            lambda: self._run("print", "--accept", chance.choice(["S1", "S3", "all"])),
            lambda: self._run("mark", chance.choice(["printed", "signed", "posted"]), "--all"),
            lambda: self._run("mark", "posted", "--for", "S3"),
            lambda: self._run("report", "--with-names"),
        ]

    def day(self) -> None:
        self.chance.choice(self.acts)()
        if self.chance.random() < 0.8:
            self._run("letters")

    def _run(self, command: str, *options: str | Path) -> RunResult:
        first = options[:1] if command == "mark" else ()
        return merge(command, *first, self.folder, *options[len(first) :])

    def _letter(self) -> Path | None:
        made = [p for p in letters(self.folder).values() if p.suffix == ".docx"]
        return self.chance.choice(made) if made else None

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

    def _keep_aside(self) -> None:
        if (self.folder / "register.xlsx").exists():
            self.register = (self.folder / "register.xlsx").read_bytes()

    def _older_register(self) -> None:
        if self.register:
            (self.folder / "register.xlsx").write_bytes(self.register)

    def lose_ledger(self) -> None:
        (self.folder / "letters" / ".merge-ledger").unlink(missing_ok=True)

    def _try_out(self) -> None:
        self._run("letters", "--try", self.folder / "try-out", "--skip-errors")

    def _killed(self) -> None:
        """A run is killed while it has a letter in its hands."""
        if letter := self._letter():
            hidden = letter.parent / ".merge-taken-7-1"
            hidden.mkdir(exist_ok=True)
            shutil.copyfile(letter, letter.parent / ".merge-7-1.tmp")
            letter.rename(hidden / letter.name)

    def _edit_and_decide(self) -> None:
        """Letters are edited, then the template changes, and somebody settles what is asked."""
        for _ in range(3):
            self._edit()
        words = f"\nWe ask you {self.chance.randrange(3)} times."
        (self.folder / "templates" / "appeal.docx").write_bytes(docx(TEMPLATE + words))
        self._run("letters")
        for _ in range(3):
            self._decide()

    def _decide(self) -> str:
        """Somebody answers a question, as a page shows it; return what it was about."""
        with suppress(MergeError):
            campaign = read_campaign(self.folder)
            asked = self.chance.choice([*inspect_campaign(campaign).pending_decisions] or [None])
            if asked is None:
                return ""
            decision = asked.decide(self.chance.choice(sorted(asked.choices)))
            if decision.choice == "new":
                target = self.folder / "letters"
                write_letters(Plan(campaign, LettersOrder(target, decisions=(decision,))))
            else:
                save_decisions(campaign, [decision])
            return decision.choice
        return ""

    def _rename_and_decide(self) -> None:
        """A signer whose letters are signed gets another name; who that is, is answered."""
        self._run("mark", "signed", "--for", self.chance.choice(sorted(OWN)))
        own = self._rename()
        while own and self._decide() not in {"", "same", "other"}:
            pass

    def _rename_signer(self) -> None:
        if own := self._rename():
            self._run("letters", "--same-person", own)

    def _rename(self) -> str:
        own = self.chance.choice(sorted(OWN))
        first, *_ = self.names[own].split()
        new = f"{first} {self.chance.choice(['Kovačević', 'Nakamura', 'Obiang'])}"
        if new == self.names[own]:
            return ""
        with excel(self.folder / "signers.xlsx", "Signers") as sheet:
            row = next(n for n in range(2, sheet.max_row + 1) if sheet.cell(n, 1).value == own)
            sheet.cell(row, 2).value = new
        self.former[own].add(self.names[own])
        self.names[own] = new
        return own


def _decided_of_nobody(folder: Path) -> list[str]:
    """Decisions in the ledger that are about letters or people whom it does not know."""
    with closing(sqlite3.connect(folder / "letters" / ".merge-ledger")) as db:
        known = {own for (own,) in db.execute("SELECT id FROM letter UNION SELECT key FROM person")}
        decided = db.execute("SELECT id, choice FROM decision").fetchall()
    return [choice for own, choice in decided if choice != "hide" and own not in known]


def _delete_what_is_told(folder: Path, left: list[str]) -> None:
    """The staff's part: files and folders by what was told of them; not lists of everybody."""
    lists = {folder / "signers.xlsx", folder / "register.xlsx"}
    for told in left:
        for cut in range(len(told), 0, -1):
            path = folder / told[:cut]
            if path not in lists and path.is_file():
                path.unlink()
                break
    for empty in sorted(folder.rglob("*"), reverse=True):
        if empty.is_dir() and not any(empty.iterdir()):
            empty.rmdir()


@pytest.mark.slow
@pytest.mark.soak
@pytest.mark.parametrize("seed", seeds(12, 100))
def test_of_a_person_with_any_history_nothing_is_left(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)  # noqa: S311 - a test's days
    folder = make(tmp_path, TEMPLATE, Signers=SIGNERS, Recipients=RECIPIENTS)
    office = _Office(folder, chance)
    merge("letters", folder)
    for _ in range(chance.randrange(2, 9)):
        office.day()
    own_id = chance.choice(sorted(OWN))
    others = [own for own in office.names if own != own_id]
    merge("letters", folder, "--same-person", "S1", "--same-person", "S3")
    kept = {id_in(p): p.read_bytes() for p in letters(folder).values() if p.suffix == ".docx"}
    if chance.random() < 0.2:
        office.lose_ledger()
    merge("delete-person", own_id, folder, "--yes", *chance.choice([(), ("--keep-counts",)]))
    _delete_row(folder, own_id)
    who = chance.choice([own_id, office.names[own_id]])
    left = merge("delete-person", who, folder, "--yes", "--json").json["left"]
    _delete_what_is_told(folder, left)
    ran = merge("delete-person", who, folder, "--yes", "--json")
    assert (ran.code, ran.json["left"]) == (0, []), f"seed {seed}"
    for former in sorted(office.former[own_id]):  # somebody else, where that was decided
        left = merge("delete-person", former, folder, "--yes", "--json").json["left"]
        _delete_what_is_told(folder, left)
        assert merge("delete-person", former, folder, "--yes").code == 0, f"seed {seed}"
    for words in (office.names[own_id], *OWN[own_id][1:], *office.former[own_id]):
        assert _found(folder, words) == [], f"seed {seed}"
    assert _decided_of_nobody(folder) == [], f"seed {seed}"
    now = {id_in(p): p.read_bytes() for p in letters(folder).values() if p.suffix == ".docx"}
    assert now.items() <= kept.items()
    assert merge("status", folder, "--json").json["letters"] == 6
    for own in others:
        names = {office.names[own], *office.former[own]}  # those on paper keep the former
        assert any(_found(folder / "letters", name) for name in names), f"seed {seed}"


@pytest.mark.slow
def test_what_staff_wrote_into_columns_of_their_own_goes_with_the_row(campaign: Path) -> None:
    with excel(campaign / "register.xlsx") as sheet:
        own = sheet.max_column + 1
        sheet.cell(1, own).value = "Mine"
        for row in range(2, 10):
            sheet.cell(row, own).value = f"note {row}"
        tracking = next(n for n, cell in enumerate(sheet[1], 1) if cell.value == "Tracking number")
        sheet.cell(1, tracking).value = "Sent with"
        sheet.cell(2, tracking).value = "RR 1"
    merge("delete-person", "S1", campaign, "--yes")
    sheet = load_workbook(campaign / "register.xlsx")["Register"]
    notes = [row[own - 1].value for row in sheet.iter_rows(min_row=2)]
    assert notes[:2] == [None, None]
    assert notes[2:] == [f"note {n}" for n in range(4, 10)]
    assert sheet.cell(2, tracking).value is None
    _delete_row(campaign, "S1")
    with excel(campaign / "signers.xlsx", "Signers") as people:
        people.append(["S9", "Chidi Okafor", "Abuja", "3 Palm Road"])
    merge("letters", campaign)
    sheet = load_workbook(campaign / "register.xlsx")["Register"]
    rows = [(row[1].value, row[own - 1].value) for row in sheet.iter_rows(min_row=2)]
    assert {note for name, note in rows if name == "Chidi Okafor"} == {None}


def test_a_deletion_says_what_was_deleted(tmp_path: Path) -> None:
    folder = make(tmp_path)
    merge("letters", folder)
    told = merge("delete-person", "Ana Ruiz", folder, "--yes").err
    assert "Permanently deleted: 2 files. Cleared: 3 register rows." in told


def test_what_is_deleted_without_asking_is_reported_as_done(campaign: Path) -> None:
    ran = merge("delete-person", "S1", campaign, "--yes")
    assert "Letters deleted:" in ran.err
    assert "to delete" not in (ran.out + ran.err).replace("for you to delete", "")
    assert "would be" not in ran.out + ran.err
    ran = merge("close", campaign, "--yes")
    assert "Files deleted:" in ran.err
    assert "would be" not in ran.out + ran.err
