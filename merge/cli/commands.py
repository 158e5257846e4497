"""The commands and their options.

What a command needs is imported when it runs: `merge --help` does not wait for lxml and docxtpl.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from merge.cli.terminal import (
    DONE,
    ENDING_SIGNALS,
    FAULT,
    PROBLEMS,
    STOPPED,
    USAGE,
    end_once,
    exit_code,
    handling_signals,
    lost_output,
    next_step,
    note,
    remember_folder,
    remember_options,
    remember_workbook,
    report_fault,
    say,
    show_problems,
    show_wrong_usage,
    steady_streams,
)
from merge.disk import is_too_long
from merge.errors import MergeError
from merge.naming import counted
from merge.product import __version__


class _TypedPath(click.Path):
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
        if is_too_long(Path(value)):
            self.fail("A name in the path is too long. Use a shorter one.", param, ctx)
        return super().convert(value, param, ctx)


_PATH = _TypedPath(path_type=Path)
_FOLDER = click.argument(
    "folder",
    type=_PATH,
    default=".",
    required=False,
    callback=lambda _context, _argument, folder: remember_folder(folder),
)
_WORKBOOK = click.option(
    "--workbook",
    type=_PATH,
    metavar="FILE",
    callback=lambda _context, _option, workbook: remember_workbook(workbook),
    help="Use this workbook instead of signers.xlsx.",
)
_FOR = click.option(
    "--for",
    "names",
    multiple=True,
    metavar="NAME",
    help="Only this signer or recipient (name or ID). Repeatable.",
)
_JSON = click.option("--json", "as_json", is_flag=True, help="Output JSON.")
_DRY_RUN = click.option(
    "--dry-run", is_flag=True, help="Show what would happen without changing anything."
)
_YES = click.option("--yes", is_flag=True, help="Delete without asking for confirmation.")

Command = Callable[..., int]


class FolderGoneError(click.ClickException):
    """The folder that the command line is in was deleted or moved away."""

    exit_code = USAGE

    def __init__(self) -> None:
        super().__init__(
            "The current folder no longer exists. Change to another folder (cd), then run the"
            " command again."
        )


def _common(command: Command) -> Command:
    """Add the options that every command on a campaign folder has."""
    return _FOLDER(_WORKBOOK(_FOR(_JSON(command))))


_ORDER = (
    *(
        "new",
        "import",
        "placeholders",
        "check",
        "letters",
        "proofread",
        "print",
        "mark",
        "status",
        "report",
    ),
    *("delete-person", "close"),
    "page",
)


class _InOrderOfUse(click.Group):
    """Commands listed in the order in which a campaign needs them."""

    def list_commands(self, _: click.Context) -> list[str]:
        return [*_ORDER, *sorted(self.commands.keys() - {*_ORDER})]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that was typed; the error for an unknown one suggests the nearest."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            if near := getattr(error, "possibilities", None):  # click 8.4 has them, best first
                del near[1:]
            raise


class _Day(click.DateTime):
    """A date, refused in words that do not need a programmer."""

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:  # noqa: ANN401 - as click has it
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            self.fail("Enter the date as 2026-11-29, 29.11.2026 or 29/11/2026.", param, ctx)


class _AtLeastOne(click.ParamType[int]):
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


@click.group(
    cls=_InOrderOfUse,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Get started: merge new FOLDER. Each command suggests the next one. FOLDER is the"
    " campaign folder; without it, most commands use the current folder.",
)
@click.version_option(__version__, prog_name="Appeal Merge")
def merge() -> None:
    """Create letters to sign by hand from a Word template and an Excel workbook.

    A campaign folder contains signers.xlsx and templates/. The program creates one editable Word
    letter in letters/ for every signer and recipient, or for the pairs listed in the Pairs sheet.
    """
    remember_workbook(None)
    remember_options("", ())
    try:
        Path.cwd()
    except OSError:
        raise FolderGoneError from None


@merge.command()
@_DRY_RUN
@click.option("--skip-errors", is_flag=True, help="Skip letters with errors.")
@click.option(
    "--try",
    "try_folder",
    type=_PATH,
    metavar="FOLDER",
    help="Write trial letters to this folder; your letters are not changed.",
)
@click.option(
    "--template",
    type=_PATH,
    metavar="FILE",
    help="With --try: use this template for all letters.",
)
@click.option(
    "--replace",
    "again",
    multiple=True,
    metavar="NAME",
    help="Replace edited letters. NAME is a signer, a recipient, a short ID, or one of:"
    " edited, resaved (saved in Word, text unchanged), moved (moved or renamed),"
    " all. Previous files are moved to letters/Old versions. Repeatable.",
)
@click.option(
    "--keep",
    multiple=True,
    metavar="NAME",
    help="Keep edited letters even though their data has changed, and do not list them"
    " until it changes again. NAME as for --replace. Repeatable.",
)
@click.option(
    "--yes", is_flag=True, help="With --replace: replace without asking for confirmation."
)
@click.option(
    "--new-register",
    is_flag=True,
    help="Start a new register because register.xlsx cannot be recovered.",
)
@click.option(
    "--same-person",
    multiple=True,
    metavar="NAME",
    help="If you are asked: the person with this new name, or this ID, is the same"
    " person under a new name. Repeatable.",
)
@click.option(
    "--other-person",
    multiple=True,
    metavar="NAME",
    help="If you are asked: the person with this new name, or this ID, is a different"
    " person. Repeatable.",
)
@click.option(
    "--trust-register",
    is_flag=True,
    help="Accept register.xlsx although dates were removed from it: those letters no"
    " longer count as printed, signed or posted.",
)
@_common
def letters(**options: Any) -> int:  # noqa: ANN401 - click hands over what it parsed
    """Check, then create or update the letters.

    Safe to run repeatedly: edited or printed letters are kept; the others are updated.
    """
    from merge.campaign.snapshot import unchanged_letters  # noqa: PLC0415

    folder: Path = options["folder"]
    is_plain = not any(value for name, value in options.items() if name != "folder")
    if is_plain and (number := unchanged_letters(folder)):
        say(f"{counted(number, 'letter')}: 0 created, {number:,} unchanged.")
        say(f"Everything is up to date. Next: {next_step('status', folder)}")
        return DONE

    from merge.cli.letters import LettersArguments, make_letters  # noqa: PLC0415

    if options["template"] and not options["try_folder"]:
        raise click.UsageError("--template requires --try DIR.")
    return make_letters(LettersArguments(**options))


@merge.command()
@click.option("--all", "everything", is_flag=True, help="Also list ignored warnings.")
@click.option(
    "--ignore",
    "hide",
    multiple=True,
    metavar="ID",
    help="Ignore the warning with this ID, shown after it in brackets, until its data"
    " changes. Repeatable.",
)
@click.option("--reset-ignored", is_flag=True, help="Show all ignored warnings again.")
@_common
def check(**options: Any) -> int:  # noqa: ANN401 - click hands over what it parsed
    """Check the workbook and templates without writing anything."""
    from merge.cli.reports import CheckArguments, check_folder  # noqa: PLC0415

    return check_folder(CheckArguments(**options))


@merge.command(short_help="Show progress.")
@click.option(
    "--all", "everybody", is_flag=True, help="Show all lines of lists, not only the first 30."
)
@_common
def status(
    folder: Path,
    workbook: Path | None,
    names: tuple[str, ...],
    *,
    as_json: bool,
    everybody: bool,
) -> int:
    """Show progress: letters created, edited, printed, signed, posted and answered."""
    from merge.cli.reports import show_status  # noqa: PLC0415

    return show_status(folder, workbook, names, as_json=as_json, everybody=everybody)


@merge.command(name="print", short_help="Create files for printing.")
@_DRY_RUN
@click.option(
    "--unsigned",
    is_flag=True,
    help="Include letters that are printed but not signed yet."
    " Default: only letters that are not printed.",
)
@click.option(
    "--since-last",
    is_flag=True,
    help="Only letters that are new or changed since the last print file.",
)
@click.option(
    "--accept",
    multiple=True,
    metavar="NAME",
    help="Print edited or printed letters as is even though their data has changed."
    " NAME is a signer, a recipient, a short ID, or one of: edited, moved, all."
    " Repeatable.",
)
@click.option("--skip-errors", is_flag=True, help="Skip letters that cannot be printed.")
@click.option(
    "--by",
    type=click.Choice(["signer", "recipient"]),
    default="signer",
    help="Group letters by signer or recipient. Default: signer.",
)
@click.option("--one-file", is_flag=True, help="One file for all letters.")
@click.option("--per-signer", is_flag=True, help="One file per signer.")
@click.option(
    "--sheets",
    type=_AtLeastOne(),
    metavar="N",
    default=200,
    help="Maximum number of sheets per file. Default: 200.",
)
@click.option(
    "--no-covers",
    is_flag=True,
    help="Omit the cover sheets and the instructions at the beginning of each file.",
)
@click.option(
    "--no-letters",
    is_flag=True,
    help="Only envelopes, labels and parcel lists, for all letters that are not posted yet.",
)
@click.option(
    "--two-sided/--one-sided",
    default=None,
    help="Default: two-sided if any letter has two pages.",
)
@click.option("--pdf", is_flag=True, help="Also create PDFs (requires LibreOffice).")
@click.option(
    "--envelopes",
    type=click.Choice(["DL", "C6", "C5", "C4", "#10"]),
    help="Create an envelope for each letter.",
)
@click.option(
    "--labels",
    type=click.Choice(["L7160", "5160"]),
    help="Create an address label for each letter.",
)
@click.option(
    "--start",
    type=_AtLeastOne(),
    metavar="N",
    default=1,
    help="First unused label on the sheet. Default: 1.",
)
@click.option(
    "--parcels",
    is_flag=True,
    help="Create a label, a packing list and a receipt for each recipient.",
)
@click.option(
    "--return-to-signer",
    is_flag=True,
    help="Use the signer's address as the return address.",
)
@_common
def print_(**options: Any) -> int:  # noqa: ANN401 - click hands over what it parsed
    """Combine the current letters into Word files for printing.

    The files are saved in print/, with a cover sheet before each signer's letters.
    """
    from merge.cli.printing import print_arguments, print_letters  # noqa: PLC0415

    if options["one_file"] and options["per_signer"]:
        raise click.UsageError("--one-file and --per-signer cannot be used together.")
    if options["no_letters"] and not any(
        options[name] for name in ("envelopes", "labels", "parcels")
    ):
        raise click.UsageError("With --no-letters, add --envelopes, --labels or --parcels.")
    if options["start"] > 1 and not options["labels"]:
        raise click.UsageError("--start requires --labels.")
    if options["return_to_signer"] and not (options["envelopes"] or options["labels"]):
        raise click.UsageError("--return-to-signer requires --envelopes or --labels.")
    return print_letters(print_arguments(options))


@merge.command(short_help="Check that finished letters contain the right data.")
@_common
def proofread(folder: Path, workbook: Path | None, names: tuple[str, ...], *, as_json: bool) -> int:
    """Check that each finished letter contains its own data and no one else's.

    Saves a report to sign off and a proof document for a native speaker in print/.
    """
    from merge.cli.reports import proofread_folder  # noqa: PLC0415

    return proofread_folder(folder, workbook, names, as_json=as_json)


@merge.command(short_help="Mark letters as printed, signed, posted or answered.")
@click.argument("stage", type=click.Choice(["printed", "signed", "posted", "answered"]))
@click.option(
    "--letter",
    "letters",
    multiple=True,
    metavar="ID",
    help="Only the letter with this short ID. Repeatable.",
)
@click.option(
    "--date",
    "day",
    type=_Day(["%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y"]),
    metavar="YYYY-MM-DD",
    help="Date on which it was done (default: today).",
)
@click.option(
    "--tracking", default="", metavar="NUMBER", help="With posted: the postal tracking number."
)
@click.option(
    "--all",
    "whole",
    is_flag=True,
    help="Also mark letters that have not reached the previous stage.",
)
@click.option(
    "--undo",
    is_flag=True,
    help="Remove the dates that this program recorded for this stage. Limit with"
    " --date, --for or --letter.",
)
@click.option(
    "--yes", "any_day", is_flag=True, help="Accept a --date before the first letter was created."
)
@_common
def mark(**options: Any) -> int:  # noqa: ANN401 - click hands over what it parsed
    """Record in the register that letters were printed, signed, posted or answered.

    Without names, letters that have reached the previous stage are marked. Dates that you entered
    yourself are not changed. Close the register in Excel first.
    """
    from merge.campaign.marking import MarkOrder  # noqa: PLC0415
    from merge.cli.reports import mark_folder  # noqa: PLC0415

    if options["tracking"] and options["stage"] != "posted":
        raise click.UsageError("--tracking can only be used with posted.")
    today = None if options["undo"] else dt.datetime.now().astimezone().date()
    day = options["day"].date() if options["day"] else today
    order = MarkOrder(
        stage=options["stage"].title(),
        day=day,
        names=options["names"],
        letters=options["letters"],
        tracking=options["tracking"].strip(),
        undo=options["undo"],
        whole=options["whole"],
        any_day=options["any_day"],
    )
    return mark_folder(options["folder"], options["workbook"], order, as_json=options["as_json"])


@merge.command(short_help="Delete a person's data and search for what is left.")
@click.argument("name")
@_FOLDER
@_DRY_RUN
@_YES
@click.option(
    "--keep-counts",
    is_flag=True,
    help="Keep the dates in the register, without the name.",
)
@click.option(
    "--keep-out",
    is_flag=True,
    help="Remember the person in encoded form (hashes), so that later imports skip them.",
)
@_WORKBOOK
@_JSON
def delete_person(**options: Any) -> int:  # noqa: ANN401 - click hands over what it parsed
    """Delete a person's letters, print files and register rows, then search for data left.

    NAME is the name or ID of a signer or recipient. For a person who declined in a form, it can
    also be the email or postal address. You need to delete their rows in the workbook yourself.
    """
    from merge.cli.erasure import ForgetArguments, forget_person  # noqa: PLC0415

    return forget_person(ForgetArguments(**options))


@merge.command(name="close", short_help="Close a campaign and delete its letters and print files.")
@_FOLDER
@_DRY_RUN
@_YES
@click.option(
    "--undo",
    is_flag=True,
    help="Reopen the campaign. Deleted letters are not restored; create them again.",
)
def close_(folder: Path, *, dry_run: bool, yes: bool, undo: bool) -> int:
    """Close a campaign and delete its letters and print files.

    The workbook, the templates, the register and the reports are kept.
    """
    from merge.cli.erasure import close_campaign, reopen_campaign  # noqa: PLC0415

    if undo and dry_run:
        raise click.UsageError("--undo cannot be used with --dry-run: it deletes nothing.")
    return reopen_campaign(folder) if undo else close_campaign(folder, dry_run=dry_run, yes=yes)


@merge.command(name="import", short_help="Import form responses as signers.")
@click.argument("file", type=_PATH, required=False)
@_FOLDER
@_DRY_RUN
@click.option("--undo", is_flag=True, help="Undo the last import.")
@click.option(
    "--yes",
    is_flag=True,
    help="Import or undo without asking for confirmation, unless a decision is required.",
)
@click.option(
    "--form",
    default="",
    metavar="NAME",
    help="Name of the form, if the program cannot recognise it:"
    " responses to one form stay together.",
)
@click.option("--sheet", default="", metavar="NAME", help="Sheet that contains the responses.")
@click.option(
    "--read-as",
    default="",
    metavar="ENCODING",
    help="Character encoding of a text file, if names look wrong: western, central,"
    " cyrillic, greek, turkish, hebrew, arabic, baltic, mac, dos, utf-8 or utf-16.",
)
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="TARGET=COLUMN",
    help='Import COLUMN of the file as TARGET, a column of the list, such as "Postal'
    ' code=Postcode". Repeatable.',
)
@click.option(
    "--means-yes",
    multiple=True,
    metavar="ANSWER",
    help="Count this answer as consent too; a clear yes always counts. Repeatable.",
)
@click.option(
    "--fix",
    multiple=True,
    type=click.Choice(["capitals", "lost-zeros"]),
    help="Apply suggested corrections: capitals (names in capitals) or lost-zeros"
    " (postal codes without their leading zeros). Repeatable.",
)
@click.option(
    "--again",
    multiple=True,
    metavar="NAME",
    help="Add this person again, even if the row was deleted or they declined. Repeatable.",
)
@click.option("--no-copy", is_flag=True, help="Do not keep a backup of the previous list.")
@_WORKBOOK
@_JSON
def import_(**options: Any) -> int:  # noqa: ANN401 - click hands over what it parsed
    """Import form responses or a list into "signers from forms.xlsx".

    Shows the column mapping and the changes before saving. Your corrections are kept on later
    imports. FILE is a .csv, .xlsx, .ods or .zip export; omit it with --undo.
    """
    from merge.cli.importing import (  # noqa: PLC0415
        ImportArguments,
        import_export,
        undo_last_import,
    )

    file, undo = options.pop("file"), options.pop("undo")
    if undo:
        folder = remember_folder(file) if file else options["folder"]
        return undo_last_import(folder, as_json=options["as_json"], yes=options["yes"])
    if file is None:
        raise click.UsageError("Missing argument 'FILE'.")
    return import_export(ImportArguments(file, **options))


@merge.command(short_help="Open the campaign in your browser.")
@click.argument("folder", type=_PATH, required=False)
@click.option(
    "--no-browser",
    is_flag=True,
    help="Show the one-time link instead of opening a browser.",
)
def page(folder: Path | None, *, no_browser: bool) -> int:
    """Open the campaign in your browser. Everything the other commands do can be done there.

    Available on this computer only. Quits a minute or two after the last page is closed, or with
    Ctrl-C. Without FOLDER, shows your campaigns.
    """
    from merge.cli.page import serve_page  # noqa: PLC0415

    return serve_page(folder, browser=not no_browser)


@merge.command(short_help="Save a report for your board.")
@_FOLDER
@_WORKBOOK
@_JSON
@click.option("--with-names", is_flag=True, help="Include signers' names.")
def report(folder: Path, workbook: Path | None, *, as_json: bool, with_names: bool) -> int:
    """Save a report for your board, with charts.

    Creates an Excel workbook and a one-page Word document in the campaign folder. Signers are not
    named unless you add --with-names.
    """
    from merge.cli.reports import report_folder  # noqa: PLC0415

    return report_folder(folder, workbook, as_json=as_json, with_names=with_names)


@merge.command(short_help="List all placeholders with an example.")
@_FOLDER
@_WORKBOOK
@_JSON
def placeholders(folder: Path, workbook: Path | None, *, as_json: bool) -> int:
    """List all placeholders with an example, and the Word merge field for each."""
    from merge.cli.reports import list_tags  # noqa: PLC0415

    return list_tags(folder, workbook, as_json=as_json)


@merge.command()
@click.argument("folder", type=_PATH)
@click.option(
    "--from",
    "old",
    type=_PATH,
    metavar="OLD",
    help="Copy the workbook and templates from this campaign.",
)
@click.option(
    "--unanswered",
    is_flag=True,
    help="With --from: include only pairs whose letter was posted but not answered.",
)
def new(folder: Path, old: Path | None, *, unanswered: bool) -> int:
    """Create a campaign folder with working samples."""
    from merge.campaign.new_campaign import start_campaign  # noqa: PLC0415
    from merge.workbook.reading import LIST_FILE  # noqa: PLC0415

    if unanswered and not old:
        raise click.UsageError("--unanswered requires --from OLD.")
    made = start_campaign(folder, old, unanswered=unanswered)
    if made.lost:
        note(f"Not copied from the workbook: {', '.join(made.lost)}.")
    if made.date:
        note(f"The Date setting is still {made.date}, from the first letters. Change it.")
    if made.title:
        note(f"The Campaign setting is still {made.title}. Enter the title of the new campaign.")
    if made.gone:
        letters = counted(made.gone, "letter")
        note(f"Skipped: {letters} not answered, of people who are no longer in the old workbook.")
    if made.pairs:
        pairs = counted(made.pairs, "pair")
        note(f"{pairs} in the Pairs sheet, with the placeholder {{{{ pair.posted_on }}}}.")
    if LIST_FILE in made.files:
        note(f"{LIST_FILE} was copied: the people imported from forms, with their data.")
    say(f"Created {folder}: {', '.join(made.files)}.")
    say(f"Next: edit these files in Excel and Word, then run: {next_step('letters', folder)}")
    return DONE


def run_alone(argv: Sequence[str]) -> int:
    """Run the command line in a process of its own, and return its exit code."""
    steady_streams()
    code = guarded(argv)
    if why := lost_output():
        note(f"The output could not be written ({why}). The command itself has finished.")
        return code or PROBLEMS
    return code


@handling_signals(ENDING_SIGNALS, end_once)
def guarded(argv: Sequence[str]) -> int:
    """Run the command line and return its exit code, whatever happens.

    A person's mistake is reported as one, a fault of ours as a fault.
    """
    try:
        return merge.main(list(argv), prog_name="merge", standalone_mode=False) or DONE
    except click.ClickException as error:
        show_wrong_usage(error)
        if "unexpected extra argument" in error.message:
            note("Put names that contain spaces in quotation marks.")
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        note("Stopped.")
        return STOPPED
    except MergeError as error:
        show_problems(error.problems)
        return exit_code(error)
    except Exception as error:  # noqa: BLE001 - whatever is left is a fault of ours
        report_fault(error)
        return FAULT
