"""`merge check`: how problems are shown, which letters an error blocks."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from support.campaigns import letters, make, merge, merge_alone
from support.checked_campaigns import checked, found_problems, short
from support.documents import docx, paragraph
from support.field_markup import field
from support.workbooks import Rows, xlsx

IN_TOWN = "Far is {{ recipient.town }}.\n{{ signer.name }}"


def people(count: int, *columns: str, blank: Sequence[int] = ()) -> Rows:
    """Return many people with filled columns, except in the rows `blank`."""
    rows: list[list[Any]] = [["Name", *columns]]
    for row in range(2, count + 2):
        cells = [None if row in blank else "x"] * len(columns)
        rows.append([name(row), *cells])
    return rows


def name(row: int) -> str:
    """Return a name for each row; a digit in a name would be a problem."""
    return "Person " + "".join(chr(ord("A") + int(digit)) for digit in str(row))


def lines(folder: Path, *words: str) -> list[str]:
    return merge("check", folder, *words).out.splitlines()


def test_a_problem_in_400_cells_is_one_line_with_a_range_and_a_count(tmp_path: Path) -> None:
    make(tmp_path, IN_TOWN, Recipients=people(400, "Town", blank=range(2, 402)))
    printed = lines(tmp_path)
    assert (
        printed[0]
        == "error  signers.xlsx, Recipients!B2:B401 (400 cells: Person C, Person D and 398 more)"
    )
    assert len(printed) == 3
    assert printed[2].startswith("0 letters ready; 400 errors in 400 cells. Fix these, then run: ")


def test_the_json_lists_each_of_400_cells_with_a_problem(tmp_path: Path) -> None:
    recipients = people(400, "Town", blank=range(2, 402))
    problems = checked(tmp_path, IN_TOWN, Recipients=recipients)["problems"]
    assert [p["where"] for p in problems] == [
        f"signers.xlsx, Recipients!B{r}" for r in range(2, 402)
    ]
    assert len({(p["code"], p["message"], p["hint"]) for p in problems}) == 1


def test_cells_that_are_not_adjacent_are_shown_as_several_ranges(tmp_path: Path) -> None:
    make(tmp_path, IN_TOWN, Recipients=people(9, "Town", blank=(2, 3, 5, 8, 9, 10)))
    place = "error  signers.xlsx, Recipients!B2:B3, B5, B8:B10"
    assert lines(tmp_path)[0] == f"{place} (6 cells: Person C, Person D and 4 more)"


def test_a_problem_in_scattered_cells_is_one_short_line(tmp_path: Path) -> None:
    make(tmp_path, IN_TOWN, Recipients=people(60, "Town", blank=range(2, 60, 2)))
    printed = lines(tmp_path)
    place = "error  signers.xlsx, Recipients!B2, B4, B6, B8 and more"
    assert printed[0] == f"{place} (29 cells: Person C, Person E and 27 more)"
    assert len(printed) == 3


def test_problems_with_different_messages_are_separate_lines(tmp_path: Path) -> None:
    rows = [["Name", "Day"], *([name(row), day] for row, day in enumerate(("x", "y", "x"), 2))]
    make(tmp_path, "On {{ recipient.day|date }}.", Recipients=rows)
    error_lines = [line for line in lines(tmp_path) if line.startswith("error")]
    assert error_lines == [
        "error  signers.xlsx, Recipients!B2, B4 (2 cells: Person C, Person E)",
        "error  signers.xlsx, Recipients!B3, Person D",
    ]


def test_a_problem_of_many_files_is_shown_once_with_a_few_of_them(tmp_path: Path) -> None:
    make(tmp_path, Signers=people(7))
    error_lines = [
        line for line in merge("print", tmp_path).err.splitlines() if line.startswith("error")
    ]
    files = [f"letters/{name(2)}/{recipient}.docx" for recipient in ("Consul Roy", "Minister Li")]
    files += [f"letters/{name(3)}/{recipient}.docx" for recipient in ("Consul Roy", "Minister Li")]
    assert error_lines == [f"error  {', '.join(files)} and 10 more"]
    problems = merge("print", tmp_path, "--json").json["problems"]
    assert sum(problem["level"] == "error" for problem in problems) == 14


def test_problems_in_two_columns_are_two_lines(tmp_path: Path) -> None:
    template = "In {{ recipient.town }}.\nOf {{ recipient.rank }}."
    make(tmp_path, template, Recipients=people(3, "Town", "Rank", blank=(2, 3)))
    places = [line for line in lines(tmp_path) if line.startswith("error")]
    assert places == [
        "error  signers.xlsx, Recipients!B2:B3 (2 cells: Person C, Person D)",
        "error  signers.xlsx, Recipients!C2:C3 (2 cells: Person C, Person D)",
    ]


def test_a_blank_cell_in_several_letters_is_one_error(tmp_path: Path) -> None:
    template = "{% if signer.name %}In {{ recipient.town }}.{% endif %}"
    make(tmp_path, template, Recipients=people(2, "Town", blank=(3,)))
    assert "; 1 error in 1 cell. Fix B3, then run: " in lines(tmp_path)[-1]
    assert "1 error, " in merge("letters", tmp_path).last


def test_blank_values_of_pairs_are_shown_in_few_lines(tmp_path: Path) -> None:
    pairs = [["Signer", "Recipient", "Reason"], ["*", "*", None]]
    make(tmp_path, "For {{ pair.reason }}.", Recipients=people(50), Pairs=pairs)
    assert len(lines(tmp_path)) < 10


def test_a_missing_template_is_reported_at_each_cell_that_names_it(tmp_path: Path) -> None:
    rows = [["Name", "Template"], ["Minister Li", "kurz"], ["Consul Roy", None], ["Kim", "kurz"]]
    result = checked(tmp_path, Recipients=rows)
    assert [p["where"] for p in result["problems"]] == [
        "signers.xlsx, Recipients!B2",
        "signers.xlsx, Recipients!B4",
    ]
    assert {p["code"] for p in result["problems"]} == {"template-missing"}
    assert result["ready"] == 2


def test_the_message_about_a_missing_template_suggests_a_similar_one(tmp_path: Path) -> None:
    rows = [["Name", "Template"], ["Minister Li", "apeal"]]
    (problem,) = checked(tmp_path, Recipients=rows)["problems"]
    assert problem["hint"] == "Did you mean appeal.docx?"
    assert found_problems(tmp_path, Recipients=[rows[0], ["Minister Li", "appeal"]]) == []


def test_an_unknown_language_is_reported_at_its_cell(tmp_path: Path) -> None:
    rows = [["Name", "Language"], ["Minister Li", "fr"], ["Consul Roy", "french"], ["Kim", None]]
    assert found_problems(tmp_path, Recipients=rows) == ["language-unknown Recipients!B3"]
    assert checked(tmp_path, Recipients=rows)["ready"] == 4


def test_errors_come_first_then_the_most_severe_warnings(tmp_path: Path) -> None:
    columns = ["Name", "Note to self", "Town"]
    recipients = [columns, ["Consul  Roy", "x", None], ["kim", "x", "TBC"]]
    template = "{{ recipient.nmae }}\nIn {{ recipient.town }}.\n{{ recipient.twon }}"
    signers = [["Name", "Rank"], ["bo", "Dr"]]
    assert found_problems(tmp_path, template, Recipients=recipients, Signers=signers) == [
        "name-unknown body 1",
        "name-unknown body 3",
        "blank-in-sentence Recipients!C2",
        "?text-left-over Recipients!C3",
        "?name-spaces Recipients!A2",
        "?name-small-letters Recipients!A3",
        "?name-small-letters Signers!A2",
        "?column-unused Signers!B1",
    ]
    places = [line.split("  ")[1] for line in lines(tmp_path) if line[:5] in {"error", "warni"}]
    json_places = [p["where"] for p in merge("check", tmp_path, "--json").json["problems"]]
    assert [
        place[: len(json_place)] for place, json_place in zip(places, json_places, strict=True)
    ] == (json_places)
    assert places[2].startswith("signers.xlsx, Recipients!C2, Consul")


def test_the_closing_line_counts_and_says_what_to_fix(tmp_path: Path) -> None:
    rows = [["Name", "Town"], ["Minister Li", "Rome"], ["Consul Roy", None], ["judge Kim", None]]
    rows.append(["mayor paz", "Bonn"])
    make(tmp_path, IN_TOWN, Recipients=rows)
    assert lines(tmp_path)[-1] == (
        "4 letters ready; 2 errors in 2 cells, 1 warning. Fix B3 and B4, then run: "
        f"merge letters {tmp_path}"
    )


def test_the_closing_line_of_a_clean_campaign_says_what_comes_next(tmp_path: Path) -> None:
    make(tmp_path, "{{ recipient.name }}\n{{ signer.name }}", Recipients=people(3))
    assert lines(tmp_path) == [f"6 letters ready. Next: merge letters {tmp_path}"]
    make(tmp_path, "{{ recipient.name }}\n{{ signer.name }}", Recipients=[["Name"], ["ana ruiz"]])
    assert lines(tmp_path)[-1] == f"2 letters ready, 1 warning. Next: merge letters {tmp_path}"


def test_the_current_folder_is_not_in_the_next_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(
        make(tmp_path, "{{ recipient.name }}\n{{ signer.name }}", Recipients=people(1))
    )
    assert merge("check").last == "2 letters ready. Next: merge letters"


def test_the_exit_code_of_check_is_1_for_errors_and_0_for_warnings(tmp_path: Path) -> None:
    assert merge("check", make(tmp_path, Recipients=people(1))).code == 0
    assert merge("check", make(tmp_path, Recipients=[["Name"], ["ana"]])).code == 0
    assert merge("check", make(tmp_path, "{{ recipient.nmae }}")).code == 1
    assert merge("check", tmp_path / "nowhere").code == 2
    assert merge("check", tmp_path, "--for", "Nobody").code == 2


def test_check_writes_nothing(tmp_path: Path) -> None:
    make(tmp_path)
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    merge("check", tmp_path)
    assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == before


def test_check_json_has_the_problems_of_an_unreadable_campaign(tmp_path: Path) -> None:
    make(tmp_path, Signers=[["Nme"], ["Ana"]])
    ran = merge("check", tmp_path, "--json")
    assert (ran.code, ran.json["ready"]) == (1, 0)
    assert [p["code"] for p in ran.json["problems"]] == ["heading-missing"]
    ran = merge("check", tmp_path / "nowhere", "--json")
    assert (ran.code, [p["code"] for p in ran.json["problems"]]) == (2, ["workbook-missing"])


@pytest.mark.slow
def test_check_writes_no_colours_into_a_pipe_and_nothing_to_standard_error(tmp_path: Path) -> None:
    make(tmp_path, IN_TOWN, Recipients=[["Name", "Town"], ["ana", None]])
    ran = merge_alone("check", tmp_path, env={"TERM": "xterm-256color"})
    assert "\x1b" not in ran.out
    assert ran.out.startswith("error  signers.xlsx, Recipients!B2, ana\n")
    assert "\nwarning  signers.xlsx, Recipients!A2, ana  [" in ran.out
    assert (ran.code, ran.err) == (1, "")


def test_removed_blank_lines_are_shown_with_the_number_of_letters(tmp_path: Path) -> None:
    template = "{{ recipient.town }}\n{{ signer.rank }}\n{{ recipient.name }}\nDear friend,"
    recipients = people(3, "Town", blank=(2, 3))
    signers = [["Name", "Rank"], ["Ana", "Dr"], ["Bo", "Dr"], ["Cy", "Dr"], ["Di", None]]
    make(tmp_path, template, Signers=signers, Recipients=recipients)
    assert lines(tmp_path)[:-1] == [
        "blank line removed in 8 of 12 letters: {{ recipient.town }}",
        "blank line removed in 3 of 12 letters: {{ signer.rank }}",
    ]
    assert lines(tmp_path, "--for", name(2))[:-1] == [
        "blank line removed in 4 of 4 letters: {{ recipient.town }}",
        "blank line removed in 1 of 4 letters: {{ signer.rank }}",
    ]


def test_removed_blank_lines_with_the_same_placeholders_are_shown_once(tmp_path: Path) -> None:
    line = "{{ recipient.town }}\n{{ recipient.street }}"
    rows = [["Name", "Town", "Street"], ["Consul Roy", None, None], ["Minister Li", "Delhi", "x"]]
    make(
        tmp_path, docx(f"{line}\nDear friend,\n{{{{ signer.name }}}}", header=line), Recipients=rows
    )
    assert lines(tmp_path)[:-1] == [
        "blank line removed in 2 of 4 letters: {{ recipient.town }}, {{ recipient.street }}"
    ]


def test_removed_blank_lines_are_shown_for_each_template(tmp_path: Path) -> None:
    columns = ["Name", "Town", "Template"]
    recipients = [columns, ["Consul Roy", None, "appeal"], ["Minister Li", None, "kurz"]]
    settings = [["Name", "Value"], ["Template", "appeal"]]
    make(
        tmp_path,
        "{{ recipient.town }}\nDear friend,\n{{ signer.name }}",
        Recipients=recipients,
        Settings=settings,
    )
    (tmp_path / "templates" / "kurz.docx").write_bytes(
        docx("{{ recipient.town }}\nGuten Tag\n{{ signer.name }}")
    )
    assert lines(tmp_path)[:-1] == [
        "blank line removed in 2 of 2 letters from appeal.docx: {{ recipient.town }}",
        "blank line removed in 2 of 2 letters from kurz.docx: {{ recipient.town }}",
    ]


def test_only_errors_of_the_selected_letters_count(tmp_path: Path) -> None:
    recipients = [["Name", "Town"], ["Minister Li", None], ["Consul Roy", "Delhi"]]
    make(tmp_path, IN_TOWN, Recipients=recipients, Signers=[["Name"], ["Ana Ruiz"], ["bo"]])
    without_errors = merge("check", tmp_path, "--json", "--for", "Consul Roy")
    assert [p["code"] for p in without_errors.json["problems"]] == ["name-small-letters"]
    assert (without_errors.code, without_errors.json["ready"]) == (0, 2)
    with_errors = merge("check", tmp_path, "--json", "--for", "Minister Li", "--for", "Ana Ruiz")
    assert (with_errors.code, with_errors.json["ready"]) == (1, 0)
    assert with_errors.json["problems"][0]["where"] == "signers.xlsx, Recipients!B2"


def test_an_error_of_the_template_counts_for_any_selection(tmp_path: Path) -> None:
    make(tmp_path, "{{ recipient.nmae }}", Recipients=people(2))
    assert merge("check", tmp_path, "--for", name(2)).code == 1


PAIRED = (
    "{% if signer.town == recipient.town %}We know {{ signer.street }}.{% endif %}",
    "{{ recipient.rank }}\n{{ signer.day|date }}",
    "{% if pair.reason %}x{% endif %}{% if language == 'fr' %}Le {{ signer.street }}.{% endif %}",
)
SIGNERS: Rows = [
    ["Name", "Town", "Street", "Day"],
    ["Ana", "Rome", None, None],
    ["Bo", "Oslo", "Elm", "soon"],
    ["Cy", "Rome", "Oak", None],
    ["Di", None, None, None],
]
RECIPIENTS: Rows = [
    ["Name", "Town", "Rank", "Language", "Template"],
    ["Li", "Rome", "Dr", None, None],
    ["Roy", "Oslo", "#N/A", "fr", None],
    ["Kim", None, None, "fr", None],
    ["Ode", "Rome", None, None, "other"],
    ["Paz", "Bonn", None, None, "missing"],
]
PAIRS: Rows = [["Signer", "Recipient", "Reason"], ["*", "*", None], ["Cy", "Li", "Yes."]]


@pytest.mark.slow
@pytest.mark.parametrize("with_pairs", [False, True])
def test_skip_errors_skips_exactly_the_letters_that_fail_in_a_campaign_of_their_own(
    tmp_path: Path, *, with_pairs: bool
) -> None:
    """The expected result comes from one campaign for each pair.

    A letter is expected if `merge check` finds no error in the campaign of its pair.
    """
    template = "\n".join(PAIRED if with_pairs else PAIRED[:2])
    expected = set()
    for signer, recipient in itertools.product(SIGNERS[1:], RECIPIENTS[1:]):
        alone = tmp_path / f"{signer[0]}-{recipient[0]}"
        sheets = {"Signers": [SIGNERS[0], signer], "Recipients": [RECIPIENTS[0], recipient]}
        pair_rows = [r for r in PAIRS[1:] if {r[0], r[1]} <= {"*", signer[0], recipient[0]}]
        if _campaign(alone, template, pair_rows if with_pairs else None, **sheets) == 0:
            expected.add(f"{signer[0]}/{recipient[0]}.docx")
    campaign, pairs = tmp_path / "whole", PAIRS[1:] if with_pairs else None
    _campaign(campaign, template, pairs, Signers=SIGNERS, Recipients=RECIPIENTS)
    check_result = merge("check", campaign, "--json").json
    ran = merge("letters", campaign, "--skip-errors", "--json")
    assert set(letters(campaign)) == expected
    assert check_result["ready"] == ran.json["written"] == len(expected) not in {0, 20}
    blocked = [step for step in ran.json["letters"] if step["state"] == "faulty"]
    assert len(blocked) == ran.json["skipped"] == 20 - len(expected)
    assert all(step["reason"] for step in blocked)


def _campaign(folder: Path, template: str, pairs: Rows | None, **sheets: Rows) -> int:
    pair_sheets = {} if pairs is None else {"Pairs": [PAIRS[0], *pairs]}
    settings = [["Name", "Value"], ["Template", "appeal"]]
    make(folder, template, Settings=settings, **sheets, **pair_sheets)
    (folder / "templates" / "other.docx").write_bytes(docx("To {{ signer.town }}."))
    return merge("check", folder).code


def test_every_skipped_letter_is_listed_with_its_reason(tmp_path: Path) -> None:
    make(tmp_path, IN_TOWN, Recipients=people(3, "Town", blank=(3,)))
    steps = merge("letters", tmp_path, "--skip-errors", "--json").json["letters"]
    reasons = {s["reason"] for s in steps if s["state"] == "faulty"}
    assert [r.startswith("signers.xlsx, Recipients!B3: ") for r in reasons] == [True]


@pytest.mark.slow
def test_the_json_of_check_is_one_object_in_any_encoding(tmp_path: Path) -> None:
    rows = [["Name", "Town"], ["Łukasz Ünal", None]]
    make(tmp_path, IN_TOWN, Recipients=rows)
    env = {"PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
    ran = merge_alone("check", tmp_path, "--json", env=env)
    assert set(json.loads(ran.out)) == {"ready", "problems"}


def test_the_closing_line_names_cells_only_if_all_errors_are_in_them(
    tmp_path: Path,
) -> None:
    recipients = [["Name", "Town"], ["Minister Li", None]]
    make(tmp_path, "In {{ recipient.town }} {{ recipient.nmae }}.", Recipients=recipients)
    assert "Fix these, then run: merge letters" in merge("check", tmp_path).last
    make(tmp_path, "In {{ recipient.town }}.", Recipients=recipients)
    assert "Fix B2, then run: merge letters" in merge("check", tmp_path).last


FAULTY = "Dear {{ recipient.nmae }},\n{{ signer.twon }}\n{{ recipient.name\n{% if date %}x"
SYNTAX = ["tag-unclosed body 3", "block-unclosed body 4"]


@pytest.mark.parametrize(
    ("sheets", "errors"),
    [
        (
            {"Signers": [["Person"], ["Ana Ruiz"]]},
            ["heading-missing Signers!1", "name-unknown body 1"],
        ),
        (
            {
                "Recipients": [["Nmae"], ["Minister Li"]],
                "Signers": [["Name", "Town"], ["Ana", "x"]],
            },
            ["heading-missing Recipients!1", "name-unknown body 2"],
        ),
        (
            {"Signers": [["Name"]]},
            ["nobody Signers sheet", "name-unknown body 1", "name-unknown body 2"],
        ),
        (
            {"Pairs": [["Signer", "To"], ["*", "*"]]},
            ["heading-missing Pairs!1", "name-unknown body 1", "name-unknown body 2"],
        ),
    ],
)
def test_errors_of_a_template_are_reported_together_with_a_wrong_heading(
    tmp_path: Path, sheets: dict[str, Rows], errors: list[str]
) -> None:
    make(tmp_path, FAULTY, **sheets)
    problems = [short(p) for p in merge("check", tmp_path, "--json").json["problems"]]
    assert sorted(problems) == sorted([*errors, *SYNTAX])
    last = lines(tmp_path)[-1]
    assert last.startswith(f"0 letters ready; {len(problems)} errors")
    assert last.endswith(f"then run: merge letters {tmp_path}")
    ran = merge("letters", tmp_path)
    assert "is not closed" in ran.err
    assert ran.last.startswith(f"{len(problems)} errors, 0 letters saved.")


def test_placeholders_of_a_missing_sheet_are_not_reported(tmp_path: Path) -> None:
    letter = paragraph("To ", field(" MERGEFIELD City "), field(" MERGEFIELD Signer_City "))
    make(tmp_path, docx(letter + paragraph("{{ recipient.name }} {{ city }}")))
    xlsx(tmp_path, Signer=[["Name", "City"], ["Ana", "Lima"]])
    codes = [p["code"] for p in merge("check", tmp_path, "--json").json["problems"]]
    assert codes == ["sheet-missing", "sheet-missing"]


def test_errors_of_the_workbook_are_reported_together_with_an_unclear_template(
    tmp_path: Path,
) -> None:
    make(tmp_path, Signers=[["Name", "Include"], ["Ana Ruiz", "perhaps"]])
    (tmp_path / "templates" / "short.docx").write_bytes(docx("x"))
    codes = [p["code"] for p in merge("check", tmp_path, "--json").json["problems"]]
    assert sorted(codes) == ["include-unknown", "template-unclear"]


def test_check_prints_no_closing_line_if_the_workbook_is_missing(tmp_path: Path) -> None:
    ran = merge("check", tmp_path)
    assert ran.out == ""
    assert ran.code == 2


def test_a_name_of_thousands_of_characters_does_not_widen_the_status(tmp_path: Path) -> None:
    folder = make(tmp_path, Signers=[["Name"], ["Ana " * 1000], ["Bo Berg"]])
    lines_of_status = merge("status", folder).out.split("\n")
    assert max(map(len, lines_of_status)) < 200
    assert any(line.startswith("Ana Ana") and "…" in line for line in lines_of_status)
