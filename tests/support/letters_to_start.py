"""Finished letters from which a campaign starts, and the screens that show them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from selenium.webdriver.common.keys import Keys

from merge.page.session import CampaignSession
from merge.page.starting_draft import add_files, find_in_letters
from merge.starting.questions import StartAnswers
from support.axe import wait_for_next_screen
from support.browsers import Live
from support.documents import docx

_SEED = Path(__file__).parents[1] / "data" / "seed-letters.txt"
_LETTER = """{position}
{name}
{street}
{city}

Dear {salutation},

I am writing to you about Marisol Quintana, a nurse, who has been held without charge since 4 March.

I ask you{urgently} to ensure that she is released {at_once}. Her family has not heard from her.
{more}
No one should lose their freedom for speaking about what they saw at work.

Yours sincerely,

Inés Álvarez Montoro
"""


def seed_letter_files() -> dict[str, bytes]:
    """Return the two letters of the first campaign as Word files, by name."""
    texts = _SEED.read_text("utf-8").split("Sincerely,")[:2]
    return {
        f"letter{number}.docx": docx(f"{text.strip()}\n\nSincerely,\n")
        for number, text in enumerate(texts, 1)
    }


def letters_with_questions() -> dict[str, bytes]:
    """Return three letters with a slip, an optional word, and an extra paragraph."""
    people = (
        ("Minister of Justice", "Radomir Kostanov", "1 Court Square", "10020 Belmora", "Minister"),
        ("Ambassador", "Ilse Brandt-Okoro", "8 Harbour Street", "10044 Belmora", "Ambassador"),
        ("Mayor", "Teodoro Villaseca", "22 Linden Avenue", "1000 Brussels", "Mayor"),
    )
    more = "\nI have also written to the Minister of Justice, and have had no answer.\n"
    words = ((" urgently", "immediately", ""), ("", "immediatly", more), ("", "immediately", ""))
    fields = ("position", "name", "street", "city", "salutation", "urgently", "at_once", "more")
    return {
        f"to {person[1]}.docx": docx(
            _LETTER.format_map(dict(zip(fields, (*person, *own), strict=True)))
        )
        for person, own in zip(people, words, strict=True)
    }


def start_template(session: CampaignSession, text: str) -> None:
    """Begin to make a template from a letter in an open campaign."""
    add_files(session, [("letter.docx", docx(text))])
    draft = find_in_letters(session, StartAnswers())
    assert draft
    assert draft.found, draft.refused


def start_steps(page: Live) -> Iterator[str]:
    """Start a campaign from letters; yield each step, also with refused files."""
    folder = page.session.folder.parent
    page.go("../../")
    page.type("#name", "Appeal 2027")
    with wait_for_next_screen(page):
        page.find("[formaction$=letters]").click()
    yield "start"
    files = {**letters_with_questions(), "template.docx": docx("Dear {{ recipient.name }},")}
    for name, data in files.items():
        (folder / name).write_bytes(data)
    with wait_for_next_screen(page):
        page.find("#chosen").send_keys("\n".join(str(folder / name) for name in files))
    yield "start, chosen"
    with wait_for_next_screen(page):
        page.click("#find-differences")
    for number in (1, 2):
        page.type(f"#letter-{number}", Keys.ENTER)  # the bar may be above it
        page.find(f"#letter-{number}[aria-pressed=true]")
        page.browser.execute_script(
            "for (const one of document.querySelectorAll('main details')) one.open = true"
        )
        yield f"start, found, letter {number}"
    page.go("../../")
    yield "campaigns, while a start waits"
