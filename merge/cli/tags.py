"""`merge tags`: every tag that the workbook offers, ready to copy."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from merge.campaign.campaign import WORKBOOK
from merge.cli.terminal import DONE, say, show_json
from merge.model import BLANK, People, shortened
from merge.workbook.reading import Workbook, read_workbook


def list_tags(folder: Path, workbook: Path | None, *, as_json: bool) -> int:
    """Run the command; its exit code."""
    rows = list(_rows(read_workbook(workbook or folder / WORKBOOK)))
    if as_json:
        show_json({"tags": [{"tag": tag, "first": first} for tag, first in rows]})
        return DONE
    width = max(len(tag) for tag, _ in rows)
    for tag, first in rows:
        say(f"{tag:<{width}}  {first}".rstrip())
    say("Next: copy a tag, with its braces, into the Word template.")
    return DONE


def _rows(book: Workbook) -> Iterator[tuple[str, str]]:
    """Each tag and its first value that is not blank."""
    for root, people in (("signer", book.signers), ("recipient", book.recipients)):
        yield from ((_tag(root, c.tag), _first(people, c.tag)) for c in people.columns)
    yield from ((_tag("pair", c.tag), "") for c in book.pairing.columns)
    for tag, value in book.settings.fields.items():
        yield _tag("settings", tag), shortened(value)
    yield "{{ date }}", "the day the letter is made, or the setting Date"


def _tag(root: str, field: str) -> str:
    return f"{{{{ {root}.{field} }}}}"


def _first(people: People, tag: str) -> str:
    values = (person.fields.get(tag, BLANK) for person in people.persons)
    return shortened(next((value for value in values if value.strip()), ""))
