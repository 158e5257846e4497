"""Messages about placeholders that no other test produces."""

from __future__ import annotations

import pytest
from support.documents import paragraph
from support.filled_letters import problem_texts

from merge.errors import FaultError
from merge.problems import Place
from merge.template.filters import filling_fault
from merge.template.grammar import check_tag
from merge.template.jinja import LetterEnvironment, compile_text
from merge.template.tags import Tag

A = "http://schemas.openxmlformats.org/drawingml/2006/main"
PIECES = (
    f'<w:r><w:drawing><a:p xmlns:a="{A}"><a:t>{{</a:t><a:t>{{ a }}}}</a:t></a:p></w:drawing></w:r>'
)
HERE = Place("a.docx")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (paragraph(PIECES), "The placeholder is split into pieces"),
        ("{{ +a }}", "{{ +a }} does something that is not allowed"),
        ("{% if a %}" + "{% elif a %}" * 51 + "{% endif %}", "{% if a %} has more than 50 elifs."),
    ],
)
def test_a_forbidden_construct_in_a_placeholder_is_named(body: str, message: str) -> None:
    assert message in problem_texts(body)


def test_a_character_that_no_letter_can_contain_is_refused() -> None:
    (problem,) = check_tag(Tag("value", "", '"\x0b"', HERE))
    assert problem.what.endswith("contains a character that a letter cannot contain.")


def test_a_call_in_a_placeholder_is_refused() -> None:
    with pytest.raises(FaultError, match="cannot call anything"):
        LetterEnvironment().call()


def test_a_loop_in_the_file_name_pattern_is_refused() -> None:
    problems = compile_text("{% for x in signer.name|lines %}x{% endfor %}", HERE)
    assert isinstance(problems, list)
    assert [problem.what for problem in problems] == ["A loop cannot be used here."]


def test_an_unforeseen_error_of_filling_is_reported_without_pythons_words() -> None:
    fault = filling_fault(ArithmeticError("too odd"), "{{ a }}")
    assert fault.code == "tag-not-usable"
    assert fault.what == "{{ a }}: the placeholder cannot be filled in."
