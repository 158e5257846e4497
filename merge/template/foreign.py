"""Know the placeholders of other programs: one table of how they are written, and one reader.

Such a placeholder would be printed as it stands. It is an error if a column has its name, and a
warning if it only looks like one. Every pattern here is linear in the text: what may be inside a
placeholder is at most `_LONGEST` characters long.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal, NamedTuple

from merge import messages
from merge.problems import Fault, Level, Place, Problem
from merge.template.tags import Columns, Equivalent

_LONGEST = 40
_MARKS = "\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u06d6-\u06ed\u0900-\u0dff\u0e00-\u0eff"
"""Accents and vowel signs, which Python does not count among the characters of words."""
_FIRST = r"(?:(?![\d_])\w)"
_NAME = rf"{_FIRST}[\w{_MARKS} .'’-]{{0,{_LONGEST}}}?"
_TIGHT = rf"{_FIRST}[\w{_MARKS}.-]{{0,{_LONGEST}}}?"
"""A name without spaces."""

Likely = Literal["always", "tight", "prompt", "element", "quoted"]
"""Which names are warned about if no column has them: all; those without spaces; those that look
like a prompt to write something; those that no markup has; those that only fields have."""


@dataclass(frozen=True, slots=True)
class ForeignStyle:
    """How some programs write a placeholder; `programs` is empty if any may.

    `opening` and `closing` are regular expressions, as is the `name` that may stand between them.
    `text` shows how to write the same in a letter as plain text; empty if that is not needed.
    """

    programs: str
    opening: str
    closing: str
    likely: Likely = "always"
    name: str = _NAME
    text: str = ""

    @property
    def pattern(self) -> str:
        """The whole placeholder, with a group for its name."""
        gap = "" if self.likely in {"tight", "element"} else r"\s{0,3}"
        return f"{self.opening}{gap}({self.name}){gap}{self.closing}"


_SIGIL = r"[#/^?!@&+*$=~]?"
"""What other programs write before a name to begin or end a section, or to say what it is."""
_FORMAT = r"(?::\w[\w(),.'’:/-]{0,40})?"
"""What some programs write after a name: `{city:upper}`; not what follows a colon in a sentence."""

STYLES = (
    ForeignStyle("Aspose.Words, GroupDocs", r"<<\s{0,3}\[", r"\]\s{0,3}>>"),
    ForeignStyle("Docmosis", r"<<", r">>"),
    ForeignStyle("Word, typed by hand", "«", "»", "quoted", name=rf"\s{{0,9}}{_NAME}\s{{0,9}}"),
    ForeignStyle("PHPWord, FreeMarker", rf"(?<![\w$])[$]\{{{_SIGIL}", rf"{_FORMAT}\}}"),
    ForeignStyle("", r"\{ {1,3}\{", r"\} {1,3}\}"),
    ForeignStyle("Templater", r"\[\[", r"\]\]"),
    ForeignStyle(
        "docxtemplater, Carbone",
        rf"(?<![{{\w$])\{{\s{{0,3}}{_SIGIL}",
        rf"{_FORMAT}\}}(?![}}\w])",
    ),
    ForeignStyle("PandaDoc", r"(?<![\[\w.])\[", r"\](?![\](\w]|\.\w|\.\[)", "prompt", text="({})"),
    ForeignStyle("Salesforce", "%%", "%%", "tight", name=_TIGHT),
    ForeignStyle("ActiveCampaign", r"(?<!\w)%", r"%(?!\w)", "tight", text="% {} %"),
    ForeignStyle("StringTemplate", r"(?<![\w$])[$]", r"[$](?![\w$])", "tight", text="$ {} $"),
    ForeignStyle("Mailchimp", r"[*][|]", r"[|][*]"),
    ForeignStyle("", r"(?<![\w<])<", r">(?![>\w])", "element", text="({})"),
    ForeignStyle("", "#{2,3}", "#{2,3}", "tight", name=_TIGHT),
    ForeignStyle("", "@@", "@@", "tight", name=_TIGHT),
)
"""Every way to write a placeholder that is known, those with longer marks first."""

_START = re.compile(r"[{«\[%$<]|##|@@|[*][|]")
_CLOSED_ELEMENT = re.compile(r"</\w|/>")
_TIGHT_NAME = re.compile(rf"{_FIRST}[\w{_MARKS}.-]+")
_CAPITALS = re.compile(r"[A-Z][A-Z0-9_ ]{1,40}")
_JOINED = re.compile(
    rf"[^\W\d](?:(?!_)[\w{_MARKS}])*+[_.][\w{_MARKS}.]+|[a-z]+[A-Z]\w*|[A-Z][a-z]+[A-Z]\w*"
)
"""`first_name`, `order.city`, `firstName`, `FirstName`."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_PROMPT_WORDS = _words(
    "your insert enter type write fill name full first last address city country date day title"
    " email e-mail phone company organisation organization recipient sender signer salutation"
    " street postcode zip state amount number signature position department"
)
"""How prompts to write something begin."""
_COMMON_WORDS = _words(
    "The They Them Their There These This That Those Then Thus When Where While Which What With"
    " From Into After Before Since Under Over Here Some Such Both Each Also Sous Dans Pour Avec"
    " Elle Elles Leur Leurs Cette Cela Nous Vous Para Pero Este Esta Esto Ellos Ellas Nosotros"
    " Dies Diese Dieser Dieses Eine Einer Nach Unter Über Wenn Oder Aber Sein Ihre Sic"
)
"""Words that an editor puts into somebody else's sentence: `[They] were released`."""
_FILE = re.compile(r"\.(?:docx?|xlsx?|xml|pdf|txt|html?|png|jpe?g)$|^[A-Z]{2,}-")
"""The name of a file, or of a standard: `[letter.docx]`, `[MS-DOCX]`."""
_TITLED = re.compile(r"[^\W\d_][\w'’-]*(?: [^\W\d_][\w'’-]*){0,3}")
_ELEMENTS = _words(
    "html head body title table tbody thead caption span code pre font center style script link"
    " meta form input label button select option image video audio canvas frame iframe header"
    " footer main section article aside details summary small strong mark abbr cite quote root item"
    " node element element1 text value ctrl shift enter home delete insert escape space alt"
)


def foreign_tags(
    text: str, columns: Columns, place: Place, *, markup: bool = False
) -> Iterator[Problem]:
    """Yield the placeholders of other programs in a paragraph's text, each as a problem.

    `markup`: there is XML or HTML in the text around, whose elements are not placeholders.
    """
    if not _START.search(text):
        return
    markup = markup or _CLOSED_ELEMENT.search(text) is not None
    for found in _any().finditer(text):
        style, name = STYLES[(found.lastindex or 0) - 1], found[found.lastindex or 0]
        if not any(map(str.isalnum, name)):
            continue  # a blank to be filled in by hand
        if style.likely == "element" and markup:
            continue
        if level := _level(style, name, columns):
            yield _problem(style, found, columns, place, level)


@cache
def _any() -> re.Pattern[str]:
    """Return the pattern of all of them; it takes long to compile, and few templates need it."""
    return re.compile("|".join(style.pattern for style in STYLES))


def _level(style: ForeignStyle, name: str, columns: Columns) -> Level | None:
    """Return how sure it is that a placeholder is meant; None if it is probably text."""
    if style.likely == "quoted":
        return _level_of_quoted(name, columns)
    if columns.knows(name):
        return "error"
    return "warning" if _is_likely(style, name) else None


def _is_likely(style: ForeignStyle, name: str) -> bool:
    """Return whether a name that no column has looks like one, between these marks."""
    if _FILE.search(name):
        return False
    if style.likely == "prompt":
        return bool(_CAPITALS.fullmatch(name) or _JOINED.fullmatch(name) or _is_prompt(name))
    if style.likely == "element":
        is_word = len(name) > 3 and name.isalpha() and name.lower() not in _ELEMENTS
        return is_word or bool(_JOINED.fullmatch(name)) or (" " in name and _is_prompt(name))
    return style.likely == "always" or _TIGHT_NAME.fullmatch(name) is not None


def _is_prompt(name: str) -> bool:
    """Return whether words ask for something to be written: `Your name`, `Family Name`, `City`."""
    words = name.split()
    if words[0].lower() in _PROMPT_WORDS and len(words) > 1:
        return True
    titled = _TITLED.fullmatch(name) and all(word[:1].isupper() for word in words)
    return bool(titled) and (len(words) > 1 or (len(name) > 3 and name not in _COMMON_WORDS))


def _problem(
    style: ForeignStyle, found: re.Match[str], columns: Columns, place: Place, level: Level
) -> Problem:
    name, tag, is_sure = found[found.lastindex or 0], found.group(), level == "error"
    if style.likely == "quoted":
        ours, column, setting, missing, _ = columns.equivalent(name)
        return messages.problem(
            "tag-foreign/quoted" if is_sure else "tag-foreign/quoted-perhaps",
            place,
            tag=name,
            ours=ours,
            column=column,
            setting=setting,
            missing=missing,
        )
    foreign = foreign_body(tag.strip("$ {}"), columns)
    equivalent = foreign.equivalent if foreign else columns.equivalent(name)
    return messages.problem(
        "tag-foreign" if is_sure else "tag-foreign/perhaps",
        place,
        tag=tag if style.programs else None,
        programs=style.programs or None,
        odd=None if style.programs else tag,
        text=style.text.format(name) if style.text and is_sure else None,
        **equivalent._asdict(),
    )


def _level_of_quoted(name: str, columns: Columns) -> Level | None:
    """Return how sure it is that somebody typed «Name» for a merge field; None for a quotation.

    Most languages quote so, and some put spaces inside. A heading as it is written is meant, and so
    is what only a field's name looks like: `Recipient_Name`, `Postal_code`.
    """
    root, joined, rest = name.partition("_")
    is_field = bool(joined and root and rest.strip("_"))
    if name in columns.headings or (is_field and columns.knows(name)):
        return "error"
    return "warning" if is_field or (name == name.strip() and columns.knows(name)) else None


# Placeholders of other programs that begin as ours do, with {{ or {#, and say it in another way.


@dataclass(frozen=True, slots=True)
class _Sign:
    """What a sign after the braces means to some programs, and how that is written here.

    In `ours`, `{name}` is the name. If it is None, the name's own placeholder is meant; if it is
    empty, there is no equivalent.
    """

    programs: str
    ours: str | None = None


_IF = "{{% if {name} %}}…{{% endif %}}"
_IF_NOT = "{{% if not {name} %}}…{{% endif %}}"
_FOR = "{{% for line in {name}|lines %}}…{{% endfor %}}"
_EITHER = f"{_IF} or {_FOR}"
_SIGNS = {
    "#": _Sign("Mustache, Handlebars or poi-tl", _EITHER),
    "?": _Sign("poi-tl", _IF),
    "^": _Sign("Mustache or Handlebars", _IF_NOT),
    "/": _Sign("Mustache, Handlebars or poi-tl", "{{% endif %}} or {{% endfor %}}"),
    "@": _Sign("poi-tl", ""),
    "*": _Sign("poi-tl", _FOR),
    ">": _Sign("Mustache or Handlebars", ""),
    "!": _Sign("Mustache or Handlebars", "{{# … #}}"),
    "&": _Sign("Mustache"),
    "{": _Sign("Mustache or Handlebars"),
    ".": _Sign("Go"),
    "$": _Sign("Jet or Angular"),
    "=": _Sign("Docxpresso"),
}
_HELPERS = {"if": _IF, "unless": _IF_NOT, "each": _FOR, "range": _FOR, "with": ""}
_WORDS = {
    "else": ("Handlebars or Go", "{% else %}"),
    "end": ("Go", "{% endif %} or {% endfor %}"),
    "/if": ("Handlebars", "{% endif %}"),
    "/unless": ("Handlebars", "{% endif %}"),
    "/each": ("Handlebars", "{% endfor %}"),
    "/with": ("Handlebars", ""),
}
_SIGNED = re.compile(rf"([#?^/@*>!&{{.$=])\s{{0,3}}({_NAME})\s{{0,3}}\}}?")
_HELPED = re.compile(
    rf"#?\s{{0,3}}(if|unless|each|range|with)\s{{1,3}}[.$]?({_TIGHT})(?:\s.{{0,200}})?"
)
_FORMATTED = re.compile(rf"\{{\{{\s{{0,3}}({_NAME})\s{{0,3}}\}}(:[^{{}}]{{1,60}})\}}")
"""Plumsail's `{{name}:format(…)}`."""
_LOOP_START = re.compile(rf"\{{#\s{{0,3}}({_TIGHT})\}}")
"""docxtemplater's `{#lines}`."""


class ForeignTag(NamedTuple):
    """A placeholder of other programs, and how to write it here."""

    programs: str
    equivalent: Equivalent


def foreign_body(body: str, columns: Columns) -> ForeignTag | None:
    """Return whose placeholder `{{ body }}` is, and our way to write it; None if no program's."""
    if body in _WORDS and not columns.knows(body):
        programs, ours = _WORDS[body]
        return ForeignTag(programs, _equivalent(ours, body))
    if helped := _HELPED.fullmatch(body):
        programs = "Handlebars" if body.startswith("#") else "Go"
        ours = _HELPERS[helped[1]].format(name=columns.readable(helped[2]))
        return ForeignTag(programs, _equivalent(ours, body))
    if signed := _SIGNED.fullmatch(body):
        sign, name = _SIGNS[signed[1]], signed[2]
        if sign.ours is None:
            return ForeignTag(sign.programs, columns.equivalent(name))
        ours = sign.ours.format(name=columns.readable(name))
        return ForeignTag(sign.programs, _equivalent(ours, body))
    return None


def _equivalent(ours: str, body: str) -> Equivalent:
    return Equivalent(ours) if ours else Equivalent(pointless=body)


def foreign_half(text: str, columns: Columns) -> Fault | None:
    """Return the fault of another program's placeholder at the start of a text, if it is one.

    It is one whose beginning is ours and whose end is not.
    """
    if formatted := _FORMATTED.match(text):
        return messages.fault(
            "tag-unclosed/foreign-format",
            tag=formatted.group(),
            programs="Plumsail Documents",
            **columns.equivalent(formatted[1])._asdict(),
        )
    if loop := _LOOP_START.match(text):
        ours = _EITHER.format(name=columns.readable(loop[1]))
        return messages.fault(
            "tag-unclosed/foreign",
            tag=loop.group(),
            programs="docxtemplater",
            **Equivalent(ours)._asdict(),
        )
    return None
