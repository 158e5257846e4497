"""Text of a paragraph, and removal of elements."""

from __future__ import annotations

import pytest
from support.paragraph_markup import inner, xml

from merge.ooxml.wordml import W, remove, run_content, unwrap


def test_run_content_yields_every_character_with_its_element() -> None:
    run = xml('<w:r><w:t>a</w:t><w:tab/><w:br/><w:br w:type="page"/><w:noBreakHyphen/></w:r>')
    assert "".join(text for _, text in run_content(run, set())) == "a\t\n\f\u2011"


def test_run_content_omits_skipped_elements() -> None:
    run = xml("<w:moveFrom><w:r><w:t>old</w:t></w:r></w:moveFrom><w:r><w:t>new</w:t></w:r>")
    assert [text for _, text in run_content(run, {W + "moveFrom"})] == ["new"]


@pytest.mark.parametrize(("keep", "remaining"), [(True, "r:x tail;"), (False, "r:x;")])
def test_an_element_is_removed_with_or_without_its_tail(keep: bool, remaining: str) -> None:  # noqa: FBT001
    root = xml("<w:r>x</w:r><w:proofErr/> tail")
    remove(root[1], keep_tail=keep)
    assert inner(root) == remaining


def test_an_unwrapped_element_is_replaced_by_its_children() -> None:
    root = xml("<w:ins><w:r>a</w:r><w:r>b</w:r></w:ins><w:r>c</w:r>")
    unwrap(root[0])
    assert inner(root) == "r:a;r:b;r:c;"
