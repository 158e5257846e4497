"""Findings: problems with the letters that they affect."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from merge.people import Pair, Person
from merge.problems import Problem


def stopping_errors(problems: Iterable[Problem]) -> list[Problem]:
    """Return the errors that stop the work on all letters.

    The question who a person is blocks only that person's letters.
    """
    return [p for p in problems if p.level == "error" and p.code != "name-changed"]


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem and the people whose letters it affects, by their keys.

    `signers` or `recipients` is None if the problem affects all of them.
    """

    problem: Problem
    signers: frozenset[str] | None = None
    recipients: frozenset[str] | None = None
    pairs: Mapping[str, AbstractSet[str]] | None = None
    """Recipient keys by signer key, if only some of the pairs are affected."""

    def affects(self, pair: Pair) -> bool:
        """Return whether the problem affects the letter of a pair."""
        if self.pairs is not None:
            return pair.recipient.key in self.pairs.get(pair.signer.key, ())
        by_signer = self.signers is None or pair.signer.key in self.signers
        return by_signer and (self.recipients is None or pair.recipient.key in self.recipients)

    def affects_any(self, signers: AbstractSet[str], recipients: AbstractSet[str]) -> bool:
        """Return whether the problem affects a letter between these people."""
        by_signer = self.signers is None or not self.signers.isdisjoint(signers)
        return by_signer and (self.recipients is None or not self.recipients.isdisjoint(recipients))


def finding_for_person(problem: Problem, person: Person | None) -> Finding:
    """Return a finding for the letters of one person, or for all letters."""
    if person is None:
        return Finding(problem)
    keys = frozenset({person.key})
    return Finding(problem, keys) if person.kind == "signer" else Finding(problem, None, keys)


class PairFindings:
    """Problems of single pairs, collected.

    Each problem is stored once, with all the pairs that it affects.
    """

    def __init__(self) -> None:
        self._pairs: dict[Problem, dict[str, set[str]]] = {}

    def add(self, problem: Problem, pair: Pair) -> None:
        """Add a problem that affects the letter of a pair."""
        recipient_keys = self._pairs.setdefault(problem, {})
        recipient_keys.setdefault(pair.signer.key, set()).add(pair.recipient.key)

    def findings(self) -> Iterator[Finding]:
        """Yield each added problem once, with all letters that it affects."""
        for problem, pairs in self._pairs.items():
            recipients = frozenset(key for keys in pairs.values() for key in keys)
            yield Finding(problem, frozenset(pairs), recipients, pairs)


class BlockingErrorIndex:
    """An index that finds the error which blocks a pair's letter."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        errors = [f for f in findings if f.problem.level == "error"]
        errors_for_all = [f for f in errors if f.signers is None and f.recipients is None]
        self._error_for_all = next(iter(errors_for_all), None)
        self._by_recipient = {k: f for f in errors if f.signers is None for k in f.recipients or ()}
        self._by_signer: dict[str, list[Finding]] = {}
        for error in errors:
            for key in error.signers or ():
                self._by_signer.setdefault(key, []).append(error)
        self._any = bool(errors)

    def reason(self, pair: Pair) -> str:
        """Return in words why an error blocks a letter; empty if none does."""
        problem = self.problem(pair)
        return str(problem) if problem else ""

    def problem(self, pair: Pair) -> Problem | None:
        """Return the problem that blocks the letter of a pair, or None."""
        if not self._any:
            return None
        finding = self._error_for_all or self._by_recipient.get(pair.recipient.key)
        if finding is None:
            signer_findings = self._by_signer.get(pair.signer.key, ())
            finding = next((f for f in signer_findings if f.affects(pair)), None)
        return finding.problem if finding else None
