"""Hostile templates: no data of others, no connection, no other program."""

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

PLACEHOLDER = "'{{ a }}'"
FIELD = (
    "<w:r><w:fldChar w:fldCharType='begin'/></w:r><w:r><w:instrText> MERGEFIELD a </w:instrText>"
    "</w:r><w:r><w:fldChar w:fldCharType='end'/></w:r>"
)
SIZES: dict[str, Callable[[], str]] = {
    "empty paragraphs": lambda: "<w:p/>" * 2_000_000,
    "paragraphs with a placeholder": lambda: paragraph("{{ a }}") * 20_000,
    "ifs": lambda: paragraph("{% if a %}x{% endif %}") * 10_000,
    "ifs in one paragraph": lambda: paragraph("{% if a %}x{% endif %}" * 10_000),
    "loops": lambda: paragraph("{% for x in names %}x{% endfor %}") * 5_000,
    "runs": lambda: paragraph(run("{{ a }}") * 10_000),
    "merge fields": lambda: paragraph(FIELD * 5_000),
    "attributes": lambda: f"<w:p {' '.join(f'a{n}=' + PLACEHOLDER for n in range(3_000))}/>",
    "bookmarks": lambda: paragraph(
        *(f"<w:bookmarkStart w:id='{n}'/><w:bookmarkEnd w:id='{n}'/>" for n in range(20_000)),
        "{{ a }}",
    ),
    "text": lambda: paragraph("{{ a }}" + "x" * 5_000_000),
    "braces": lambda: paragraph("{" * 1_000_000),
    "quotes": lambda: paragraph(f"{{{{ {'x ' * 500}}}}}".replace("x", "'a'")) * 500,
    "half placeholders": lambda: paragraph("{{ a") * 20_000,
    "tables in tables": lambda: f"{'<w:tbl><w:tr><w:tc>' * 80}{'</w:tc></w:tr></w:tbl>' * 80}",
    "depth": lambda: f"{'<w:r>' * 100_000}{'</w:r>' * 100_000}",
    "placeholders of other programs": lambda: paragraph("[NAME] «name» ") * 20_000,
}
QUICK = {"empty paragraphs", "ifs", "attributes", "text", "braces", "tables in tables", "depth"}
RECIPIENT = "{{ recipient.name }} {{ signer.name }}"


@pytest.mark.parametrize("placeholder", everyday(OTHERS, daily=range(7)))
def test_a_hostile_template_with_placeholders_for_others_data_creates_no_letters(
    placeholder: str, tmp_path: Path
) -> None:
    campaign = campaigns.make(tmp_path, f"{RECIPIENT}\n{placeholder}")
    with within(5):
        ran = campaigns.merge("letters", campaign)
    assert ran.code == 1
    assert "(paragraph 2)" in ran.err
    assert not list((campaign / "letters").glob("**/*.docx"))


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("strace"), reason="needs strace")
def test_a_hostile_template_makes_no_run_connect_or_start_a_program(tmp_path: Path) -> None:
    """The two lines of strace are the start and the end of Python itself."""
    campaign = campaigns.make(tmp_path, marked_template(name="recipient.name"))
    trace = tmp_path / "trace"
    command = ["strace", "-f", "-e", "trace=network,execve", "-o", str(trace)]
    environment = {**os.environ, "PYTHONPATH": str(campaigns.ROOT)}
    ran = subprocess.run(
        [*command, sys.executable, "-m", "merge", "letters", str(campaign)],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    if not trace.exists() or "ptrace" in ran.stderr:
        pytest.skip("strace is not allowed here")
    calls = [line.split(maxsplit=1)[1] for line in trace.read_text().splitlines()]
    assert ran.returncode == 0, ran.stderr
    assert [call.partition("(")[0] for call in calls if not call.startswith("+++")] == ["execve"]
    assert len([name for name in campaigns.letters(campaign) if name.endswith(".docx")]) == 4


@pytest.mark.parametrize(
    "contents",
    everyday([n if n in QUICK else pytest.param(n, marks=pytest.mark.slow) for n in SIZES]),
)
def test_a_hostile_template_of_huge_size_is_refused_or_filled_quickly(contents: str) -> None:
    """Each template is a zip file of some kilobytes."""
    template = docx(SIZES[contents]())
    assert len(template) < 200_000
    with within(30):
        count = len(faults(template))
    assert count < 1_000


def test_a_hostile_templates_unused_parts_cost_no_time() -> None:
    unused_parts = {f"word/x{n}.xml": f"<x>{'<y/>' * 500_000}</x>" for n in range(3)}
    with within(30):
        assert len(faults(docx("{{ a }}", more=unused_parts))) <= 1
