"""Templates with one feature each, their values and expected texts.

Several tests use the table: text, comparison with docxtpl, validity, LibreOffice.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from merge.template.filters import TemplateValue
from support.documents import block, cell, docx, note, paragraph, run, table, text_box

VALUES: dict[str, TemplateValue] = {
    "a": "A",
    "b": "B",
    "z": "",
    "n": 3,
    "k": 1.5,
    "yes": True,
    "no": False,
    "names": ["Ann", "Bo"],
    "nobody": [],
    "rows": [{"day": "Mon", "hour": "9"}, {"day": "Tue", "hour": "10"}],
    "person": {"name": "Ana Ruiz", "items": "three", "class": "first"},
    "address": "Street 1\n\nFlat 2",
}

LOOP = "{%p for name in names %}"
NESTED = table([cell(table(["{%tr for name in names %}"], ["{{ name }}"], ["{%tr endfor %}"]))])


@dataclass(frozen=True)
class Case:
    """A template, and the expected paragraphs of its letter's body.

    `plain` is true if docxtpl gives the same.
    """

    template: bytes
    text: list[str]
    plain: bool = True
    values: dict[str, TemplateValue] = field(default_factory=lambda: VALUES)


def _case(body: str, *text: str, plain: bool = True) -> Case:
    return Case(docx(body), list(text), plain)


CASES = {
    "value": _case("Dear {{ a }},", "Dear A,"),
    "two values": _case("{{ a }} and {{b}}", "A and B"),
    "field": _case("{{ person.name }}", "Ana Ruiz"),
    "field in brackets": _case("{{ person['name'] }}", "Ana Ruiz"),
    "index": _case("{{ names[0] }} {{ names[-1] }}", "Ann Bo"),
    "field of an item": _case("{{ rows[1].day }}", "Tue"),
    "numbers and truth": _case("{{ n }} {{ k }} {{ yes }}", "3 1.5 True"),
    "filters": _case("{{ a|lower }}{{ b|upper }} {{ 'x y'|title }}", "aB X Y"),
    "join, first, last": _case("{{ names|join(', ') }}; {{ names|first }}", "Ann, Bo; Ann"),
    "replace and trim": _case("{{ a|replace('A', 'C') }}{{ ' x '|trim }}", "Cx"),
    "concatenation": _case("{{ a ~ '-' ~ b }}", "A-B"),
    "choice": _case("{{ a if yes else b }}{{ a if no else b }}", "AB"),
    "choice without else": _case(
        "{{ a if yes }}{{ b if no }}{% for x in names %}{{ x }}{{ ', ' if not loop.last }}"
        "{% endfor %}.",
        "AAnn, Bo.",
    ),
    "quoted text": _case("{{ 'R' }}&{{ “<” }}{{ ‘x’ }}", "R&<x"),
    "if": _case("{% if yes %}in{% endif %}{% if no %}out{% endif %}.", "in."),
    "if, elif, else": _case("{% if no %}1{% elif n == 3 %}2{% else %}3{% endif %}", "2"),
    "conditions": _case("{% if n > 2 and not no and 'Bo' in names %}y{% endif %}", "y"),
    "is defined": _case("{% if a is defined %}y{% endif %}", "y"),
    "for": _case(
        "{% for x in names %}{{ x }}{% if not loop.last %}, {% endif %}{% endfor %}.", "Ann, Bo."
    ),
    "for in for": _case(
        "{% for x in names %}{% for y in names %}{{ x }}{{ y }} {% endfor %}{% endfor %}",
        "AnnAnn AnnBo BoAnn BoBo ",
    ),
    "loop.index": _case(
        f"{LOOP}\n{{{{ loop.index }}}}. {{{{ name }}}}\n{{%p endfor %}}", "1. Ann", "2. Bo"
    ),
    "paragraph if": _case("{%p if no %}\nx\n{%p endif %}\ny", "y"),
    "paragraph if, elif, else": _case(
        "{%p if no %}\n1\n{%p elif n == 3 %}\n2\n{%p else %}\n3\n{%p endif %}", "2"
    ),
    "paragraph for": _case(
        f"{LOOP}\n- {{{{ name }}}}\n{{%p endfor %}}\nend", "- Ann", "- Bo", "end"
    ),
    "if in for": _case(
        LOOP + "\n{%p if name == 'Bo' %}\n{{ name }}\n{%p endif %}\n{%p endfor %}", "Bo"
    ),
    "if round a table": _case(
        block("{%p if yes %}") + table(["a"]) + block("{%p endif %}"), "a", ""
    ),
    "row for": _case(
        table(
            ["{%tr for r in rows %}", ""], ["{{ r.day }}", "{{ r.hour }}"], ["{%tr endfor %}", ""]
        ),
        *("Mon", "9", "Tue", "10", ""),
    ),
    "row if": _case(table(["a"], ["{%tr if no %}"], ["b"], ["{%tr endif %}"], ["c"]), "a", "c", ""),
    "cell for": _case(
        table(["a", "{%tc for x in names %}", "{{ x }}", "{%tc endfor %}"]), "a", "Ann", "Bo", ""
    ),
    "row for in a nested table": _case(NESTED, "Ann", "Bo", "", ""),
    "run if": _case(
        paragraph("a ", run("{%r if yes %}"), run("b", "<w:b/>"), run("{%r endif %}")),
        "a b",
    ),
    "two run tags in one run": _case("a {%r if yes %}b{%r endif %} c", "a b c"),
    "colspan": _case(
        table([cell("{% colspan n %}{{ a }}")], ["1", "2", "3"]), "A", "1", "2", "3", ""
    ),
    "cellbg": _case(table([cell("{% cellbg 'FFEE00' %}{{ a }}"), "b"]), "A", "b", ""),
    "vm": _case(
        table(["{%tr for x in names %}", ""], ["{% vm %}T", "{{ x }}"], ["{%tr endfor %}", ""]),
        *("T", "Ann", "", "Bo", ""),
    ),
    "hm": _case(
        table(
            ["{%tc for x in names %}", "{% hm %}T", "{%tc endfor %}"],
            ["{%tc for x in names %}", "{{ x }}", "{%tc endfor %}"],
        ),
        *("T", "Ann", "Bo", ""),
    ),
    "comment": _case("a{# note #}b {{ a }}", "ab A"),
    "paragraph comment": _case("{#p note #}\n{{ a }}", "A"),
    "braces of ordinary text": _case("a { b } {c} {{ a }} { {x} }", "a { b } {c} A { {x} }"),
    "line break and tab in the template": _case(paragraph("one\ntwo\t{{ a }}"), "one\ntwo\tA"),
    "text box": _case(text_box("{{ a }}"), "", "A"),
    "if over two paragraphs": _case("{% if yes %}x\ny{% endif %}z", "x", "yz"),
    "tag split over runs": _case(
        paragraph(run("a {", "<w:b/>"), run("{ per", "<w:i/>"), run("son.name }"), run("} b")),
        "a Ana Ruiz b",
    ),
    "tag split by a proofing mark": _case(
        paragraph(run("{{ "), "<w:proofErr w:type='spellStart'/>", run("a"), run(" }}")), "A"
    ),
    "lines of a cell": _case(
        "{%p for x in address|lines %}\n{{ x }}\n{%p endfor %}", "Street 1", "Flat 2", plain=False
    ),
    "value for a run": _case("x {{r a }} y", "x A y", plain=False),
    "value for a paragraph": _case("{{p a }}", "A", plain=False),
    "columns named like Python's": _case(
        "{{ person.items }} {{ Person.Class }}", "three first", plain=False
    ),
    "only a comment": _case("a{# note #}b", "ab", plain=False),
    "no-break space": _case("{{\u00a0a\u00a0}}", "A", plain=False),
    "zero width": _case("{{\u200ba\u200d\ufeff }}\u200b", "A\u200b", plain=False),
    "quotes of other languages": _case(
        "{{ z|default(„x“) }}{{ z|default(«y») }}{{ z|default(‚w‘) }}", "xyw", plain=False
    ),
    "address with a blank line": _case("{{ a }}\n{{ z }}\n{{ b }}", "A", "B"),
    "address in one paragraph": _case(paragraph("{{ a }}\n{{ z }}\n{{ b }}"), "A\nB", plain=False),
    "city and country": _case("{{ z }}, {{ b }}", "B", plain=False),
    "one cell, blank": _case(table(["{{ z }}", "b"]), "", "b", ""),
    "all of a cell left out": _case(
        table([cell("{%p if no %}\nx\n{%p endif %}"), "b"]), "", "b", "", plain=False
    ),
    "empty loop of rows": _case(
        table(["h"], ["{%tr for x in nobody %}"], ["{{ x }}"], ["{%tr endfor %}"]), "h", ""
    ),
    "loop of text boxes": _case(
        block(LOOP) + text_box("{{ name }}") + block("{%p endfor %}"), "", "Ann", "", "Bo"
    ),
    "loop with a bookmark": _case(
        block(LOOP)
        + paragraph(
            "<w:bookmarkStart w:id='1' w:name='m'/>", "{{ name }}", "<w:bookmarkEnd w:id='1'/>"
        )
        + block("{%p endfor %}"),
        *("Ann", "Bo"),
    ),
    "a bookmark that ends at the loop's end": _case(
        paragraph("<w:bookmarkStart w:id='1' w:name='m'/>", LOOP)
        + paragraph("{{ name }}")
        + paragraph("{%p endfor %}", "<w:bookmarkEnd w:id='1'/>"),
        *("Ann", "Bo"),
    ),
    "every part": Case(
        docx(
            paragraph("{{ a }}", note(), note("endnote")),
            header="{{ a }}\n{{ z }}",
            footer="{{ z }}",
            footnotes="{{ z }}",
            endnotes="{{ b }}",
            title="{{ a }}",
        ),
        ["A"],
    ),
}
