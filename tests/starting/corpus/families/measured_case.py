"""A case that measures the program: of an appeal in a folder of its own."""

from __future__ import annotations

from starting.corpus.case import Case, Kind, People
from starting.corpus.layout import Shape
from starting.corpus.slips import Slip
from starting.corpus.workbooks import WorkbookPlan


def measured_case(
    folder: str,
    appeal: str,
    about: str,
    letters: str,
    *shapes: Shape,
    held_out: str = "",
    slip: Slip | None = None,
    ask: str = "",
    plan: WorkbookPlan | None = None,
) -> Case:
    """Return a case; `2/1` is a letter of signer 2 to recipient 1."""
    people = tuple(map(_people, letters.split()))
    kind: Kind = "workbook" if plan else "alone" if len(people) == 1 else "letters"
    return Case(
        f"{folder} {appeal}: {about}",
        kind,
        f"{folder}/{appeal}",
        people,
        shapes or (Shape(),),
        (slip,) if slip else (),
        held_out=_people(held_out) if held_out else None,
        workbook=plan,
        may_ask=ask,
    )


def _people(text: str) -> People:
    *signer, recipient = text.split("/")
    return People(recipient, *signer)
