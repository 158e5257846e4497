"""The template: blank lines, rows, text boxes, links, properties."""

from __future__ import annotations

import io
import random
import zipfile
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.documents import block, docx, paragraph, run, table, text_box
from support.field_markup import field
from support.start_letters import TEXT, start, template_text, to_li, to_rey, values

from merge.starting.differences import occurrences
from merge.starting.start import StartingPoint

_END = "".join(map(paragraph, (TEXT, "Yours sincerely,", "Ana Ruiz")))


def _letter(*blocks: str, salutation: str = "Minister") -> bytes:
    return docx("".join(blocks) + paragraph(f"Dear {salutation},") + _END)


def test_acceptance_8_a_line_that_closes_up_takes_its_blank_paragraph_along() -> None:
    li = to_li().replace("Main Street 1\n", "")
    spaced = [text.replace("\n", "\n\n", 4) for text in (to_rey(), li)]
    found = start(*spaced)
    assert found.proof.holds
    assert "{%p if recipient.street %}\n{{ recipient.street }}\n\n{%p endif %}" in (
        template_text(found)
    )


def test_a_line_that_only_another_letter_has_is_inserted_with_its_blank_paragraph() -> None:
    li = to_li().replace("Main Street 1\n", "")
    spaced = [text.replace("\n", "\n\n", 4) for text in (li, to_rey())]
    found = start(*spaced)
    assert values(found)["recipient.street"] == ["", "Main Street 1"]
    assert found.proof.holds


def test_acceptance_8_a_line_is_inserted_between_line_breaks() -> None:
    li = _letter(paragraph("Mr Li Wei\nMinister\n3000 Bern"))
    rey = _letter(paragraph("Ms Ana Rey\nJudge\nMain Street 5\n8000 Zürich"), salutation="Judge")
    found = start(li, rey)
    assert template_text(found).startswith(
        "{{ recipient.name }}\n{{ recipient.position }}\n{{ recipient.street }}\n"
    )
    assert found.proof.holds


def test_acceptance_8_a_row_that_one_letter_lacks_gets_a_condition_of_rows() -> None:
    address = paragraph("Mr Li Wei") + paragraph("3000 Bern")
    other = paragraph("Ms Ana Rey") + paragraph("8000 Zürich")
    rows = table(["Charge", "none"], ["Court", "Basel"])
    fewer = table(["Charge", "none"])
    greeting = paragraph("") + paragraph("Dear Judge,")
    letters = [docx(address + greeting + rows + _END), docx(other + greeting + fewer + _END)]
    found = start(*letters)
    assert "{%tr if" in template_text(found)
    assert found.proof.holds


def test_acceptance_8_both_copies_of_a_text_box_have_the_placeholder() -> None:
    boxes = [
        text_box(f"{name}\nMain Street 1\n{town}") + paragraph(f"Dear {name},") + _END
        for name, town in (("Mr Li Wei", "3000 Bern"), ("Ms Ana Rey", "8000 Zürich"))
    ]
    found = start(*map(docx, boxes))
    with zipfile.ZipFile(io.BytesIO(found.template)) as archive:
        body = archive.read("word/document.xml").decode()
    assert body.count("{{ recipient.city }}") == 2
    assert found.proof.holds


def test_a_paragraph_of_one_letter_that_goes_on_in_a_text_box_gets_two_conditions() -> None:
    box = "The camp has two wells."
    letters = [
        docx("".join(map(paragraph, (*lines[:-3], TEXT))) + extra + block("\n".join(lines[-3:])))
        for lines, extra in (
            (to_li().split("\n"), paragraph("See the map.") + text_box(f"One is dry.\n{box}")),
            (to_rey().split("\n"), text_box(box)),
        )
    ]
    found = start(*letters)
    assert template_text(found).count('== "yes" %}') == 2
    assert found.proof.holds


def test_acceptance_8_placeholders_are_written_into_headers_and_footers() -> None:
    letters = [
        docx(text, header=f"To {name}", footer="Page 1")
        for text, name in ((to_li(), "Mr Li Wei"), (to_rey(), "Ms Ana Rey"))
    ]
    found = start(*letters)
    assert template_text(found).startswith("To {{ recipient.name }}")
    assert found.proof.holds


def test_acceptance_8_a_date_field_becomes_text_before_it_becomes_a_placeholder() -> None:
    field = (
        "<w:r><w:fldChar w:fldCharType='begin'/></w:r><w:r><w:instrText>DATE</w:instrText></w:r>"
        "<w:r><w:fldChar w:fldCharType='separate'/></w:r>"
        + run("25 March 2026")
        + "<w:r><w:fldChar w:fldCharType='end'/></w:r>"
    )
    head = paragraph(field) + "".join(map(paragraph, ("", "Mr Li Wei", "3000 Bern", "")))
    found = start(_letter(head))
    assert template_text(found).startswith("{{ date }}")
    assert b"fldChar" not in found.template
    assert found.proof.holds


def _with_link(name: str, address: str, shown: str) -> bytes:
    link = f"<w:p><w:hyperlink r:id='mail'>{run(shown)}</w:hyperlink></w:p>"
    body = "".join(map(paragraph, (name, "3000 Bern", "", f"Dear {name},")))
    text = docx(body + link + _END)
    target = (
        '<Relationship Id="mail" TargetMode="External" Target="' + address + '" Type="http://'
        'schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"/></Relationships>'
    )
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(text)) as old, zipfile.ZipFile(out, "w") as new:
        for name_of_part in old.namelist():
            data = old.read(name_of_part)
            if name_of_part == "word/_rels/document.xml.rels":
                data = data.replace(b"</Relationships>", target.encode())
            new.writestr(name_of_part, data)
    return out.getvalue()


def test_acceptance_8_the_address_of_a_link_has_the_placeholder_of_its_words() -> None:
    found = start(
        _with_link("Mr Li Wei", "mailto:li@example.org", "li@example.org"),
        _with_link("Ms Ana Rey", "mailto:rey@example.org", "rey@example.org"),
    )
    with zipfile.ZipFile(io.BytesIO(found.template)) as archive:
        links = archive.read("word/_rels/document.xml.rels").decode()
    assert "mailto:{{ recipient." in links
    assert found.proof.holds


def test_a_link_whose_address_is_not_its_words_is_removed_and_reported() -> None:
    found = start(
        _with_link("Mr Li Wei", "https://example.org/1", "li@example.org"),
        _with_link("Ms Ana Rey", "https://example.org/2", "rey@example.org"),
    )
    assert "link removed" in [notice.kind for notice in found.notices]
    assert found.proof.holds


def test_the_template_has_no_title_author_or_comment() -> None:
    found = start(docx(to_li(), title="Letter to Kislyak"))
    with zipfile.ZipFile(io.BytesIO(found.template)) as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist())
    assert b"Kislyak" not in everything
    assert b"creator" not in everything


def _split(text: str, seed: int) -> bytes:
    """Return a letter whose runs are split at random."""
    source = random.Random(seed)  # noqa: S311 - reproducible
    paragraphs = []
    for line in text.split("\n"):
        cuts = sorted({0, len(line), *(source.randrange(len(line) + 1) for _ in range(4))})
        runs = [run(line[a:b], "<w:b/>" * (n % 2)) for n, (a, b) in enumerate(pairwise(cuts))]
        paragraphs.append(paragraph(*runs))
    return docx("".join(paragraphs))


@given(st.integers(0, 10_000))
def test_acceptance_4_runs_split_at_random_give_the_same_template(seed: int) -> None:
    found = start(*(_split(text, seed + n) for n, text in enumerate(_MINISTRIES)))
    plain = _found_in_plain_letters()
    assert template_text(found) == template_text(plain)
    assert values(found) == values(plain)
    assert found.proof.holds


_MINISTRIES = (to_li("The Ministry of Water."), to_rey("The Ministry of Health."))


@cache
def _found_in_plain_letters() -> StartingPoint:
    return start(*_MINISTRIES)


_WORDS = st.text(st.sampled_from("abcdefÄéñжщїبتث-'’ 12,."), min_size=1, max_size=40)


@pytest.mark.slow
@given(_WORDS, _WORDS, _WORDS)
def test_acceptance_5_no_edit_begins_or_ends_inside_a_word(head: str, one: str, two: str) -> None:
    texts = (to_li(f"{head} {one} end."), to_rey(f"{head} {two} end."))
    found = start(*texts)
    for text, edit in ((s.first.text, edit) for s in found.draft.slots for edit in s.edits):
        for position in (edit.start, edit.end):
            pair = text[max(0, position - 1) : position + 1]
            assert not (len(pair) == 2 and pair.isalpha() and position), (text, position)


def test_bookmarks_that_nothing_refers_to_are_not_in_the_template() -> None:
    def marked(text: str) -> bytes:
        marks = "".join(
            f'<w:bookmarkStart w:id="{n}" w:name="{name}"/><w:bookmarkEnd w:id="{n}"/>'
            for n, name in enumerate(("for_Li_Wei", "the_law"))
        )
        lines = [f"<w:p>{marks}</w:p>", *map(paragraph, text.split("\n"))]
        return docx("".join(lines) + paragraph(field("REF the_law", result="the law")))

    found = start(marked(to_li()), marked(to_rey()))
    assert found.proof.holds
    with zipfile.ZipFile(io.BytesIO(found.template)) as archive:
        document = archive.read("word/document.xml")
    assert b'w:name="the_law"' in document
    assert b"for_Li_Wei" not in document


@pytest.mark.parametrize("text", ["Liam", "Li-Ming", "Ali", "O’Li", "Lisa"])
def test_acceptance_7_a_short_name_is_not_found_inside_other_words(text: str) -> None:
    assert occurrences(f"We saw {text} today.", "Li") == []
    assert len(occurrences("Li, Li's, Li.", "Li")) == 3
