"""`merge new --from-letter`: what is shown, and when a campaign is created."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.campaigns import merge
from support.documents import docx, paragraph
from support.field_markup import field
from support.start_letters import seed_letters, to_li, to_rey, workbook

from merge.proofreading.text import plain_text


def _files(folder: Path, *texts: str) -> list[Path]:
    paths = []
    for number, text in enumerate(texts, 1):
        paths.append(folder / f"letter{number}.docx")
        paths[-1].write_bytes(docx(text))
    return paths


def _options(paths: list[Path]) -> list[str | Path]:
    return [word for path in paths for word in ("--from-letter", path)]


def test_merge_new_without_yes_shows_what_is_found_and_writes_nothing(
    tmp_path: Path,
) -> None:
    letters = _files(tmp_path, to_li("Please act now."), to_rey("Please act soon."))
    shown = merge("new", tmp_path / "new", *_options(letters))
    assert shown.code == 1
    assert "Recipients  Words after act  now | soon" in shown.out
    assert "gives back every letter" in shown.out
    assert "--yes" in shown.last
    assert "1 question has no answer" in shown.err
    assert not (tmp_path / "new").exists()


def test_merge_new_without_yes_is_not_done_although_nothing_is_asked(tmp_path: Path) -> None:
    words = _options(_files(tmp_path, to_li("Please act now.")))
    shown = merge("new", tmp_path / "new", *words)
    assert (shown.code, "Nothing was written." in shown.out) == (1, True)
    assert "no answer" not in shown.err
    assert not (tmp_path / "new").exists()
    assert merge("new", tmp_path / "new", *words, "--yes").code == 0


def test_acceptance_10_the_campaign_of_the_first_letters_lacks_only_signers(
    tmp_path: Path,
) -> None:
    paths = []
    for name, data in seed_letters().items():
        (tmp_path / name).write_bytes(data)
        paths.append(tmp_path / name)
    created = merge("new", tmp_path / "new", *_options(paths), "--yes")
    assert created.code == 0, created
    assert "add the signers" in created.err
    check = merge("check", tmp_path / "new")
    errors = [line for line in (check.out + check.err).split("\n") if line.startswith("error")]
    assert len(errors) == 1
    assert "Signers" in errors[0]


def test_acceptance_10_as_many_letters_are_created_as_were_given(tmp_path: Path) -> None:
    letters = _files(tmp_path, to_li("Please act now."), to_rey("Please act soon."))
    folder = tmp_path / "new"
    options = ("--name", "Words after act=Urgency", "--keep", "Main Street 1", "--yes")
    created = merge("new", folder, *_options(letters), *options)
    assert created.code == 0, created
    check = merge("check", folder)
    assert "error" not in check.out + check.err
    assert merge("letters", folder).code == 0
    assert len(list((folder / "letters").rglob("*.docx"))) == 2


def test_merge_new_with_a_workbook_copies_it_unchanged(tmp_path: Path) -> None:
    rows = [["Name", "City"], ["Mr Li Wei", "3000 Bern"], ["Ms Ana Rey", "8000 Zürich"]]
    data = workbook(tmp_path, rows, [["Name"], ["Ana Ruiz"]])
    (tmp_path / "my.xlsx").write_bytes(data)
    letters = _files(tmp_path, to_li())
    folder = tmp_path / "new"
    created = merge("new", folder, *_options(letters), "--workbook", tmp_path / "my.xlsx", "--yes")
    assert created.code == 0, created
    assert "other recipients" not in created.out
    assert (folder / "signers.xlsx").read_bytes() == data
    assert (folder / "templates" / "appeal.docx").is_file()


def test_nothing_is_written_if_the_template_does_not_give_a_letter_back(tmp_path: Path) -> None:
    letters = _files(tmp_path, to_li(), to_rey())
    for path, name in zip(letters, ("li", "rey"), strict=True):
        link = paragraph(field(f'HYPERLINK "mailto:{name}@example.org"', result="Write to us."))
        lines = [paragraph(line) for line in (to_li() if name == "li" else to_rey()).split("\n")]
        path.write_bytes(docx("".join([*lines[:-3], link, *lines[-3:]])))
    refused = merge("new", tmp_path / "new", *_options(letters), "--yes")
    assert refused.code == 1
    assert "mailto:rey@example.org" in refused.err
    assert not (tmp_path / "new").exists()


def test_a_text_that_is_kept_is_in_all_letters(tmp_path: Path) -> None:
    letters = _files(tmp_path, to_li("Please act now."), to_rey("Please act soon."))
    made = merge("new", tmp_path / "new", *_options(letters), "--keep", "now", "--yes")
    assert made.code == 0
    assert "“soon”" in made.out
    template = (tmp_path / "new" / "templates" / "appeal.docx").read_bytes()
    assert "Please act now." in plain_text(template, "appeal.docx")


def test_a_folder_that_is_not_empty_is_refused(tmp_path: Path) -> None:
    letters = _files(tmp_path, to_li())
    refused = merge("new", tmp_path, *_options(letters), "--yes")
    assert refused.code == 2
    assert not (tmp_path / "templates").exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--yes"], "requires --from-letter"),
        (["--from-letter", "letter1.docx", "--from", "old"], "not both"),
        (["--from-letter", "letter1.docx", "--name", "Nothing=X"], "Columns found: Name"),
    ],
)
def test_options_that_do_not_fit_together_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], words: str
) -> None:
    _files(tmp_path, to_li())
    monkeypatch.chdir(tmp_path)
    refused = merge("new", tmp_path / "new", *options)
    assert refused.code == 2
    assert words in refused.err


def test_letters_in_the_campaign_folder_are_found_when_a_person_is_deleted(tmp_path: Path) -> None:
    letters = _files(tmp_path, to_li("Please act now."), to_rey("Please act soon."))
    folder = tmp_path / "new"
    assert merge("new", folder, *_options(letters), "--yes").code == 0
    letters[0].rename(folder / "original.docx")
    deletion = merge("delete-person", "Mr Li Wei", folder, "--dry-run")
    assert "original.docx" in deletion.out + deletion.err
