"""The layout check of letters before they are printed."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.campaigns import make, merge
from support.printed_campaigns import make_six_letters
from support.staff_actions import add_line

from merge.campaign import layout_check
from merge.campaign.campaign import read_campaign
from merge.campaign.layout_check import check_layout, letters_to_measure
from merge.campaign.overview import inspect_campaign
from merge.campaign.task import Task


def names(folder: Path) -> list[str]:
    """The letters that would be measured."""
    found = letters_to_measure(inspect_campaign(read_campaign(folder)))
    return [f"{one.pair.signer.name} to {one.pair.recipient.name}" for one in found]


def test_the_layout_check_measures_letters_that_are_ready_and_not_printed(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    assert len(names(folder)) == 6
    merge("mark", "printed", folder, "--for", "Ana Ruiz")
    (folder / "letters" / "Bo Berg" / "Consul Roy.docx").write_bytes(b"no letter")
    assert names(folder) == [
        "Bo Berg to Minister Li",
        "Chidi Obi to Minister Li",
        "Chidi Obi to Consul Roy",
    ]


def test_of_many_letters_the_layout_check_measures_edited_and_long_ones_of_each_template(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layout_check, "_MOST_MEASURED", 4)
    text = "{{ recipient.name }}\n{{ signer.story }}\n{{ signer.name }}"
    stories = ["I was there.", " ".join(f"word{n * n}" for n in range(900)), "Yes.", "No."]
    folder = make(
        tmp_path,
        text,
        Signers=[["Name", "Story"], *zip(("Ana", "Bo", "Cy", "Di"), stories, strict=True)],
        Recipients=[["Name", "Template"], ["Consul Roy", "appeal"], ["Minister Li", "other"]],
        Settings=[["Name", "Value"], ["Template", "appeal"]],
    )
    template = folder / "templates" / "appeal.docx"
    (folder / "templates" / "other.docx").write_bytes(template.read_bytes())
    merge("letters", folder)
    add_line(folder / "letters" / "Cy" / "Consul Roy.docx", "In haste.")
    chosen = names(folder)
    assert len(chosen) == 4
    assert chosen[:2] == ["Cy to Consul Roy", "Bo to Consul Roy"]
    assert chosen[2] == "Bo to Minister Li"


def test_a_layout_check_of_letters_that_are_gone_measures_the_others(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    overview = inspect_campaign(read_campaign(folder))
    candidates = letters_to_measure(overview)
    (folder / "letters" / "Bo Berg" / "Consul Roy.docx").unlink()
    result = check_layout(overview.campaign, candidates, None, Task())
    assert (result.problems, result.pages) == ((), {})
