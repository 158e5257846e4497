"""`merge doctor`: the report about this computer."""

from __future__ import annotations

from merge import messages
from merge.campaign.computer_report import inspect_computer
from merge.cli.options import CampaignOptions
from merge.cli.terminal import DONE, PROBLEMS, errors_in, note, problems_json, say, show_json
from merge.errors import UsageError
from merge.problems import Place


def show_computer_report(options: CampaignOptions) -> int:
    """Print the report, and return the exit code.

    Raise UsageError if there is no such folder.
    """
    folder = options.folder
    if not folder.is_dir():
        raise UsageError(messages.problem("folder-missing", Place(str(folder)), near=None))
    report = inspect_computer(folder)
    if options.as_json:
        facts = {fact.label: fact.value for fact in report.facts}
        show_json({"facts": facts, "problems": problems_json(report.problems)})
    else:
        for line in report.text.splitlines():
            say(line)
        note("")
        note("If something fails, send these lines to your support contact.")
    return PROBLEMS if errors_in(report.problems) else DONE
