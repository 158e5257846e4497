"""Warnings that staff ignore: short IDs, ignoring, showing again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from merge import messages
from merge.campaign.campaign import Campaign
from merge.errors import UsageError
from merge.letter_status import StaffDecision
from merge.messages.groups import GroupedProblem, group_problems
from merge.naming import hash_text, short_hash
from merge.problems import Problem, option_place
from merge.state.ledger_records import LedgerChangeSet
from merge.state.letter_folder import ledger_to_write


def short_warning_ids(campaign: Campaign, problems: Iterable[Problem]) -> dict[Problem, str]:
    """Return the short ID of each group of equal warnings.

    The key is the group's first problem. Only warnings that can be ignored have one. A short ID is
    the beginning of a hash and has at least four digits. It changes when anything in the group
    changes.
    """
    hash_by_problem = {
        group.problem: _group_hash(campaign, group) for group in group_problems(problems)
    }
    hashes = [group_hash for group_hash in hash_by_problem.values() if group_hash]
    length = next(n for n in range(4, 17) if len({h[:n] for h in hashes}) == len({*hashes}))
    return {
        problem: group_hash[:length]
        for problem, group_hash in hash_by_problem.items()
        if group_hash
    }


def _group_hash(campaign: Campaign, group: GroupedProblem) -> str:
    warning_ids = group_warning_ids(campaign, group)
    return short_hash(*sorted(warning_ids)) if warning_ids else ""


def group_warning_ids(campaign: Campaign, group: GroupedProblem) -> list[str]:
    """Return the IDs of a group's warnings, or none if one must be shown."""
    warning_ids = [campaign.warning_id(problem) for problem in _members(group)]
    return warning_ids if all(warning_ids) else []


def _members(group: GroupedProblem) -> Iterator[Problem]:
    return (replace(group.problem, place=place) for place in group.places)


def ignore_decisions(
    campaign: Campaign, problems: Sequence[Problem], typed: Sequence[str]
) -> list[StaffDecision]:
    """Return the decisions to ignore the warnings with these short IDs.

    Raise UsageError if no warning has a short ID.
    """
    groups = {group.problem: group for group in group_problems(problems)}
    by_short_id = {
        short_id: groups[problem]
        for problem, short_id in short_warning_ids(campaign, problems).items()
    }
    unknown = [short_id for short_id in typed if short_id.strip().lower() not in by_short_id]
    if unknown:
        places = (option_place("ignore", short_id) for short_id in unknown)
        raise UsageError([messages.problem("sign-unknown", place) for place in places])
    selected = [by_short_id[short_id.strip().lower()] for short_id in typed]
    warning_ids = [
        campaign.warning_id(problem) for group in selected for problem in _members(group)
    ]
    return [StaffDecision("hide", warning, warning) for warning in dict.fromkeys(warning_ids)]


def show_again(campaign: Campaign, decisions: Sequence[StaffDecision]) -> int:
    """Show ignored warnings again; return the number of these warnings."""
    ids = (hash_text(decision.subject_id) for decision in decisions)
    return _stop_ignoring(
        campaign, [decision for decision in ids if decision in campaign.ignored_ids]
    )


def reset_ignored(campaign: Campaign) -> int:
    """Show all ignored warnings again; return the number of these warnings."""
    return _stop_ignoring(campaign, [*campaign.ignored_ids])


def _stop_ignoring(campaign: Campaign, warnings: list[str]) -> int:
    if warnings:
        with ledger_to_write(campaign.letters_folder) as ledger:
            ledger.commit(LedgerChangeSet(cleared_decisions=warnings))
    return len(warnings)
