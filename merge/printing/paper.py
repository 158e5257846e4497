"""The paper that a letter is written for."""

from __future__ import annotations

import io

from docx import Document

from merge.printing.stock import A4, PAPERS, Paper

_SAME = 2
"""Millimetres: programs round the sizes of paper."""


def paper_of(letter: bytes) -> Paper:
    """The paper of a letter's first section; A4 where it says none."""
    section = Document(io.BytesIO(letter)).sections[0]
    if not (section.page_width and section.page_height):
        return A4
    width, height = sorted((section.page_width.mm, section.page_height.mm))
    for paper in PAPERS.values():
        if abs(paper.width - width) < _SAME and abs(paper.height - height) < _SAME:
            return paper
    return Paper(f"{width:.0f} x {height:.0f} mm", width, height, 0)
