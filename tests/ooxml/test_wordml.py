"""A paragraph's text, and elements and fields taken out of it: what several readers share."""

from __future__ import annotations

import pytest

from merge.ooxml import MAIN
from merge.ooxml.fields import code_kind, field_mark, read_stories, remove_field, with_nested
from merge.ooxml.wordml import Element, W, parse_xml, remove, run_content, unwrap


def xml(inner: str) -> Element:
    root = parse_xml(f'<w:p xmlns:w="{MAIN}">{inner}</w:p>'.encode())
    assert root is not None
    return root


def inner(root: Element) -> str:
    return "".join(f"{str(e.tag).removeprefix(W)}:{e.text or ''}{e.tail or ''};" for e in root)


def mark(kind: str) -> str:
    return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'


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


@pytest.mark.parametrize(
    "field",
    [
        '<w:fldSimple w:instr="REF a"><w:r><w:t>shown</w:t></w:r></w:fldSimple>',
        (
            f"{mark('begin')}<w:r><w:instrText>REF a</w:instrText></w:r>{mark('separate')}"
            f"<w:r><w:t>shown</w:t></w:r>{mark('end')}"
        ),
        f"<w:r><w:t>shown</w:t></w:r>{mark('begin')}<w:r><w:instrText>REF a</w:instrText></w:r>",
    ],
)
def test_a_field_goes_and_its_result_stays(field: str) -> None:
    root = xml(field)
    (story,) = read_stories(root)
    remove_field(story, story.fields[0])
    assert "".join(root.itertext()) == "shown"
    assert next(root.iter(W + "fldChar", W + "fldSimple"), None) is None


def test_fields_come_with_those_inside_them() -> None:
    nested = xml(mark("begin") + mark("begin") + mark("end") + mark("separate") + mark("end"))
    assert len(list(with_nested(read_stories(nested)[0].fields))) == 2
    assert [field_mark(e) for e in nested.iter(W + "fldChar")][:2] == ["begin", "begin"]
    assert field_mark(xml("<w:t/>")[0]) == "content"


@pytest.mark.parametrize(
    ("code", "kind"), [(" page \\* x", "PAGE"), ("=1+1", "="), (" = 1", "="), ("  ", "")]
)
def test_a_code_begins_with_its_kind(code: str, kind: str) -> None:
    assert code_kind(code) == kind
