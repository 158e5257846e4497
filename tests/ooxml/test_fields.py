"""Fields of Word: their positions, codes and removal."""

from __future__ import annotations

import pytest
from support.paragraph_markup import xml

from merge.ooxml.fields import code_kind, field_mark, read_stories, remove_field, walk_fields
from merge.ooxml.wordml import W


def mark(kind: str) -> str:
    return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'


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
def test_a_removed_field_leaves_its_result(field: str) -> None:
    root = xml(field)
    (story,) = read_stories(root)
    remove_field(story, story.fields[0])
    assert "".join(root.itertext()) == "shown"
    assert next(root.iter(W + "fldChar", W + "fldSimple"), None) is None


def test_nested_fields_follow_the_field_around_them() -> None:
    nested = xml(mark("begin") + mark("begin") + mark("end") + mark("separate") + mark("end"))
    assert len(list(walk_fields(read_stories(nested)[0].fields))) == 2
    assert [field_mark(e) for e in nested.iter(W + "fldChar")][:2] == ["begin", "begin"]
    assert field_mark(xml("<w:t/>")[0]) == "content"


@pytest.mark.parametrize(
    ("code", "kind"), [(" page \\* x", "PAGE"), ("=1+1", "="), (" = 1", "="), ("  ", "")]
)
def test_the_kind_of_a_field_is_the_first_word_of_its_code(code: str, kind: str) -> None:
    assert code_kind(code) == kind
