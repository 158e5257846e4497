"""Warnings that staff ignore: their signs on a screen, ignored and told again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from merge import messages
from merge.campaign.campaign import Campaign
from merge.errors import UsageError
from merge.letter_status import Decision
from merge.messages.groups import GroupedProblem, group_problems
from merge.naming import short_hash
from merge.problems import Problem, option_place
from merge.state.ledger_records import ChangeSet
from merge.state.letter_folder import ledger_to_write


def short_warning_ids(campaign: Campaign, problems: Iterable[Problem]) -> dict[Problem, str]:
    """Return the sign of each group of equal warnings that can be hidden, by its first problem.

    A sign is the beginning of a hash, four digits or more; it is another one when anything of the
    group is.
    """
    whole = {group.problem: _group_hash(campaign, group) for group in group_problems(problems)}
    hashes = [one for one in whole.values() if one]
    length = next(n for n in range(4, 17) if len({h[:n] for h in hashes}) == len({*hashes}))
    return {problem: one[:length] for problem, one in whole.items() if one}


def _group_hash(campaign: Campaign, group: GroupedProblem) -> str:
    own = sorted(campaign.warning_id(problem) for problem in _members(group))
    return short_hash(*own) if all(own) else ""


def _members(group: GroupedProblem) -> Iterator[Problem]:
    return (replace(group.problem, place=place) for place in group.places)


def ignore_decisions(
    campaign: Campaign, problems: Sequence[Problem], typed: Sequence[str]
) -> list[Decision]:
    """Return the decisions that the warnings of these signs are right.

    UsageError where no warning has a sign.
    """
    groups = {group.problem: group for group in group_problems(problems)}
    by_sign = {
        sign: groups[problem] for problem, sign in short_warning_ids(campaign, problems).items()
    }
    unknown = [sign for sign in typed if sign.strip().lower() not in by_sign]
    if unknown:
        places = (option_place("ignore", sign) for sign in unknown)
        raise UsageError([messages.problem("sign-unknown", place) for place in places])
    chosen = [by_sign[sign.strip().lower()] for sign in typed]
    own = [campaign.warning_id(problem) for group in chosen for problem in _members(group)]
    return [Decision("hide", warning, warning) for warning in dict.fromkeys(own)]


def show_again(campaign: Campaign, decisions: Sequence[Decision]) -> int:
    """Let warnings be told again that were hidden; return how many there are of them."""
    salt = campaign.identity.salt
    own = (salt.hash_text(one.subject_id) for one in decisions)
    return _stop_ignoring(campaign, [one for one in own if one in campaign.ignored_ids])


def reset_ignored(campaign: Campaign) -> int:
    """Let every hidden warning be told again; return how many there were."""
    return _stop_ignoring(campaign, [*campaign.ignored_ids])


def _stop_ignoring(campaign: Campaign, warnings: list[str]) -> int:
    if warnings:
        with ledger_to_write(campaign.letters_folder) as ledger:
            ledger.commit(ChangeSet(cleared_decisions=warnings))
    return len(warnings)
