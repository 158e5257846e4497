"""Recognise the placeholders of other programs.

They are in one table, which one function reads. Such a placeholder would be printed as it is. It is
an error if a column has its name, and a warning if it only looks like one. Every pattern here is
linear in the text: a placeholder contains at most `_LONGEST` characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

from merge import messages
from merge.problems import Fault, Level, Place, Problem
from merge.template.tags import FieldsBySheet

_LONGEST = 40
_COMBINING_MARKS = (
    "\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u06d6-\u06ed\u0900-\u0dff\u0e00-\u0eff"
)
"""Accents and vowel signs, which Python does not
count among the characters of words."""
_FIRST_LETTER = r"(?:(?![\d_])\w)"
_NAME = rf"{_FIRST_LETTER}[\w{_COMBINING_MARKS} .'’-]{{0,{_LONGEST}}}?"
_UNSPACED_NAME = rf"{_FIRST_LETTER}[\w{_COMBINING_MARKS}.-]{{0,{_LONGEST}}}?"
"""A name without spaces."""

WarningRule = Literal["always", "tight", "prompt", "element", "quoted"]
"""Names that are warned about if no column has them.

"always": all; "tight": those without spaces; "prompt": those that
look like a prompt to write something; "element": those that no
markup has; "quoted": those that only fields have.
"""


@dataclass(frozen=True, slots=True)
class ForeignStyle:
    """A style of placeholders; `programs` is empty if any program may use it.

    `opening` and `closing` are regular expressions, as is the `name_pattern` of the name between
    them. `plain_form` shows how to write the same in a letter as plain text; empty if that is not
    needed.
    """

    programs: str
    opening: str
    closing: str
    warning_rule: WarningRule = "always"
    name_pattern: str = _NAME
    plain_form: str = ""

    @property
    def pattern(self) -> str:
        """The regex for a placeholder of this style, with a group for the name."""
        gap = "" if self.warning_rule in {"tight", "element"} else r"\s{0,3}"
        return f"{self.opening}{gap}({self.name_pattern}){gap}{self.closing}"


_SIGIL = r"[#/^?!@&+*$=~]?"
"""Signs of other programs before a name: start
or end of a section, or its kind."""
_FORMAT = r"(?::\w[\w(),.'’:/-]{0,40})?"
"""Formats after a name in some programs:
`{city:upper}`; not text after a colon."""

FOREIGN_STYLES = (
    ForeignStyle("Aspose.Words, GroupDocs", r"<<\s{0,3}\[", r"\]\s{0,3}>>"),
    ForeignStyle("Docmosis", r"<<", r">>"),
    ForeignStyle(
        "Word, typed by hand", "«", "»", "quoted", name_pattern=rf"\s{{0,9}}{_NAME}\s{{0,9}}"
    ),
    ForeignStyle("PHPWord, FreeMarker", rf"(?<![\w$])[$]\{{{_SIGIL}", rf"{_FORMAT}\}}"),
    ForeignStyle("", r"\{ {1,3}\{", r"\} {1,3}\}"),
    ForeignStyle("Templater", r"\[\[", r"\]\]"),
    ForeignStyle(
        "docxtemplater, Carbone",
        rf"(?<![{{\w$])\{{\s{{0,3}}{_SIGIL}",
        rf"{_FORMAT}\}}(?![}}\w])",
    ),
    ForeignStyle(
        "PandaDoc", r"(?<![\[\w.])\[", r"\](?![\](\w]|\.\w|\.\[)", "prompt", plain_form="({})"
    ),
    ForeignStyle("Salesforce", "%%", "%%", "tight", name_pattern=_UNSPACED_NAME),
    ForeignStyle("ActiveCampaign", r"(?<!\w)%", r"%(?!\w)", "tight", plain_form="% {} %"),
    ForeignStyle("StringTemplate", r"(?<![\w$])[$]", r"[$](?![\w$])", "tight", plain_form="$ {} $"),
    ForeignStyle("Mailchimp", r"[*][|]", r"[|][*]"),
    ForeignStyle("", r"(?<![\w<])<", r">(?![>\w])", "element", plain_form="({})"),
    ForeignStyle("", "#{2,3}", "#{2,3}", "tight", name_pattern=_UNSPACED_NAME),
    ForeignStyle("", "@@", "@@", "tight", name_pattern=_UNSPACED_NAME),
)
"""All known styles of placeholders, those with longer marks first."""

_START = re.compile(r"[{«\[%$<]|##|@@|[*][|]")
_CLOSED_ELEMENT = re.compile(r"</\w|/>")
_UNSPACED = re.compile(rf"{_FIRST_LETTER}[\w{_COMBINING_MARKS}.-]+")
_CAPITAL_NAME = re.compile(r"[A-Z][A-Z0-9_ ]{1,40}")
_JOINED_NAME = re.compile(
    rf"[^\W\d](?:(?!_)[\w{_COMBINING_MARKS}])*+[_.][\w{_COMBINING_MARKS}.]+|[a-z]+[A-Z]\w*|[A-Z][a-z]+[A-Z]\w*"
)
"""`first_name`, `order.city`, `firstName`, `FirstName`."""


def _word_set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_PROMPT_WORDS = _word_set(
    "your insert enter type write fill name full first last address city country date day title"
    " email e-mail phone company organisation organization recipient sender signer salutation"
    " street postcode zip state amount number signature position department"
)
"""First words of prompts to write something."""
_COMMON_WORDS = _word_set(
    "The They Them Their There These This That Those Then Thus When Where While Which What With"
    " From Into After Before Since Under Over Here Some Such Both Each Also Sous Dans Pour Avec"
    " Elle Elles Leur Leurs Cette Cela Nous Vous Para Pero Este Esta Esto Ellos Ellas Nosotros"
    " Dies Diese Dieser Dieses Eine Einer Nach Unter Über Wenn Oder Aber Sein Ihre Sic"
)
"""Words that an editor inserts into a quotation: `[They] were released`."""
_FILE_NAME = re.compile(r"\.(?:docx?|xlsx?|xml|pdf|txt|html?|png|jpe?g)$|^[A-Z]{2,}-")
"""The name of a file, or of a standard: `[letter.docx]`, `[MS-DOCX]`."""
_TITLE_CASE = re.compile(r"[^\W\d_][\w'’-]*(?: [^\W\d_][\w'’-]*){0,3}")
_ELEMENTS = _word_set(
    "html head body title table tbody thead caption span code pre font center style script link"
    " meta form input label button select option image video audio canvas frame iframe header"
    " footer main section article aside details summary small strong mark abbr cite quote root item"
    " node element element1 text value ctrl shift enter home delete insert escape space alt"
)


def find_foreign_placeholders(
    text: str, columns: FieldsBySheet, place: Place, *, markup: bool = False
) -> Iterator[Problem]:
    """Yield a problem for each placeholder of another program in a text.

    `markup`: the text around contains XML or HTML, whose elements are not placeholders.
    """
    if not _START.search(text):
        return
    markup = markup or _CLOSED_ELEMENT.search(text) is not None
    for match in _combined_pattern().finditer(text):
        style, name = FOREIGN_STYLES[(match.lastindex or 0) - 1], match[match.lastindex or 0]
        if not any(map(str.isalnum, name)):
            continue  # a blank for people to fill in
        if style.warning_rule == "element" and markup:
            continue
        if level := _level(style, name, columns):
            yield _problem(style, match, columns, place, level)


@cache
def _combined_pattern() -> re.Pattern[str]:
    """Return one regex for the placeholders of all styles.

    It takes long to compile, and few templates need it.
    """
    return re.compile("|".join(style.pattern for style in FOREIGN_STYLES))


def _level(style: ForeignStyle, name: str, columns: FieldsBySheet) -> Level | None:
    """Return error or warning for a placeholder, or None if it may be text."""
    if style.warning_rule == "quoted":
        return _quoted_level(name, columns)
    if columns.has_column(name):
        return "error"
    return "warning" if _is_warned_about(style, name) else None


def _is_warned_about(style: ForeignStyle, name: str) -> bool:
    """Return whether a name that no column has looks like a placeholder's."""
    if _FILE_NAME.search(name):
        return False
    if style.warning_rule == "prompt":
        return bool(
            _CAPITAL_NAME.fullmatch(name) or _JOINED_NAME.fullmatch(name) or _is_prompt(name)
        )
    if style.warning_rule == "element":
        is_word = len(name) > 3 and name.isalpha() and name.lower() not in _ELEMENTS
        return is_word or bool(_JOINED_NAME.fullmatch(name)) or (" " in name and _is_prompt(name))
    return style.warning_rule == "always" or _UNSPACED.fullmatch(name) is not None


def _is_prompt(name: str) -> bool:
    """Return whether words ask a person to write: `Your name`, `City`."""
    words = name.split()
    if words[0].lower() in _PROMPT_WORDS and len(words) > 1:
        return True
    title = _TITLE_CASE.fullmatch(name) and all(word[:1].isupper() for word in words)
    return bool(title) and (len(words) > 1 or (len(name) > 3 and name not in _COMMON_WORDS))


def _problem(
    style: ForeignStyle, match: re.Match[str], columns: FieldsBySheet, place: Place, level: Level
) -> Problem:
    name, placeholder, is_sure = match[match.lastindex or 0], match.group(), level == "error"
    if style.warning_rule == "quoted":
        ours, column, setting, missing = columns.suggest_placeholder(name)
        return messages.problem(
            "tag-foreign/quoted" if is_sure else "tag-foreign/quoted-perhaps",
            place,
            tag=name,
            ours=ours,
            column=column,
            setting=setting,
            missing=missing,
        )
    return messages.problem(
        "tag-foreign" if is_sure else "tag-foreign/perhaps",
        place,
        tag=placeholder if style.programs else None,
        programs=style.programs or None,
        odd=None if style.programs else placeholder,
        text=style.plain_form.format(name) if style.plain_form and is_sure else None,
        **columns.suggest_placeholder(name)._asdict(),
    )


def _quoted_level(name: str, columns: FieldsBySheet) -> Level | None:
    """Return how certain «Name» is a merge field; None for a quotation.

    Most languages have such quotation marks, and some put spaces inside. A heading exactly as it is
    written is a merge field. So is a name that looks like a field's: `Recipient_Name`,
    `Postal_code`.
    """
    root, underscore, rest = name.partition("_")
    is_field = bool(underscore and root and rest.strip("_"))
    if name in columns.headings or (is_field and columns.has_column(name)):
        return "error"
    return "warning" if is_field or (name == name.strip() and columns.has_column(name)) else None


# Placeholders of other programs that also begin with {{ or {#, but have another syntax.

_FOREIGN_BODY = re.compile(r"[#?^/@*>!&{.$=].*|(?:if|unless|each|range|with)\s.*", re.DOTALL)
_FOREIGN_WORDS = {"else", "end"}
"""Texts in {{ }} of Mustache, Handlebars, Go, poi-tl and others."""
_FOREIGN_START = re.compile(
    rf"\{{\{{\s{{0,3}}{_NAME}\s{{0,3}}\}}:[^{{}}]{{1,60}}\}}|\{{#\s{{0,3}}{_UNSPACED_NAME}\}}"
)
"""Plumsail's `{{name}:format(…)}`, and docxtemplater's `{#lines}`."""


def find_foreign_body(body: str, tag: str, columns: FieldsBySheet, place: Place) -> Problem | None:
    """Return the problem of another program's placeholder, or None."""
    is_word = body in _FOREIGN_WORDS and not columns.has_column(body)
    if is_word or _FOREIGN_BODY.fullmatch(body):
        return messages.problem("tag-syntax/foreign", place, tag=tag)
    return None


def find_foreign_fault(text: str) -> Fault | None:
    """Return the fault of another program's placeholder at the start, or None.

    Its beginning is that of a placeholder here, but its end is not.
    """
    match = _FOREIGN_START.match(text)
    return messages.fault("tag-syntax/foreign", tag=match.group()) if match else None
