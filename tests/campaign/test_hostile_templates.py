"""Whole runs over hostile campaign folders: nobody else's data, no connection, no program."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support import campaigns
from support.documents import docx, paragraph, run
from support.everyday import everyday
from support.filled_letters import faults
from support.hostile_templates import OTHERS
from support.marked_template import marked_template
from support.speed import within

TAG = "'{{ a }}'"
FIELD = (
    "<w:r><w:fldChar w:fldCharType='begin'/></w:r><w:r><w:instrText> MERGEFIELD a </w:instrText>"
    "</w:r><w:r><w:fldChar w:fldCharType='end'/></w:r>"
)
SIZES: dict[str, Callable[[], str]] = {
    "empty paragraphs": lambda: "<w:p/>" * 2_000_000,
    "paragraphs with a tag": lambda: paragraph("{{ a }}") * 20_000,
    "ifs": lambda: paragraph("{% if a %}x{% endif %}") * 10_000,
    "ifs in one paragraph": lambda: paragraph("{% if a %}x{% endif %}" * 10_000),
    "loops": lambda: paragraph("{% for x in names %}x{% endfor %}") * 5_000,
    "runs": lambda: paragraph(run("{{ a }}") * 10_000),
    "merge fields": lambda: paragraph(FIELD * 5_000),
    "attributes": lambda: f"<w:p {' '.join(f'a{n}=' + TAG for n in range(3_000))}/>",
    "bookmarks": lambda: paragraph(
        *(f"<w:bookmarkStart w:id='{n}'/><w:bookmarkEnd w:id='{n}'/>" for n in range(20_000)),
        "{{ a }}",
    ),
    "text": lambda: paragraph("{{ a }}" + "x" * 5_000_000),
    "braces": lambda: paragraph("{" * 1_000_000),
    "quotes": lambda: paragraph(f"{{{{ {'x ' * 500}}}}}".replace("x", "'a'")) * 500,
    "half tags": lambda: paragraph("{{ a") * 20_000,
    "tables in tables": lambda: f"{'<w:tbl><w:tr><w:tc>' * 80}{'</w:tc></w:tr></w:tbl>' * 80}",
    "depth": lambda: f"{'<w:r>' * 100_000}{'</w:r>' * 100_000}",
    "tags of others": lambda: paragraph("[NAME] «name» ") * 20_000,
}
QUICK = {"empty paragraphs", "ifs", "attributes", "text", "braces", "tables in tables", "depth"}
RECIPIENT = "{{ recipient.name }} {{ signer.name }}"


@pytest.mark.parametrize("attack", everyday(OTHERS, of=range(7)))
def test_a_tag_that_reaches_for_the_data_of_others_gives_no_letter(
    attack: str, tmp_path: Path
) -> None:
    campaign = campaigns.make(tmp_path, f"{RECIPIENT}\n{attack}")
    with within(5):
        ran = campaigns.merge("letters", campaign)
    assert ran.code == 1
    assert "(paragraph 2)" in ran.err
    assert not list((campaign / "letters").glob("**/*.docx"))


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("strace"), reason="needs strace")
def test_a_run_over_a_hostile_template_connects_to_nothing_and_starts_nothing(
    tmp_path: Path,
) -> None:
    """Two lines of strace: Python itself is started, and ends."""
    campaign = campaigns.make(tmp_path, marked_template(name="recipient.name"))
    trace = tmp_path / "trace"
    command = ["strace", "-f", "-e", "trace=network,execve", "-o", str(trace)]
    own = {**os.environ, "PYTHONPATH": str(campaigns.ROOT)}
    ran = subprocess.run(
        [*command, sys.executable, "-m", "merge", "letters", str(campaign)],
        capture_output=True,
        text=True,
        env=own,
        check=False,
    )
    if not trace.exists() or "ptrace" in ran.stderr:
        pytest.skip("strace is not allowed here")
    calls = [line.split(maxsplit=1)[1] for line in trace.read_text().splitlines()]
    assert ran.returncode == 0, ran.stderr
    assert [call.partition("(")[0] for call in calls if not call.startswith("+++")] == ["execve"]
    assert len([name for name in campaigns.letters(campaign) if name.endswith(".docx")]) == 4


@pytest.mark.parametrize(
    "what", everyday([n if n in QUICK else pytest.param(n, marks=pytest.mark.slow) for n in SIZES])
)
def test_a_template_that_is_larger_than_any_letter_is_refused_or_done_in_no_time(what: str) -> None:
    """Each is a zip of some kilobytes."""
    made = docx(SIZES[what]())
    assert len(made) < 200_000
    with within(30):
        told = len(faults(made))
    assert told < 1_000


def test_a_part_that_nothing_leads_to_costs_nothing() -> None:
    idle = {f"word/x{n}.xml": f"<x>{'<y/>' * 500_000}</x>" for n in range(3)}
    with within(30):
        assert len(faults(docx("{{ a }}", more=idle))) <= 1
