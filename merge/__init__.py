"""A Word template and an Excel sheet in, one editable letter per signer and recipient out.

For programs: `Template` fills one template; `open_campaign` opens a folder with a workbook and
templates, as the command `merge` does. docs/library.md has examples. Loading this is cheap: what
reads Word and Excel files is loaded when it is first used.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from merge import messages
from merge.errors import DataError, MergeError, StorageError, TemplateError, UsageError
from merge.letter_status import Step
from merge.people import Pair
from merge.problems import Place, Problem, shorten
from merge.product import __version__

if TYPE_CHECKING:
    from merge.campaign.campaign import Campaign
    from merge.campaign.overview import CampaignOverview
    from merge.campaign.plan import Plan
    from merge.template.filters import TemplateValue
    from merge.template.template import CompiledTemplate

__all__ = [
    "CampaignFolder",
    "DataError",
    "LettersPlan",
    "MergeError",
    "Pair",
    "Place",
    "Problem",
    "Step",
    "StorageError",
    "Template",
    "TemplateError",
    "UsageError",
    "__version__",
    "open_campaign",
]

Fields = Mapping[str, object]
"""Values by heading or tag: text, numbers, dates, booleans, lists of them; None is blank."""


class Template:
    """A Word template, compiled once. TemplateError holds everything that is wrong with it."""

    def __init__(self, path: str | PathLike[str]) -> None:
        from merge.template.template import read_template  # noqa: PLC0415 - lxml, docxtpl

        self._compiled: CompiledTemplate = read_template(Path(path))

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Warnings: what letters do not take over from the template."""
        return self._compiled.problems

    @property
    def placeholders(self) -> tuple[str, ...]:
        """The names that the template reads, such as `recipient.postal_code`, each once."""
        return tuple(dict.fromkeys(str(name) for name, _ in self._compiled.uses))

    def render(  # noqa: PLR0913 - the roots of a template's names
        self,
        *,
        signer: Fields | None = None,
        recipient: Fields | None = None,
        pair: Fields | None = None,
        settings: Fields | None = None,
        date: dt.date | None = None,
        language: str = "en",
    ) -> bytes:
        """Return a letter, a whole .docx.

        Keys are headings or tags alike: `Postal code` is `postal_code`. `date` is today's where it
        is left out. DataError names every value that the template reads and that is not given,
        and every blank in the middle of a sentence; each is an error at its tag. The same values
        give the same bytes.
        """
        from merge.checks.findings import render_problems  # noqa: PLC0415 - jinja2
        from merge.template.letter_values import convert_values  # noqa: PLC0415

        roots = {"signer": signer, "recipient": recipient, "pair": pair, "settings": settings}
        given = {root: {} if fields is None else fields for root, fields in roots.items()}
        day = dt.datetime.now().astimezone().date() if date is None else date
        values: dict[str, TemplateValue] = convert_values(given, day, language)
        problems = render_problems(self._compiled, values)
        if problems:
            raise DataError(problems)
        return self._compiled.fill(values)


class LettersPlan:
    """The letters as `CampaignFolder.write` would leave them. Looking at a plan writes nothing."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    def plan_for(self, campaign: Campaign) -> Plan:
        """Return the plan, for the campaign that it was made of. ValueError for another's."""
        if self._plan.campaign is not campaign:
            raise ValueError("the plan is of another campaign, or of this one opened before")
        return self._plan

    @cached_property
    def _preview(self) -> tuple[tuple[Step, ...], tuple[Problem, ...]]:
        from merge.campaign.overview import inspect_campaign  # noqa: PLC0415

        view = inspect_campaign(self._plan.campaign, order=self._plan.order)
        if view.survey_error:
            raise view.survey_error
        known = {*view.campaign.relevant_problems()}
        more = tuple(problem for problem in view.problems if problem not in known)
        return tuple(planned.step for planned in view.letters), more

    @property
    def steps(self) -> tuple[Step, ...]:
        """The fate of each letter, and the reason, in the order of the workbook."""
        return self._preview[0]

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Warnings about the folder of the letters and the register."""
        return self._preview[1]

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)

    def __len__(self) -> int:
        return len(self.steps)


class CampaignFolder:
    """A campaign folder that was read and checked. See `open_campaign`."""

    def __init__(self, campaign: Campaign) -> None:
        self._campaign = campaign

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything that is wrong or doubtful; `level` is `error` or `warning`."""
        return tuple(self._campaign.relevant_problems())

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """The pairs of signer and recipient, one letter each, in the order of the workbook."""
        return tuple(self._campaign.pairs())

    def overview(self, names: Sequence[str] = ()) -> CampaignOverview:
        """Return the campaign as it is now: letters, problems, counts, what is due next.

        Its `letters` are those of these people, of all where none is named. Nothing is written.
        UsageError where a name is nobody's; whatever else is wrong is in the view.
        """
        if isinstance(names, str):
            raise TypeError("names is a list of names or IDs, not one text")
        from merge.campaign.overview import inspect_campaign  # noqa: PLC0415

        return inspect_campaign(self._campaign, names)

    def plan(self, names: Sequence[str] = (), replace: Sequence[str] = ()) -> LettersPlan:
        """Return what would happen to the letters of these people; of all where none is named.

        `names` are whole names or IDs, as with `merge letters --for`; `again` are those whose
        edited letters are to be made anew, the old ones set aside. UsageError where one is
        nobody's.
        """
        if isinstance(names, str) or isinstance(replace, str):
            raise TypeError("names and again are lists of names or IDs, not one text")
        from merge.campaign.letters_order import LettersOrder  # noqa: PLC0415
        from merge.campaign.plan import Plan  # noqa: PLC0415

        target = self._campaign.letters_folder
        return LettersPlan(Plan(self._campaign, LettersOrder(target, (*names,), (*replace,))))

    def write(
        self,
        plan: LettersPlan,
        *,
        skip_errors: bool = False,
        on_step: Callable[[Step], object] = lambda _: None,
    ) -> tuple[Problem, ...]:
        """Write the letters of a plan, and bring the register up to date; return what to report.

        What was edited meanwhile is kept all the same. ValueError for a plan of another campaign,
        MergeError where errors touch letters of
        the plan, unless `skip_errors`: then these letters are left out. `on_step` gets what
        became of each letter. StorageError where the disk stops it: what was written is whole.
        """
        from merge.campaign.letters_run import write_letters  # noqa: PLC0415

        own = plan.plan_for(self._campaign)
        if not self._campaign.folder.is_dir():
            place = Place(str(self._campaign.folder))
            raise StorageError(messages.problem("letters-gone/campaign", place))
        problems = self._campaign.relevant_problems(own.order.names)
        errors = [problem for problem in problems if problem.level == "error"]
        if errors and not skip_errors:
            raise DataError(errors)
        return tuple(write_letters(own, on_step=on_step).problems)


def open_campaign(folder: str | PathLike[str]) -> CampaignFolder:
    """Read a campaign folder: its workbook, its templates, what the ledger knows.

    MergeError holds everything that keeps it from being read; what else is wrong is in `problems`.
    Nothing is written.
    """
    from merge import messages  # noqa: PLC0415
    from merge.campaign.campaign import read_campaign  # noqa: PLC0415
    from merge.disk import is_path_too_long, real_folder  # noqa: PLC0415

    if is_path_too_long(Path(folder)):
        place = Place(shorten(str(folder)))
        raise UsageError(messages.problem("path-too-long/name", place))
    return CampaignFolder(read_campaign(real_folder(Path(folder))))
