"""The commands and their options.

The code that a command needs is imported when it runs, so `merge --help` does not load lxml and
docxtpl.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from contextvars import Context
from pathlib import Path
from typing import Any

import click

from merge.cli.options import (
    ANYWAY,
    DRY_RUN,
    FOLDER,
    JSON,
    PATH,
    WORKBOOK,
    YES,
    CampaignOptions,
    DateType,
    PositiveNumberType,
    common_options,
    gather_options,
)
from merge.cli.terminal import (
    DONE,
    ENDING_SIGNALS,
    FAULT,
    PROBLEMS,
    STOPPED,
    USAGE,
    exit_code,
    handle_signals,
    interrupt_once,
    make_streams_fault_tolerant,
    next_command,
    note,
    output_error,
    print_crash_report,
    remember_folder,
    remember_words,
    say,
    show_problems,
    show_wrong_usage,
)
from merge.errors import MergeError
from merge.naming import format_count
from merge.product import __version__


class CurrentFolderMissingError(click.ClickException):
    """An error: the current folder was deleted or moved away."""

    exit_code = USAGE

    def __init__(self) -> None:
        super().__init__(
            "The current folder no longer exists. Change to another folder (cd), then run the"
            " command again."
        )


_COMMAND_ORDER = (
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
    *("page", "doctor"),
)


class _OrderedGroup(click.Group):
    """A click group that lists commands in the order of a campaign."""

    def list_commands(self, _: click.Context) -> list[str]:
        return [*_COMMAND_ORDER, *sorted(self.commands.keys() - {*_COMMAND_ORDER})]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the click command that was typed, with its arguments.

        The error for an unknown command suggests only the nearest one.
        """
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            if possibilities := getattr(error, "possibilities", None):  # best first in click 8.4
                del possibilities[1:]
            raise


@click.group(
    cls=_OrderedGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Get started: merge new FOLDER. Each command suggests the next one. FOLDER is the"
    " campaign folder; without it, most commands use the current folder.",
)
@click.version_option(__version__, prog_name="Appeal Merge")
def merge() -> None:
    """Create letters to sign by hand from a Word template and an Excel workbook.

    A campaign folder contains signers.xlsx and templates/. The program creates one editable Word
    letter in letters/ for every pair of a signer and a recipient, or only for the pairs in the
    Pairs sheet.
    """
    try:
        Path.cwd()
    except OSError:
        raise CurrentFolderMissingError from None


@merge.command()
@DRY_RUN
@click.option("--skip-errors", is_flag=True, help="Skip letters with errors.")
@click.option(
    "--try",
    "try_folder",
    type=PATH,
    metavar="FOLDER",
    help="Create trial letters in this folder; your letters are not changed.",
)
@click.option(
    "--template",
    type=PATH,
    metavar="FILE",
    help="With --try: use this template for all letters.",
)
@click.option(
    "--replace",
    "replace",
    multiple=True,
    metavar="NAME",
    help="Create letters again that would otherwise be kept. NAME is a signer, a recipient, a"
    " short ID, or one of: edited, resaved (re-saved in Word, text unchanged), moved"
    " (moved or renamed), print-file (in a print file, not marked as printed), all. The old"
    " versions of edited letters are moved to letters/Old versions. Repeatable.",
)
@click.option(
    "--keep",
    multiple=True,
    metavar="NAME",
    help="Keep edited letters even though their data has changed, and do not list them until"
    " it changes again (on the page: Keep my version). NAME as for --replace. Repeatable.",
)
@click.option(
    "--yes", is_flag=True, help="With --replace: replace without asking for confirmation."
)
@click.option(
    "--same-person",
    multiple=True,
    metavar="NAME",
    help="Answer to the error name-changed: the person with this new name, or this ID, is the"
    " same person under a new name. Repeatable.",
)
@click.option(
    "--other-person",
    multiple=True,
    metavar="NAME",
    help="Answer to the error name-changed: the person with this new name, or this ID, is a"
    " different person. Repeatable.",
)
@click.option(
    "--people-left",
    is_flag=True,
    help="Answer to the error register-people: these people are no longer included.",
)
@click.option(
    "--release",
    is_flag=True,
    help="Answer to the error register-cleared: letters whose dates were deleted in the register"
    " are not printed, and are created and printed again.",
)
@click.option(
    "--restore-dates",
    is_flag=True,
    help="Answer to the error register-cleared: the dates were deleted by mistake and are written"
    " into the register again.",
)
@ANYWAY
@common_options
def letters(options: CampaignOptions, **arguments: Any) -> int:  # noqa: ANN401 - values parsed by click
    """Check, then create or update the letters.

    Safe to run repeatedly: edited or printed letters are kept; the others are updated.
    """
    from merge.campaign.change_detection import count_unchanged_letters  # noqa: PLC0415

    folder = options.folder
    is_plain = options == CampaignOptions(folder) and not any(arguments.values())
    if is_plain and (number := count_unchanged_letters(folder)):
        say(f"{format_count(number, 'letter')}: 0 created, {number:,} unchanged.")
        say(f"Everything is up to date. Next: {next_command('status', folder)}")
        return DONE

    from merge.cli.letters_command import LettersCommand, create_letters  # noqa: PLC0415

    if arguments["template"] and not arguments["try_folder"]:
        raise click.UsageError("--template requires --try FOLDER.")
    if arguments["release"] and arguments["restore_dates"]:
        raise click.UsageError("--release and --restore-dates exclude each other.")
    return create_letters(LettersCommand(options, **arguments))


@merge.command()
@click.option("--all", "include_ignored", is_flag=True, help="Also list ignored warnings.")
@click.option(
    "--ignore",
    "ignored_ids",
    multiple=True,
    metavar="WARNING-ID",
    help="Ignore the warning with this ID, shown after it in brackets, until its data changes."
    " Repeatable.",
)
@click.option(
    "--reset-ignored",
    is_flag=True,
    help="Stop ignoring warnings: all of them are listed again from now on.",
)
@common_options
def check(
    options: CampaignOptions,
    *,
    include_ignored: bool,
    ignored_ids: tuple[str, ...],
    reset_ignored: bool,
) -> int:
    """Check the workbook and templates without writing anything."""
    from merge.cli.check_command import check_folder  # noqa: PLC0415

    return check_folder(
        options, include_ignored=include_ignored, ignored_ids=ignored_ids, reset=reset_ignored
    )


@merge.command(short_help="Show the status of the letters and their progress.")
@click.option(
    "--all", "full_lists", is_flag=True, help="Show complete lists, not only the first 30 lines."
)
@common_options
def status(options: CampaignOptions, *, full_lists: bool) -> int:
    """Show how many letters are created, edited, printed, signed, posted and answered."""
    from merge.cli.status_command import show_status  # noqa: PLC0415

    return show_status(options, full_lists=full_lists)


@merge.command(name="print", short_help="Create files for printing.")
@DRY_RUN
@click.option(
    "--unsigned",
    is_flag=True,
    help="Include letters that are printed but not signed yet. Default: only letters that are"
    " not printed.",
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
    help="Print edited or printed letters as is even though their data has changed (on the"
    " page: Print without the new data). NAME is a signer, a recipient, a short ID, or one of:"
    " edited, moved, all. Repeatable.",
)
@click.option("--skip-errors", is_flag=True, help="Skip letters that cannot be printed.")
@click.option(
    "--by",
    type=click.Choice(["signer", "recipient"]),
    help="Group letters by signer or recipient. Default: signer.",
)
@click.option("--one-file", is_flag=True, help="One file for all letters.")
@click.option(
    "--per-signer", is_flag=True, help="One file per signer, or per recipient with --by recipient."
)
@click.option(
    "--sheets",
    type=PositiveNumberType(),
    metavar="N",
    help="Maximum number of sheets of paper per file. One person's letters always stay in one"
    " file. Default: 200.",
)
@click.option(
    "--covers/--no-covers",
    default=None,
    help="Add a cover sheet to each pile and instructions to each file, or none. Default: cover"
    " sheets for piles of 5 letters or more.",
)
@click.option(
    "--no-letters",
    is_flag=True,
    help="Only envelopes, labels and parcel sheets, for all letters that are not posted yet.",
)
@click.option(
    "--two-sided/--one-sided",
    default=None,
    help="Default: two-sided if any letter has more than one page.",
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
    type=PositiveNumberType(),
    metavar="N",
    help="First unused label on the label sheet. Default: 1.",
)
@click.option(
    "--parcels",
    is_flag=True,
    help="Create a sheet for each recipient: address, signers, receipt.",
)
@click.option(
    "--return-to-signer",
    is_flag=True,
    help="Use the signer's address as the return address.",
)
@ANYWAY
@common_options
def print_(options: CampaignOptions, **arguments: Any) -> int:  # noqa: ANN401 - values parsed by click
    """Combine the letters that are not printed yet into Word files for printing.

    The files are saved in print/, with a cover sheet before each large pile.
    """
    from merge.cli.print_command import print_letters  # noqa: PLC0415

    if arguments["one_file"] and arguments["per_signer"]:
        raise click.UsageError("--one-file and --per-signer cannot be used together.")
    if arguments["no_letters"] and not any(
        arguments[name] for name in ("envelopes", "labels", "parcels")
    ):
        raise click.UsageError("With --no-letters, add --envelopes, --labels or --parcels.")
    if arguments["start"] and not arguments["labels"]:
        raise click.UsageError("--start requires --labels.")
    if arguments["return_to_signer"] and not (arguments["envelopes"] or arguments["labels"]):
        raise click.UsageError("--return-to-signer requires --envelopes or --labels.")
    return print_letters(options, arguments)


@merge.command(short_help="Check that finished letters contain the right data.")
@ANYWAY
@common_options
def proofread(options: CampaignOptions, *, anyway: bool) -> int:
    """Check that each finished letter contains its own data and no one else's.

    Saves two files in print/: a proofreading report, and a proof document for a native speaker to
    read.
    """
    from merge.cli.proofread_command import proofread_folder  # noqa: PLC0415

    return proofread_folder(options, anyway=anyway)


@merge.command(short_help="Mark letters as printed, signed, posted or answered.")
@click.argument("stage", type=click.Choice(["printed", "signed", "posted", "answered"]))
@click.option(
    "--letter",
    "letters",
    multiple=True,
    metavar="ID",
    help="Only the letter with this short ID. Repeatable. With posted, a tracking number can"
    ' follow: "f6ea4 RR123456785DE".',
)
@click.option(
    "--date",
    "day",
    type=DateType(["%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y"]),
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
    help="Remove all dates that this program recorded for this stage, not only the last ones."
    " Limit with --date, --for or --letter.",
)
@click.option(
    "--yes", "any_day", is_flag=True, help="Accept a --date before the first letter was created."
)
@ANYWAY
@common_options
def mark(
    options: CampaignOptions,
    *,
    day: dt.datetime | None,
    anyway: bool,
    **arguments: Any,  # noqa: ANN401 - values parsed by click
) -> int:
    """Record in the register that letters were printed, signed, posted or answered.

    Without --for, --letter or --all, marks every letter at the previous stage (for printed: every
    letter in a print file). Dates that you entered yourself are not changed. Close the register in
    Excel first.
    """
    from merge.campaign.marking import MarkOrder  # noqa: PLC0415
    from merge.cli.report_commands import mark_campaign  # noqa: PLC0415

    has_numbers = arguments["tracking"] or any(
        " " in typed.strip() for typed in arguments["letters"]
    )
    if has_numbers and arguments["stage"] != "posted":
        raise click.UsageError("Tracking numbers can only be used with posted.")
    today = None if arguments["undo"] else dt.datetime.now().astimezone().date()
    arguments |= {"stage": arguments["stage"].title(), "tracking": arguments["tracking"].strip()}
    order = MarkOrder(**arguments, day=day.date() if day else today, names=options.names)
    return mark_campaign(options, order, anyway=anyway)


@merge.command(short_help="Delete a person's data and search for remaining data.")
@click.argument("name")
@FOLDER
@DRY_RUN
@YES
@click.option(
    "--keep-counts",
    is_flag=True,
    help="Keep the dates in the register, without the name: reports mention them below the totals.",
)
@click.option(
    "--keep-out",
    is_flag=True,
    help="Remember the person in encoded form (hashes), so that later imports skip them.",
)
@WORKBOOK
@JSON
@gather_options
def delete_person(options: CampaignOptions, name: str, *, keep_counts: bool, keep_out: bool) -> int:
    """Delete a person's letters, print files and register rows, then search for remaining data.

    NAME is the name or ID of a signer or recipient, or both: "Ana Ruiz (S2)". For a person who
    declined in a form, it can also be the email or postal address. You need to delete their rows in
    the workbook yourself.
    """
    from merge.cli.deletion_commands import delete_person_data  # noqa: PLC0415

    return delete_person_data(options, name, keep_counts=keep_counts, keep_out=keep_out)


@merge.command(name="close", short_help="Close a campaign and delete its letters and print files.")
@FOLDER
@DRY_RUN
@YES
@click.option(
    "--undo",
    is_flag=True,
    help="Reopen the campaign. Deleted letters are not restored; create them again.",
)
@gather_options
def close_(options: CampaignOptions, *, undo: bool) -> int:
    """Close a campaign and delete its letters and print files.

    Deletes all letters, including edited ones, print files, proofreading reports and proof
    documents. Keeps the workbook, the templates, the register and the reports for your board.
    """
    from merge.cli.deletion_commands import close_campaign, reopen_campaign  # noqa: PLC0415

    if undo and options.dry_run:
        raise click.UsageError("--undo cannot be used with --dry-run: it deletes nothing.")
    return reopen_campaign(options.folder) if undo else close_campaign(options)


@merge.command(name="import", short_help="Import signers from form responses or a list.")
@click.argument("file", type=PATH, required=False)
@FOLDER
@DRY_RUN
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
    help="Name of the form, if the program does not recognise it. Use the same name for each"
    " import from the same form.",
)
@click.option("--sheet", default="", metavar="NAME", help="Sheet that contains the responses.")
@click.option(
    "--read-as",
    default="",
    metavar="ENCODING",
    help="Character encoding of a text file, if names look wrong: western, central, cyrillic,"
    " greek, turkish, hebrew, arabic, baltic, mac, dos, utf-8 or utf-16.",
)
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="TARGET=COLUMN",
    help='Import COLUMN of the file as TARGET, a column of the list of signers, such as "Postal'
    ' code=Postcode". Repeatable.',
)
@click.option(
    "--means-yes",
    multiple=True,
    metavar="WORDS",
    help="Count these words in the form as consent too; a clear yes always counts. Repeatable.",
)
@click.option(
    "--fix",
    multiple=True,
    type=click.Choice(["capitals", "lost-zeros"]),
    help="Apply suggested corrections: capitals (names all in capitals or all in lower case)"
    " or lost-zeros (postal codes without their leading zeros). Repeatable.",
)
@click.option(
    "--writes-to",
    default="",
    metavar="WHOM",
    help="Whom new signers write to, if the campaign has a Pairs sheet: everyone, none (to decide"
    " later), or a signer whose recipients they get.",
)
@click.option(
    "--again",
    multiple=True,
    metavar="NAME",
    help="Add this person again, even if you deleted the row or the person declined in a"
    " form. Repeatable.",
)
@click.option(
    "--no-copy",
    is_flag=True,
    help="Do not keep the old version of the list, so this import cannot be undone.",
)
@ANYWAY
@WORKBOOK
@JSON
@gather_options
def import_(
    options: CampaignOptions,
    file: Path | None,
    *,
    undo: bool,
    no_copy: bool,
    **arguments: Any,  # noqa: ANN401 - values parsed by click
) -> int:
    """Import signers from form responses or a list.

    They are saved in "signers from forms.xlsx", the list of signers. Shows the column mapping and
    the changes before saving. Your corrections are kept on later imports. FILE is a .csv, .xlsx,
    .ods or .zip export. With --undo, the only argument is FOLDER.
    """
    from merge.cli.import_command import import_export, undo_last_import  # noqa: PLC0415

    if undo:
        folder = remember_folder(file) if file else options.folder
        return undo_last_import(folder, as_json=options.as_json, yes=options.yes)
    if file is None:
        raise click.UsageError("Missing argument 'FILE'.")
    return import_export(options, file, arguments, keep_copy=not no_copy)


@merge.command(short_help="Open the campaign in your browser.")
@click.argument("folder", type=PATH, required=False)
@click.option(
    "--no-browser",
    is_flag=True,
    help="Show the one-time link instead of opening a browser.",
)
def page(folder: Path | None, *, no_browser: bool) -> int:
    """Open the campaign in your browser. Almost everything the other commands do can be done there.

    The page is available on this computer only. The program quits
    about 90 seconds after the last page is closed, or with Ctrl-C. Without FOLDER, it shows your
    campaigns.
    """
    from merge.cli.page_command import serve_page  # noqa: PLC0415

    return serve_page(folder, browser=not no_browser)


@merge.command(short_help="Show what this computer has, and what is missing.")
@FOLDER
@JSON
@gather_options
def doctor(options: CampaignOptions) -> int:
    """Show versions, folders, programs and fonts of this computer, and what is missing.

    If something fails, send the output to your support contact. It names no people and no
    campaigns. A campaign in FOLDER is also checked: whether its folder can be written, and whether
    this computer has fonts for it.
    """
    from merge.cli.doctor_command import show_computer_report  # noqa: PLC0415

    return show_computer_report(options)


@merge.command(short_help="Save a report for your board.")
@FOLDER
@WORKBOOK
@JSON
@click.option("--with-names", is_flag=True, help="Include a table of the signers, with names.")
@gather_options
def report(options: CampaignOptions, *, with_names: bool) -> int:
    """Save a report for your board, with charts.

    Creates an Excel workbook and a one-page Word document in the campaign folder. Signers are not
    named unless you add --with-names.
    """
    from merge.cli.report_commands import save_report  # noqa: PLC0415

    return save_report(options, with_names=with_names)


@merge.command(short_help="List all placeholders, each with an example.")
@FOLDER
@WORKBOOK
@JSON
@gather_options
def placeholders(options: CampaignOptions) -> int:
    """List all placeholders, each with an example and its Word merge field."""
    from merge.cli.report_commands import list_placeholders  # noqa: PLC0415

    return list_placeholders(options)


@merge.command(short_help="Create a campaign folder, also from letters.")
@click.argument("folder", type=PATH)
@click.option(
    "--from",
    "previous",
    type=PATH,
    metavar="OLD",
    help="Copy the workbook and templates from this campaign.",
)
@click.option(
    "--unanswered",
    is_flag=True,
    help="With --from: include only pairs whose letter was posted but not answered.",
)
@click.option(
    "--from-letter",
    "letters",
    type=PATH,
    multiple=True,
    metavar="LETTER",
    help="Make the template and the workbook from this finished letter (.docx), which is only"
    " read. Repeatable: what differs between the letters becomes columns.",
)
@click.option(
    "--workbook",
    type=PATH,
    metavar="FILE",
    help="With --from-letter: find the cells of this workbook in the letter.",
)
@click.option(
    "--name",
    "names",
    multiple=True,
    metavar="OLD=NEW",
    help="With --from-letter: another heading for a column that was found. Repeatable.",
)
@click.option(
    "--keep",
    "fixed_texts",
    multiple=True,
    metavar="TEXT",
    help="With --from-letter: this text stays the same in all letters. Repeatable.",
)
@click.option(
    "--yes",
    is_flag=True,
    help="With --from-letter: create the campaign, with the default answers. Without --yes, what is"
    " found is only shown.",
)
def new(folder: Path, previous: Path | None, *, unanswered: bool, **letter_options: Any) -> int:  # noqa: ANN401 - values parsed by click
    """Create a campaign folder: a sample, a copy, or from finished letters."""
    if letter_options["letters"]:
        from merge.cli.start_command import StartCommand, start_from_letters  # noqa: PLC0415

        if previous or unanswered:
            raise click.UsageError("Use either --from-letter or --from, not both.")
        return start_from_letters(StartCommand(folder, **letter_options))
    if any(letter_options.values()):
        raise click.UsageError("This option requires --from-letter LETTER.")
    if unanswered and not previous:
        raise click.UsageError("--unanswered requires --from OLD.")
    return _copy_campaign(folder, previous, unanswered=unanswered)


def _copy_campaign(folder: Path, previous: Path | None, *, unanswered: bool) -> int:
    from merge.campaign.new_campaign import create_campaign  # noqa: PLC0415
    from merge.workbook.reading import LIST_FILE  # noqa: PLC0415

    campaign = create_campaign(folder, previous, unanswered=unanswered)
    if campaign.lost_contents:
        note(f"Not copied from the workbook: {', '.join(campaign.lost_contents)}.")
    if campaign.date:
        note(f"The Date setting is still {campaign.date}, from the first letters. Change it.")
    if campaign.kept_title:
        note(
            f"The Campaign setting is still {campaign.kept_title}."
            " Enter the title of the new campaign."
        )
    if campaign.former_unanswered:
        letters = format_count(campaign.former_unanswered, "letter")
        note(f"Skipped: {letters} not answered, of people who are no longer in the old workbook.")
    if campaign.pair_count:
        pairs = format_count(campaign.pair_count, "pair")
        note(f"{pairs} in the Pairs sheet, with the placeholder {{{{ pair.posted_on }}}}.")
    if LIST_FILE in campaign.files:
        note(f"{LIST_FILE} was copied: the people imported from forms, with their data.")
    say(f"Created {folder}: {', '.join(campaign.files)}.")
    say(f"Next: edit these files in Excel and Word, then run: {next_command('letters', folder)}")
    return DONE


def run_process(argv: Sequence[str]) -> int:
    """Run the command line in this process; return the exit code."""
    make_streams_fault_tolerant()
    code = run_command_line(argv)
    if error := output_error():
        note(f"The output could not be written ({error}). The command itself has finished.")
        return code or PROBLEMS
    return code


@handle_signals(ENDING_SIGNALS, interrupt_once)
def run_command_line(argv: Sequence[str]) -> int:
    """Run the command line and return its exit code, whatever happens.

    A person's mistake is reported as a problem, and a fault of the program as a crash. Values that
    a command stores for its messages end with it.
    """
    return Context().run(_run_command_line, argv)


def _run_command_line(argv: Sequence[str]) -> int:
    remember_words(argv)
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
    except Exception as error:  # noqa: BLE001 - any other error is a fault of the program
        print_crash_report(error)
        return FAULT
