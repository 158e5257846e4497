"""Templates with one feature of docxtpl each, and their values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from support.documents import block, cell, docx, note, paragraph, run, table, text_box

CONTEXT: dict[str, Any] = {
    "name": "Ana Ruiz",
    "city": "Kyiv",
    "n": 3,
    "price": 2.5,
    "yes": True,
    "no": False,
    "person": {"name": "Bo Berg", "address": {"city": "Oslo", "lines": ["Street 1", "Floor 2"]}},
    "names": ["Ann", "Bo", "Cy"],
    "nobody": [],
    "rows": [{"day": "Mon", "hours": [9, 10]}, {"day": "Tue", "hours": [14]}],
    "matrix": [["a", "b"], ["c", "d"]],
}


@dataclass(frozen=True)
class Feature:
    """A template and its values.

    `reason` says why only the text can be the same as docxtpl's.
    """

    template: bytes
    context: dict[str, Any] = field(default_factory=lambda: CONTEXT)
    reason: str = ""


def _of(body: str, reason: str = "", **values: object) -> Feature:
    return Feature(docx(body), {**CONTEXT, **values}, reason)


def _loop(*inner: str) -> str:
    return block("{%p for x in names %}") + "".join(inner) + block("{%p endfor %}")


_ORDER = "docxtpl puts the cell's property before w:tcW, which the schema forbids"
_BEHIND = "docxtpl gives the words behind a split tag, in its last run, the format of its first"
_GRID = "docxtpl draws the table's grid anew; here it stays, and cells keep their own widths"
_BOLD, _ITALIC = "<w:b/>", "<w:i/>"

FEATURES = {
    "a value": _of("Dear {{ name }},"),
    "a value without spaces": _of("Dear {{name}},"),
    "values side by side": _of("{{ name }}{{ city }} {{ n }}"),
    "a dotted name": _of("{{ person.name }} of {{ person.address.city }}"),
    "a name in brackets": _of("{{ person['name'] }}"),
    "an index": _of("{{ names[0] }} and {{ names[-1] }}"),
    "an index of an index": _of("{{ matrix[1][0] }}"),
    "a field of an indexed item": _of("{{ rows[1].day }} {{ rows[0].hours[1] }}"),
    "numbers": _of("{{ n }} {{ price }}"),
    "truth": _of("{{ yes }}"),
    "a quoted text": _of("{{ 'x' }}{{ \"y\" }}"),
    "formatting of a tag": _of(paragraph("a ", run("{{ name }}", _BOLD), " b")),
    "tags of several formats": _of(paragraph(run("{{ name }}", _BOLD), run("{{ city }}", _ITALIC))),
    "a split tag": _of(paragraph(run("{", _BOLD), run("{ na"), run("me }"), run("}"), " end")),
    "a split tag with words in its last run": _of(
        paragraph(run("a {", _BOLD), run("{ name }"), run("} end")), _BEHIND
    ),
    "a tag split by a proofing mark": _of(
        paragraph("{{ ", "<w:proofErr w:type='spellStart'/>", "name", " }}")
    ),
    "a tab and a break beside tags": _of(paragraph("{{ name }}\t{{ city }}\nend")),
    "if": _of("{% if yes %}in{% endif %} and {% if no %}out{% endif %}."),
    "if, else": _of("{% if no %}one{% else %}two{% endif %}"),
    "if, elif, else": _of("{% if no %}1{% elif n == 3 %}2{% else %}3{% endif %}"),
    "an if inside an if": _of("{% if yes %}a{% if no %}b{% else %}c{% endif %}d{% endif %}"),
    "paragraph if": _of("{%p if yes %}\nin\n{%p endif %}\nend"),
    "paragraph if that is false": _of("{%p if no %}\nin\n{%p endif %}\nend"),
    "paragraph if, elif, else": _of(
        "{%p if no %}\n1\n{%p elif yes %}\n2\n{%p else %}\n3\n{%p endif %}\nend"
    ),
    "for in a paragraph": _of("{% for x in names %}{{ x }} {% endfor %}"),
    "for, with else": _of("{% for x in nobody %}{{ x }}{% else %}none{% endfor %}"),
    "paragraph for": _of("{%p for x in names %}\n- {{ x }}\n{%p endfor %}\nend"),
    "paragraph for over nothing": _of("{%p for x in nobody %}\n- {{ x }}\n{%p endfor %}\nend"),
    "for of several paragraphs": _of("{%p for x in names %}\n{{ x }}\nnext\n{%p endfor %}"),
    "for inside a for": _of(
        "{%p for r in rows %}\n{{ r.day }}\n{%p for h in r.hours %}\n{{ h }}\n{%p endfor %}\n"
        "{%p endfor %}"
    ),
    "for over a list of lists": _of(
        "{% for r in matrix %}{% for x in r %}{{ x }}{% endfor %};{% endfor %}"
    ),
    "an if inside a for": _of(
        "{% for x in names %}{% if x == 'Bo' %}{{ x }}{% endif %}{% endfor %}"
    ),
    "loop.index": _of("{% for x in names %}{{ loop.index }}{{ x }} {% endfor %}"),
    "loop.first and loop.last": _of(
        "{% for x in names %}{% if not loop.first %}, {% endif %}{{ x }}"
        "{% if loop.last %}.{% endif %}{% endfor %}"
    ),
    "row for": _of(
        table(
            ["{%tr for r in rows %}", ""],
            ["{{ r.day }}", "{{ r.hours[0] }}"],
            ["{%tr endfor %}", ""],
        )
    ),
    "row for under a heading": _of(
        table(["Day"], ["{%tr for r in rows %}"], ["{{ r.day }}"], ["{%tr endfor %}"], ["End"])
    ),
    "row if": _of(table(["a"], ["{%tr if no %}"], ["b"], ["{%tr endif %}"], ["c"])),
    "row for with loop.index": _of(
        table(["{%tr for x in names %}"], ["{{ loop.index }}. {{ x }}"], ["{%tr endfor %}"])
    ),
    "cell for": _of(table(["a", "{%tc for x in names %}", "{{ x }}", "{%tc endfor %}"])),
    "cell if": _of(table(["a", "{%tc if yes %}", "b", "{%tc endif %}"]), _GRID),
    "rows of cells": _of(
        table(
            ["{%tr for r in matrix %}", "", ""],
            ["{%tc for x in r %}", "{{ x }}", "{%tc endfor %}"],
            ["{%tr endfor %}", "", ""],
        ),
        _GRID,
    ),
    "a table in a table": _of(
        table([cell(table(["{%tr for x in names %}"], ["{{ x }}"], ["{%tr endfor %}"]))])
    ),
    "a table in a loop": _of(_loop(table(["{{ x }}", "b"]))),
    "run if": _of(paragraph("a", run("{%r if yes %}"), run("b", _BOLD), run("{%r endif %}"), "c")),
    "run for": _of(
        paragraph("a", run("{%r for x in names %}"), run("{{ x }}", _BOLD), run("{%r endfor %}"))
    ),
    "upper and lower": _of("{{ name|upper }} {{ name|lower }}"),
    "title and capitalize": _of("{{ 'a b'|title }} {{ 'ab'|capitalize }}"),
    "trim and replace": _of("[{{ ' x '|trim }}] {{ name|replace('Ana', 'Eva') }}"),
    "join": _of("{{ names|join(', ') }} {{ names|join }}"),
    "first and last": _of("{{ names|first }} {{ names|last }}"),
    "filters in a row": _of("{{ names|first|upper|replace('N', 'M') }}"),
    "default": _of("{{ name|default('x') }}{{ person.name|default('none') }}"),
    "comparisons": _of(
        "{% if n == 3 %}1{% endif %}{% if n != 3 %}2{% endif %}{% if n > 2 %}3{% endif %}"
        "{% if n <= 2 %}4{% endif %}{% if name < 'B' %}5{% endif %}"
    ),
    "in and not in": _of("{% if 'Bo' in names %}1{% endif %}{% if 'x' not in name %}2{% endif %}"),
    "and, or, not": _of("{% if yes and not no %}1{% endif %}{% if no or yes %}2{% endif %}"),
    "is defined": _of(
        "{% if name is defined %}1{% endif %}{% if nothing is defined %}2{% endif %}."
    ),
    "concatenation": _of("{{ name ~ ', ' ~ n }}"),
    "a choice": _of("{{ name if yes else city }} {{ name if no else city }}"),
    "a comment": _of("a{# not shown #}b {{ name }}"),
    "a paragraph comment": _of("{#p not shown #}\n{{ name }}"),
    "a row comment": _of(table(["a"], ["{#tr not shown #}"], ["{{ name }}"])),
    "colspan": _of(table([cell("{% colspan n %}{{ name }}")], ["1", "2", "3"]), _ORDER),
    "cellbg": _of(table([cell("{% cellbg 'FFEE00' %}{{ name }}"), "b"]), _ORDER),
    "vm": _of(
        table(["{%tr for x in names %}", ""], ["{% vm %}T", "{{ x }}"], ["{%tr endfor %}", ""]),
    ),
    "hm": _of(
        table(
            ["{%tc for x in names %}", "{% hm %}T", "{%tc endfor %}"],
            ["{%tc for x in names %}", "{{ x }}", "{%tc endfor %}"],
        ),
    ),
    "special characters": _of("{{ v }}", v="Smith & Sons <a> \"b\" 'c' </w:t> ]]> &amp;"),
    "a line break in a value": _of(paragraph("[", run("{{ v }}", _BOLD), "]"), v="one\ntwo"),
    "a tab in a value": _of("[{{ v }}]", v="one\ttwo"),
    "spaces round a value": _of("[{{ v }}]", v="  x  "),
    "a tag in a value": _of("{{ v }}", v="{{ name }} {% if %} {#"),
    "Cyrillic": _of("Уважаемая {{ v }}!", v="Имя Отчество"),
    "Arabic": _of("عزيزي {{ v }}", v="محمد"),
    "emoji": _of("{{ v }}", v="😀👩‍🚀"),
    "a Cyrillic name": _of("{{ имя }}", имя="Ана"),
    "a header": Feature(docx("x", header="{{ name }}", footer="no tag")),
    "a footer": Feature(docx("x", footer="{% if yes %}{{ name }}{% endif %}")),
    "a loop in a header": Feature(
        docx("x", header="{%p for x in names %}\n{{ x }}\n{%p endfor %}")
    ),
    "a footnote": Feature(docx(paragraph("x", note()), footnotes="{{ name }}")),
    "a text box": _of(text_box("{{ name }}") + block("{{ city }}")),
    "text without a tag": _of("No tag.\n{ 100 % # }"),
    "a content control": _of(f"<w:sdt><w:sdtContent>{block('{{ name }}')}</w:sdtContent></w:sdt>"),
    "a bookmark round a tag": _of(
        paragraph(
            "<w:bookmarkStart w:id='1' w:name='m'/>", "{{ name }}", "<w:bookmarkEnd w:id='1'/>"
        )
    ),
    "a numbered list": _of(
        _loop(f"<w:p><w:pPr><w:ind w:left='360'/></w:pPr>{run('{{ x }}', _BOLD)}</w:p>")
    ),
    "a section in the middle": _of(
        block("{{ name }}") + "<w:p><w:pPr><w:sectPr/></w:pPr></w:p>" + block("{{ city }}")
    ),
}
