"""The options that several commands share, and the kinds of values that options take."""

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
    """The options that commands on a campaign folder share. A command need not have them all."""

    folder: Path
    workbook: Path | None = None
    names: tuple[str, ...] = ()
    as_json: bool = False
    dry_run: bool = False
    yes: bool = False

    @property
    def typed_names(self) -> list[str]:
        """The names as options, to be typed again."""
        return [word for name in self.names for word in ("--for", name)]


def gather_options(command: CommandFunction) -> CommandFunction:
    """Give a command the options that several share as one `CampaignOptions`."""

    @functools.wraps(command)
    def with_them(**given: Any) -> int:  # noqa: ANN401 - click hands over what it parsed
        names = [field.name for field in fields(CampaignOptions) if field.name in given]
        return command(CampaignOptions(**{name: given.pop(name) for name in names}), **given)

    return with_them


class DateType(click.DateTime):
    """A date, refused in words that do not need a programmer."""

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:  # noqa: ANN401 - as click has it
        """Return the date, or fail."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            self.fail("Enter the date as 2026-11-29, 29.11.2026 or 29/11/2026.", param, ctx)


class PositiveNumberType(click.ParamType[int]):
    """A number, at least 1; the help shows no formula for that."""

    name = "number"

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:  # noqa: ANN401 - as click has it
        """Return the number, or fail."""
        try:
            number = int(value)
        except ValueError:
            number = 0
        if number < 1:
            self.fail(f"Enter a number, at least 1, instead of {value}.", param, ctx)
        return number


class _PathType(click.Path):
    """A path that somebody typed: not empty, which would be the current folder, nor too long."""

    def convert(
        self,
        value: str | os.PathLike[str],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Any:  # noqa: ANN401 - as click has it
        """Return the path, or fail."""
        if not os.fspath(value):
            self.fail("The path is empty. Enter a file or a folder.", param, ctx)
        if "\0" in os.fspath(value):
            self.fail("The path contains a character that file names cannot have.", param, ctx)
        if is_path_too_long(Path(value)):
            self.fail("A name in the path is too long. Use a shorter one.", param, ctx)
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
YES = click.option("--yes", is_flag=True, help="Delete without asking for confirmation.")


def common_options(command: CommandFunction) -> CommandFunction:
    """Add the options that every command on the letters of a campaign has, as one."""
    return FOLDER(WORKBOOK(FOR(JSON(gather_options(command)))))
