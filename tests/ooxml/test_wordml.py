"""A paragraph's text, and elements taken out of it: what several readers share."""

from __future__ import annotations

import pytest
from support.paragraph_markup import inner, xml

from merge.ooxml.wordml import W, remove, run_content, unwrap


def test_run_content_gives_every_character_with_its_element() -> None:
    run = xml('<w:r><w:t>a</w:t><w:tab/><w:br/><w:br w:type="page"/><w:noBreakHyphen/></w:r>')
    assert "".join(text for _, text in run_content(run, set())) == "a\t\n\f\u2011"


def test_run_content_leaves_out_what_is_skipped() -> None:
    run = xml("<w:moveFrom><w:r><w:t>old</w:t></w:r></w:moveFrom><w:r><w:t>new</w:t></w:r>")
    assert [text for _, text in run_content(run, {W + "moveFrom"})] == ["new"]


@pytest.mark.parametrize(("keep", "left"), [(True, "r:x tail;"), (False, "r:x;")])
def test_an_element_goes_with_its_tail_or_without(keep: bool, left: str) -> None:  # noqa: FBT001
    root = xml("<w:r>x</w:r><w:proofErr/> tail")
    remove(root[1], keep_tail=keep)
    assert inner(root) == left


def test_unwrapping_leaves_the_children() -> None:
    root = xml("<w:ins><w:r>a</w:r><w:r>b</w:r></w:ins><w:r>c</w:r>")
    unwrap(root[0])
    assert inner(root) == "r:a;r:b;r:c;"
