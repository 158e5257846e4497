"""Write docs/problems.md from the catalogue of messages.

python tools/problems_page.py
"""

import re
import textwrap
from pathlib import Path

from merge.cli.terminal import hint_text
from merge.messages import Message, fault
from merge.messages.message import MessageSection, sections
from merge.messages.wording import continue_after_colon

PAGE = Path(__file__).resolve().parent.parent / "docs" / "problems.md"
_INDEX = "All codes"
_INTRO = """\
# Problems and what to do

`merge check` finds all problems in one run, before a letter is created. Each message says where the
problem is, what is wrong and what to do. An *error* blocks the letters that it concerns (`merge
letters --skip-errors` creates the others). A *warning* blocks nothing.

Errors are listed first, then the warnings that do the most harm if they are overlooked. If a
warning is right as it is, `merge check --ignore` with its ID, such as `5bce`, hides it until its
data changes; `merge check --all` lists what is hidden.

The place is a cell, as Excel names it (`signers.xlsx, Recipients!G3`), or a line of the template.
The same problem in many cells is one entry, `Recipients!G3:G40 (38 cells)`; so is the same problem
in many letters. The codes below are in the output of `merge check --json` and never change.
In that output, `fields` contains the values that appear in the message, and `remedy` the commands
that fix the problem.
"""


def page() -> str:
    """Return the complete page; sections missing in the catalogue stay."""
    old = re.split(r"^## (.+)\n", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    parts = dict(zip(old[1::2], old[2::2], strict=True))
    now = {s.title: _section(s) for s in sections() if _codes(parts[s.title]) <= s.messages.keys()}
    titles = [title for title in parts if title != _INDEX]
    links = " ·\n".join(f"[{title}](#{_anchor(title)})" for title in (*titles, _INDEX))
    body = [now.get(title, f"## {title}\n{parts[title].rstrip()}\n") for title in titles]
    index = "\n".join(f"- [`{code}`](#{code})" for code in sorted(_codes("\n".join(body))))
    return "\n".join([_INTRO, f"On this page: {links}\n", *body, f"## {_INDEX}\n\n{index}\n"])


def _codes(text: str) -> set[str]:
    return set(re.findall(r"^### `([a-z-]+)`$", text, flags=re.MULTILINE))


def _section(section: MessageSection) -> str:
    entries = [_entry(code, m) for code, m in section.messages.items() if _is_code(code)]
    return "\n".join([f"## {section.title}\n\n{_wrapped(section.intro)}", *entries])


def _entry(code: str, message: Message) -> str:
    if message.example is None:
        raise ValueError(code)
    place, fields, variant, before = message.example
    example_fault = fault(f"{code}/{variant}" if variant else code, **fields)
    label = f"{before}: " if before else ""
    what = continue_after_colon(example_fault.what) if before else example_fault.what
    example_text = f"{label}{what} {hint_text(example_fault.hint)}".rstrip()
    example = f"```\n{example_fault.level}  {place}\n       {example_text}\n```"
    return f"### `{code}`\n\n{_wrapped(message.about)}\n{example}\n"


def _wrapped(text: str) -> str:
    """Return paragraphs in lines of 100 characters, with lists and code as is."""
    paragraphs = (p for p in textwrap.dedent(text).strip().split("\n\n") if p)
    return "\n\n".join(p if p[0] in "-|`" else _filled(p) for p in paragraphs) + "\n"


def _filled(paragraph: str) -> str:
    words = " ".join(paragraph.split())
    return textwrap.fill(words, 100, break_long_words=False, break_on_hyphens=False)


def _anchor(title: str) -> str:
    """Return the link of a heading, as GitHub makes it."""
    return "".join(c for c in title.lower().replace(" ", "-") if c.isalnum() or c in "-_")


def _is_code(key: str) -> bool:
    return "/" not in key


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
