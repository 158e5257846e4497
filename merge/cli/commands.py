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
    remember_workbook,
    report_fault,
    say,
    show_problems,
    show_wrong_usage,
    steady_streams,
)
from merge.disk import is_too_long
from merge.model import MergeError, __version__
from merge.naming import counted


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
            self.fail("it is empty. Name a file or a folder.", param, ctx)
        if "\0" in os.fspath(value):
            self.fail("it has a character that no name may have.", param, ctx)
        if is_too_long(Path(value)):
            self.fail("a name in it is longer than a disk allows. Use a shorter one.", param, ctx)
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
    help="Another workbook than signers.xlsx in the folder.",
)
_FOR = click.option(
    "--for",
    "names",
    multiple=True,
    metavar="NAME",
    help="Only the signer or recipient of this name or ID. Can be given several times.",
)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead.")

Command = Callable[..., int]


class FolderGoneError(click.ClickException):
    """The folder that the command line is in was deleted or moved away."""

    exit_code = USAGE

    def __init__(self) -> None:
        super().__init__(
            "the folder that you are in is not there any more. Go to another one (cd), and type the"
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


@click.group(
    cls=_InOrderOfUse,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="To begin: merge new FOLDER. Each command says at its end what to type next.",
)
@click.version_option(__version__, prog_name="merge")
def merge() -> None:
    """Make letters to sign by hand from a Word template and an Excel sheet.

    A campaign folder holds signers.xlsx and templates/. Every signer writes to every recipient,
    unless the sheet Pairs says otherwise: one editable Word letter for each pair, in letters/.
    """
    remember_workbook(None)
    try:
        Path.cwd()
    except OSError:
        raise FolderGoneError from None


@merge.command()
@click.option("--dry-run", is_flag=True, help="Say what will happen; write nothing.")
@click.option(
    "--skip-errors", is_flag=True, help="Leave out letters that have an error, write the rest."
)
@click.option(
    "--try",
    "try_folder",
    type=_PATH,
    metavar="DIR",
    help="Write a try-out into another folder; the real letters are not touched.",
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
    help="Make edited letters anew: of this signer or recipient, the one of this short ID, or all"
    " that were edited, only saved again (resaved), moved, or any of these (all). The old files go"
    " to letters/Old versions.",
)
@click.option(
    "--keep",
    multiple=True,
    metavar="NAME",
    help="Leave edited letters as they are though their data changed, and tell it no more until it"
    " changes again. NAME is as with --replace.",
)
@click.option("--yes", is_flag=True, help="With --replace: do not ask.")
@click.option(
    "--new-register",
    is_flag=True,
    help="If register.xlsx is gone for good: begin another.",
)
@click.option(
    "--same-person",
    multiple=True,
    metavar="NAME",
    help="Whoever has this name or ID now is the person of before, under a new name.",
)
@click.option(
    "--other-person",
    multiple=True,
    metavar="NAME",
    help="Whoever has this name or ID now is somebody else than the person of before.",
)
@click.option(
    "--trust-register",
    is_flag=True,
    help="If register.xlsx says less of letters than it did, and is right: believe it.",
)
@_common
def letters(**options: Any) -> int:  # noqa: ANN401 - click hands over what it parsed
    """Check, then write a letter for every pair.

    Run it as often as you like: a letter that somebody edited, or that is on paper, is kept as it
    is; the others are brought up to date.
    """
    from merge.campaign.snapshot import unchanged_letters  # noqa: PLC0415

    folder: Path = options["folder"]
    is_plain = not any(value for name, value in options.items() if name != "folder")
    if is_plain and (number := unchanged_letters(folder)):
        say(f"{counted(number, 'letter')}: 0 written, {number:,} as they were.")
        say(f"There was nothing to write. Next: {next_step('status', folder)}")
        return DONE

    from merge.cli.letters import LettersArguments, make_letters  # noqa: PLC0415

    if options["template"] and not options["try_folder"]:
        raise click.UsageError("--template goes with --try DIR only.")
    return make_letters(LettersArguments(**options))


@merge.command()
@click.option("--all", "everything", is_flag=True, help="Show hidden warnings as well.")
@click.option(
    "--ignore",
    "hide",
    multiple=True,
    metavar="ID",
    help="The warning with this sign is right: tell it no more, until what it is about changes.",
)
@click.option("--reset-ignored", is_flag=True, help="Tell every hidden warning again.")
@_common
def check(**options: Any) -> int:  # noqa: ANN401 - click hands over what it parsed
    """Find every mistake; write nothing."""
    from merge.cli.reports import CheckArguments, check_folder  # noqa: PLC0415

    return check_folder(CheckArguments(**options))


@merge.command(short_help="Tell how far the letters are.")
@click.option("--all", "everybody", is_flag=True, help="Show lists whole, however long they are.")
@_common
def status(
    folder: Path,
    workbook: Path | None,
    names: tuple[str, ...],
    *,
    as_json: bool,
    everybody: bool,
) -> int:
    """Tell how far the letters are: made, edited, printed, signed, posted, answered."""
    from merge.cli.reports import show_status  # noqa: PLC0415

    return show_status(folder, workbook, names, as_json=as_json, everybody=everybody)


@merge.command(name="print", short_help="Put the letters into batches to print and sign.")
@click.option("--dry-run", is_flag=True, help="Say what will be printed; make nothing.")
@click.option("--unsigned", is_flag=True, help="All that nobody signed yet, printed or not.")
@click.option(
    "--since-last", is_flag=True, help="Only what was in no batch yet, or changed after it."
)
@click.option(
    "--accept",
    multiple=True,
    metavar="NAME",
    help="Print kept letters as they are, though their data changed since: this person's, the one"
    " of this short ID, or all that were edited (edited), that were moved (moved), or that are kept"
    " for any reason (all). You are asked once.",
)
@click.option("--skip-errors", is_flag=True, help="Leave out what cannot be printed.")
@click.option(
    "--by",
    type=click.Choice(["signer", "recipient"]),
    default="signer",
    help="Whose letters lie together.",
)
@click.option("--one-file", is_flag=True, help="All letters in one file.")
@click.option("--per-signer", is_flag=True, help="A file for each person.")
@click.option(
    "--sheets", type=click.IntRange(1), default=200, help="Sheets of paper in a batch, at most."
)
@click.option("--no-covers", is_flag=True, help="No covers and no first page.")
@click.option(
    "--no-letters", is_flag=True, help="Only what goes round them, for all that are not posted."
)
@click.option("--two-sided/--one-sided", default=None, help="Else as the letters need it.")
@click.option("--pdf", is_flag=True, help="A PDF of each batch as well (needs LibreOffice).")
@click.option(
    "--envelopes",
    type=click.Choice(["DL", "C6", "C5", "C4", "#10"]),
    help="An envelope for each letter.",
)
@click.option(
    "--labels",
    type=click.Choice(["L7160", "5160"]),
    help="A label for each letter.",
)
@click.option(
    "--start", type=click.IntRange(1), default=1, help="The first label left on the sheet."
)
@click.option("--parcels", is_flag=True, help="Label, packing list and receipt for each recipient.")
@click.option(
    "--return-to-signer", is_flag=True, help="Put the signer's own address on the outside."
)
@_common
def print_(**options: Any) -> int:  # noqa: ANN401 - click hands over what it parsed
    """Put the letters, as they are now, into batches to print and sign.

    Each batch is a Word file in print/, with a cover before each signer's letters.
    """
    from merge.cli.printing import print_arguments, print_letters  # noqa: PLC0415

    if options["one_file"] and options["per_signer"]:
        raise click.UsageError("--one-file and --per-signer do not go together.")
    if options["no_letters"] and not any(
        options[name] for name in ("envelopes", "labels", "parcels")
    ):
        raise click.UsageError("With --no-letters, add --envelopes, --labels or --parcels.")
    if options["start"] > 1 and not options["labels"]:
        raise click.UsageError("--start goes with --labels.")
    if options["return_to_signer"] and not (options["envelopes"] or options["labels"]):
        raise click.UsageError("--return-to-signer goes with --envelopes or --labels.")
    return print_letters(print_arguments(options))


@merge.command(short_help="Prove that every letter holds its own pair's data.")
@_common
def proofread(folder: Path, workbook: Path | None, names: tuple[str, ...], *, as_json: bool) -> int:
    """Prove that every finished letter holds its own pair's data and no other's.

    Writes a report to sign off and a document for a native speaker into print/.
    """
    from merge.cli.reports import proofread_folder  # noqa: PLC0415

    return proofread_folder(folder, workbook, names, as_json=as_json)


@merge.command(short_help="Write down what was printed, signed, posted, answered.")
@click.argument("stage", type=click.Choice(["printed", "signed", "posted", "answered"]))
@click.option(
    "--letter",
    "letters",
    multiple=True,
    metavar="ID",
    help="Only the letter of this short ID, as it stands on the sheet. Can be given several times.",
)
@click.option(
    "--date",
    "day",
    type=click.DateTime(["%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y"]),
    metavar="YYYY-MM-DD",
    help="The day; today if left out.",
)
@click.option("--tracking", default="", metavar="NUMBER", help="The tracking number of the post.")
@click.option("--all", "whole", is_flag=True, help="Every letter, whatever stage it has reached.")
@click.option(
    "--undo",
    is_flag=True,
    help="Take back all marks of that stage that this command ever wrote; with --date, those of"
    " that day. Name people or letters to take back theirs only.",
)
@click.option(
    "--yes", "any_day", is_flag=True, help="Allow a day before the first letter was made."
)
@_common
def mark(**options: Any) -> int:  # noqa: ANN401 - click hands over what it parsed
    """Write into the register that letters were printed, signed, posted or answered.

    What somebody wrote there by hand stays. Close the register in Excel first.
    """
    from merge.campaign.marking import MarkOrder  # noqa: PLC0415
    from merge.cli.reports import mark_folder  # noqa: PLC0415

    if options["tracking"] and options["stage"] != "posted":
        raise click.UsageError("--tracking goes with posted.")
    today = None if options["undo"] else dt.datetime.now().astimezone().date()
    day = options["day"].date() if options["day"] else today
    order = MarkOrder(
        options["stage"].title(),
        day,
        options["names"],
        options["letters"],
        options["tracking"].strip(),
        options["undo"],
        options["whole"],
        options["any_day"],
    )
    return mark_folder(options["folder"], options["workbook"], order, as_json=options["as_json"])


_DRY_RUN = click.option(
    "--dry-run", is_flag=True, help="Say what would be deleted; change nothing."
)
_YES = click.option("--yes", is_flag=True, help="Do not ask.")


@merge.command(short_help="Take a person out, then look for what is left.")
@click.argument("name")
@_FOLDER
@_DRY_RUN
@_YES
@click.option(
    "--keep-counts",
    is_flag=True,
    help="Keep the dates of the person's letters in the register, without a name.",
)
@click.option(
    "--keep-out",
    is_flag=True,
    help="Keep hashes in the list of signers from forms: if an export has the person again, they"
    " stay out.",
)
@_WORKBOOK
@_JSON
def delete_person(**options: Any) -> int:  # noqa: ANN401 - click hands over what it parsed
    """Take a person out: letters, batches, rows of the register. Then look for what is left.

    NAME is a name or an ID, of a signer or a recipient. Of a person who said no in a form it can be
    the e-mail or postal address as well. The rows of the workbook are yours to delete.
    """
    from merge.cli.erasure import ForgetArguments, forget_person  # noqa: PLC0415

    return forget_person(ForgetArguments(**options))


@merge.command(name="close", short_help="End a campaign: letters and batches are deleted.")
@_FOLDER
@_DRY_RUN
@_YES
@click.option("--undo", is_flag=True, help="Open it again; letters not on paper can be made anew.")
def close_(folder: Path, *, dry_run: bool, yes: bool, undo: bool) -> int:
    """End a campaign: letters and batches are deleted, the register and the reports stay."""
    from merge.cli.erasure import close_campaign, reopen_campaign  # noqa: PLC0415

    return reopen_campaign(folder) if undo else close_campaign(folder, dry_run=dry_run, yes=yes)


@merge.command(name="import", short_help="Take the answers of a form into the list of signers.")
@click.argument("file", type=_PATH, required=False)
@_FOLDER
@click.option("--dry-run", is_flag=True, help="Say what would change; write nothing.")
@click.option("--undo", is_flag=True, help="Put the list back as it was before the last import.")
@click.option("--yes", is_flag=True, help="Do not ask, where nothing must be decided first.")
@click.option("--form", default="", metavar="NAME", help="The form that the answers are of.")
@click.option("--sheet", default="", metavar="NAME", help="The sheet that holds the answers.")
@click.option(
    "--read-as",
    default="",
    metavar="WORD",
    help="How its letters are meant: western, central, cyrillic, greek, turkish, hebrew, arabic,"
    " baltic, mac, dos, utf-8 or utf-16.",
)
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="PLACE=COLUMN",
    help='Which column of the file fills a place, such as "Postal code=PLZ": a column of the list,'
    " or a placeholder of the letter.",
)
@click.option(
    "--means-yes",
    multiple=True,
    metavar="ANSWER",
    help="An answer about consent that means yes, besides those that say it plainly.",
)
@click.option(
    "--fix",
    multiple=True,
    type=click.Choice(["capitals", "lost-zeros"]),
    help="Write names without capitals, or postal codes that may lack a zero, as proposed.",
)
@click.option(
    "--again",
    multiple=True,
    metavar="NAME",
    help="Take in again whoever has this name or ID, though you deleted the row, or they said no.",
)
@click.option("--no-copy", is_flag=True, help="Keep no copy of the list as it was before.")
@_WORKBOOK
@_JSON
def import_(**options: Any) -> int:  # noqa: ANN401 - click hands over what it parsed
    """Take the answers of a form, or a platform's list, into signers from forms.xlsx.

    What goes where, and who is new, changed or gone, is shown first. What you corrected stays.
    Import as often as you like: FILE is the export, .csv, .xlsx, .ods, or a zip with one of them.
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


@merge.command(short_help="Open the campaign in the browser.")
@click.argument("folder", type=_PATH, required=False)
@click.option(
    "--no-browser", is_flag=True, help="Open no browser: print the link, which lets in one, once."
)
def page(folder: Path | None, *, no_browser: bool) -> int:
    """Open the campaign in the browser: all that the other commands do, without typing.

    It is served to this computer only. It ends by itself some time after its last page was
    closed, and at once with Ctrl-C. Without FOLDER it shows your campaigns.
    """
    from merge.cli.page import serve_page  # noqa: PLC0415

    return serve_page(folder, browser=not no_browser)


@merge.command(short_help="Make a report for a board.")
@_FOLDER
@_WORKBOOK
@_JSON
@click.option("--with-names", is_flag=True, help="Name the signers as well.")
def report(folder: Path, workbook: Path | None, *, as_json: bool, with_names: bool) -> int:
    """Make a report for a board: what was made, signed, posted, answered, with a chart.

    An Excel workbook and one page in Word, in the campaign folder. Signers are not named.
    """
    from merge.cli.reports import report_folder  # noqa: PLC0415

    return report_folder(folder, workbook, as_json=as_json, with_names=with_names)


@merge.command(short_help="List every tag with its first value.")
@_FOLDER
@_WORKBOOK
@_JSON
def placeholders(folder: Path, workbook: Path | None, *, as_json: bool) -> int:
    """List every tag that the workbook offers, as a merge field too, with its first value."""
    from merge.cli.reports import list_tags  # noqa: PLC0415

    return list_tags(folder, workbook, as_json=as_json)


@merge.command()
@click.argument("folder", type=_PATH)
@click.option(
    "--from",
    "old",
    type=_PATH,
    metavar="OLD",
    help="Begin with the workbook and the templates of another campaign folder.",
)
@click.option(
    "--unanswered",
    is_flag=True,
    help="With --from: only pairs whose letter was posted and not answered.",
)
def new(folder: Path, old: Path | None, *, unanswered: bool) -> int:
    """Make a new campaign folder that works at once, to fill in."""
    from merge.campaign.starter import start_campaign  # noqa: PLC0415
    from merge.workbook.reading import LIST_FILE  # noqa: PLC0415

    if unanswered and not old:
        raise click.UsageError("--unanswered goes with --from OLD.")
    made = start_campaign(folder, old, unanswered=unanswered)
    if made.lost:
        note(f"Did not come along from the workbook: {', '.join(made.lost)}.")
    if made.date:
        note(f"The setting Date is still {made.date}, that of the first letters: change it.")
    if made.title:
        note(f"The setting Campaign is still {made.title}: write the title of the new one.")
    if made.gone:
        letters = counted(made.gone, "letter")
        note(f"Left out: {letters} not answered, of people who are no longer in the old workbook.")
    if made.pairs:
        note(f"{counted(made.pairs, 'pair')} in the sheet Pairs; the tag {{{{ pair.posted_on }}}}.")
    if LIST_FILE in made.files:
        note(f"{LIST_FILE} came along: the people of the old campaign's forms, with their data.")
    say(f"Made {folder}: {', '.join(made.files)}.")
    say(f"Next: change them in Excel and Word, then type: {next_step('letters', folder)}")
    return DONE


def run_alone(argv: Sequence[str]) -> int:
    """Run the command line in a process of its own, and return its exit code."""
    steady_streams()
    code = guarded(argv)
    if why := lost_output():
        note(f"What was to be printed could not be written ({why}); all else was done.")
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
            note("Put what has spaces in it into quotation marks.")
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
