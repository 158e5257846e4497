"""Options that several commands share, and click types for their values."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import click

from merge.cli.terminal import remember_folder, remember_workbook
from merge.disk import is_path_too_long

CommandFunction = Callable[..., int]


@dataclass(frozen=True, slots=True)
class CampaignOptions:
    """Options that commands on a campaign folder share.

    A command need not have all of them.
    """

    folder: Path
    workbook: Path | None = None
    names: tuple[str, ...] = ()
    as_json: bool = False
    dry_run: bool = False
    yes: bool = False

    @property
    def typed_names(self) -> list[str]:
        """The names as words of a command line: `--for NAME` for each."""
        return [word for name in self.names for word in ("--for", name)]


def gather_options(command: CommandFunction) -> CommandFunction:
    """Pass the shared options of a command as one `CampaignOptions`."""

    @functools.wraps(command)
    def with_options(**arguments: Any) -> int:  # noqa: ANN401 - values parsed by click
        names = [field.name for field in fields(CampaignOptions) if field.name in arguments]
        return command(
            CampaignOptions(**{name: arguments.pop(name) for name in names}), **arguments
        )

    return with_options


class DateType(click.DateTime):
    """A click type for dates, with an error message for non-programmers."""

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:  # noqa: ANN401 - as in click
        """Return a typed date, or fail with a message."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            self.fail("Enter the date as 2026-11-29, 29.11.2026 or 29/11/2026.", param, ctx)


class PositiveNumberType(click.ParamType[int]):
    """A click type for numbers from 1.

    Unlike click's own, its help shows no formula.
    """

    name = "number"

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:  # noqa: ANN401 - as in click
        """Return a typed number, or fail with a message."""
        try:
            number = int(value)
        except ValueError:
            number = 0
        if number < 1:
            self.fail(f"Enter a number, at least 1, instead of {value}.", param, ctx)
        return number


class _PathType(click.Path):
    """A click type for paths that is stricter than click's own.

    It refuses an empty path, which would be the current folder, and one that is too long.
    """

    def convert(
        self,
        value: str | os.PathLike[str],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Any:  # noqa: ANN401 - as in click
        """Return a typed path, or fail with a message."""
        if not os.fspath(value):
            self.fail("The path is empty. Enter a file or a folder.", param, ctx)
        if "\0" in os.fspath(value):
            self.fail("The path contains a character that file names cannot have.", param, ctx)
        if is_path_too_long(Path(value)):
            self.fail("The path, or a name in it, is too long. Use a shorter one.", param, ctx)
        return super().convert(value, param, ctx)


PATH = _PathType(path_type=Path)
FOLDER = click.argument(
    "folder",
    type=PATH,
    default=".",
    required=False,
    callback=lambda _context, _argument, folder: remember_folder(folder),
)
WORKBOOK = click.option(
    "--workbook",
    type=PATH,
    metavar="FILE",
    callback=lambda _context, _option, workbook: remember_workbook(workbook),
    help="Use this workbook instead of signers.xlsx.",
)
FOR = click.option(
    "--for",
    "names",
    multiple=True,
    metavar="NAME",
    help="Only this signer or recipient (name or ID). Repeatable.",
)
JSON = click.option("--json", "as_json", is_flag=True, help="Output JSON.")
DRY_RUN = click.option(
    "--dry-run", is_flag=True, help="Show what would happen without changing anything."
)
ANYWAY = click.option(
    "--anyway",
    is_flag=True,
    help="Answer to the errors files-not-arrived and letters-gone: continue with the files as they"
    " are here now.",
)
YES = click.option("--yes", is_flag=True, help="Delete without asking for confirmation.")


def common_options(command: CommandFunction) -> CommandFunction:
    """Add the options that all commands on letters share, as one parameter."""
    return FOLDER(WORKBOOK(FOR(JSON(gather_options(command)))))
