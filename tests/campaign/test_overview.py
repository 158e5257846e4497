"""The overview of a campaign: statuses, tracking numbers, problems."""

from __future__ import annotations

import io
import os
import re
from collections import Counter
from pathlib import Path
from typing import get_args

import pytest
from docx import Document
from support import registers, staff_actions
from support.campaigns import ROOT, make, make_with_letters, merge
from support.everyday import everyday
from support.registers import table

from merge.campaign.campaign import read_campaign
from merge.campaign.letter_versions import letter_versions
from merge.campaign.overview import inspect_campaign
from merge.errors import MergeError, has_transient_problem
from merge.letter_status import STATE_LABELS, LetterState


def test_the_documentation_explains_every_status_of_a_letter_with_its_label() -> None:
    page = (ROOT / "docs" / "letters.md").read_text(encoding="utf-8")
    (_, section) = page.split("\n## The status of a letter\n")
    rows = re.findall(r"^\| `([a-z-]+)` \| ([^|]+) \|", section, re.MULTILINE)
    assert dict(rows) == dict(STATE_LABELS)
    assert set(STATE_LABELS) == set(get_args(LetterState))


CODES: dict[str, LetterState] = {
    "Same": "unchanged",
    "Edit": "edited",
    "Both": "edited-changed",
    "Save": "resaved",
    "Move": "moved",
    "Gone": "new",
    "Open": "in-use",
    "Mine": "foreign",
    "Page": "on-paper",
    "Late": "on-paper",
    "Anew": "rewritten",
    "Flaw": "faulty",
}
"""The signers of a campaign, and the statuses of their letters."""


def _make_campaign_of_every_status(folder: Path) -> Path:
    """Create a campaign with a letter of every status."""
    template = "Dear {{ recipient.name }},\n{{ signer.name }} of {{ signer.city }}"
    signers = [["Name", "City"], *([name, "Oslo"] for name in CODES)]
    make(folder, template, Signers=signers, Recipients=[["Name"], ["Li"]])
    merge("letters", folder)
    path = {name: folder / "letters" / name / "Li.docx" for name in CODES}
    for name in ("Edit", "Both"):
        staff_actions.add_line(path[name], "Yours")
    staff_actions.save_again(path["Save"])
    path["Move"].rename(folder / "letters" / "Moved.docx")
    path["Gone"].unlink()
    (path["Open"].parent / ".~lock.Li.docx#").write_bytes(b"Ana")
    path["Mine"].write_bytes(path["Same"].read_bytes())
    for name in ("Page", "Late"):
        merge("mark", "posted", folder, "--for", name)
    cities = {"Late": "Rome", "Both": "Rome", "Anew": "Rome", "Flaw": None}
    changed = [["Name", "City"], *([name, cities.get(name, "Oslo")] for name in CODES)]
    return make(folder, template, Signers=changed, Recipients=[["Name"], ["Li"]])


@pytest.mark.slow
def test_commands_overview_and_register_show_the_same_status_of_a_letter(tmp_path: Path) -> None:
    folder = _make_campaign_of_every_status(tmp_path)
    options = ("--skip-errors", "--dry-run")
    plan = merge("letters", folder, *options, "--json").json["letters"]
    assert {letter["signer"]: letter["state"] for letter in plan} == CODES
    view = inspect_campaign(read_campaign(folder))
    assert {p.step.letter.pair.signer.name: p.step.state for p in view.letters} == CODES
    words = {name: STATE_LABELS[code] for name, code in CODES.items()} | {
        "Late": "printed, data changed"
    }
    status = merge("status", folder, "--json").json
    assert status["states"] == Counter(CODES.values())
    assert status["spoken"] == Counter(words.values())
    output = merge("letters", folder, *options).out
    planned = {"not created": "would be created", "out of date": "would be updated"}
    for name in CODES.keys() - {"Same", "Flaw"}:
        word = words[name].removesuffix(", data changed")
        assert planned.get(word, word) in output
    merge("letters", folder, "--skip-errors")
    register = {row["Signer"]: row["Status"] for row in table(folder / "register.xlsx")}
    assert register == words | dict.fromkeys(("Open", "Flaw", "Gone", "Anew"), "unchanged")


@pytest.mark.parametrize(
    "name", everyday(["signers.xlsx", "templates/appeal.docx", "register.xlsx"], daily=range(2))
)
def test_the_overview_distinguishes_a_file_that_is_being_saved_from_a_damaged_one(
    name: str, tmp_path: Path
) -> None:
    folder = make_with_letters(tmp_path)
    path = folder / name
    intact = path.read_bytes()
    path.write_bytes(intact[: len(intact) // 2])
    assert _is_transient(folder)
    os.utime(path, (0, 0))
    assert not _is_transient(folder)
    (path.parent / f".~lock.{path.name}#").write_text(",ana,", encoding="utf-8")
    assert _is_transient(folder)


def test_the_overview_has_tracking_numbers_of_letters_without_dates(tmp_path: Path) -> None:
    folder = make_with_letters(tmp_path)
    assert inspect_campaign(read_campaign(folder)).tracking_numbers == {}
    letter_id = staff_actions.id_in(folder / "letters" / "Ana Ruiz" / "Consul Roy.docx")
    registers.fill(folder / "register.xlsx", letter_id, "Tracking number", "RR 12")
    for _ in range(2):
        assert [*inspect_campaign(read_campaign(folder)).tracking_numbers.values()] == ["RR 12"]
        merge("letters", folder)  # stores the current register


def test_the_overview_has_the_notes_in_the_register(tmp_path: Path) -> None:
    folder = make_with_letters(tmp_path)
    letter_id = staff_actions.id_in(folder / "letters" / "Ana Ruiz" / "Consul Roy.docx")
    registers.fill(folder / "register.xlsx", letter_id, "Notes", "Call her first")
    for _ in range(2):
        assert inspect_campaign(read_campaign(folder)).notes == {letter_id: "Call her first"}
        merge("letters", folder)  # stores the current register


@pytest.mark.posix("time zones by time.tzset")
def test_the_overview_of_the_next_day_has_the_new_date(tmp_path: Path) -> None:
    folder = make(tmp_path, "{{ date }}: {{ recipient.name }}, {{ signer.name }}")
    for days in (0, 1):
        with staff_actions.day(days) as today:
            view = inspect_campaign(read_campaign(folder))
            letter_id = next(iter(view.plans_by_id))
            new_version = letter_versions(view, letter_id).new or b""
        assert view.campaign.today == today
        assert f"{today:%B} {today.day}, {today.year}" in "".join(_text(new_version))


def _text(data: bytes) -> list[str]:
    return [paragraph.text for paragraph in Document(io.BytesIO(data)).paragraphs]


def _is_transient(folder: Path) -> bool:
    """Return whether the campaign has a problem that ends without a change."""
    try:
        return has_transient_problem(inspect_campaign(read_campaign(folder)).errors)
    except MergeError as error:
        return error.is_transient
