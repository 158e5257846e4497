"""Problems with the letters that they affect."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from merge.people import Pair, Person
from merge.problems import Problem


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem, and whose letters it touches by their keys; None stands for everybody's."""

    problem: Problem
    signers: frozenset[str] | None = None
    recipients: frozenset[str] | None = None
    pairs: Mapping[str, AbstractSet[str]] | None = None
    """Where only some pairs of these are touched: the recipients' keys by their signer's."""

    def affects(self, pair: Pair) -> bool:
        """Return whether the pair's letter cannot be made because of it."""
        if self.pairs is not None:
            return pair.recipient.key in self.pairs.get(pair.signer.key, ())
        mine = self.signers is None or pair.signer.key in self.signers
        return mine and (self.recipients is None or pair.recipient.key in self.recipients)

    def affects_any(self, signers: AbstractSet[str], recipients: AbstractSet[str]) -> bool:
        """Return whether it touches a letter of one of these signers to one of these recipients."""
        mine = self.signers is None or not self.signers.isdisjoint(signers)
        return mine and (self.recipients is None or not self.recipients.isdisjoint(recipients))


def finding_for_person(problem: Problem, person: Person | None) -> Finding:
    """Return the problem with the letters of a person; of everybody for None."""
    if person is None:
        return Finding(problem)
    keys = frozenset({person.key})
    return Finding(problem, keys) if person.kind == "signer" else Finding(problem, None, keys)


class PairFindings:
    """Problems of single pairs, each held once with all the pairs that it touches."""

    def __init__(self) -> None:
        self._pairs: dict[Problem, dict[str, set[str]]] = {}

    def add(self, problem: Problem, pair: Pair) -> None:
        """Add a pair's problem."""
        own = self._pairs.setdefault(problem, {})
        own.setdefault(pair.signer.key, set()).add(pair.recipient.key)

    def findings(self) -> Iterator[Finding]:
        """Yield each problem with the pairs that it touches."""
        for problem, pairs in self._pairs.items():
            recipients = frozenset(key for keys in pairs.values() for key in keys)
            yield Finding(problem, frozenset(pairs), recipients, pairs)


class ErrorIndex:
    """The letters that errors touch, asked pair by pair."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        errors = [f for f in findings if f.problem.level == "error"]
        everybody = [f for f in errors if f.signers is None and f.recipients is None]
        self._error_for_all = next(iter(everybody), None)
        self._by_recipient = {k: f for f in errors if f.signers is None for k in f.recipients or ()}
        self._by_signer: dict[str, list[Finding]] = {}
        for found in errors:
            for key in found.signers or ():
                self._by_signer.setdefault(key, []).append(found)
        self._any = bool(errors)

    def reason(self, pair: Pair) -> str:
        """Return why a pair's letter cannot be made; empty where it can."""
        problem = self.problem(pair)
        return str(problem) if problem else ""

    def problem(self, pair: Pair) -> Problem | None:
        """Return what keeps a pair's letter from being made; None where nothing does."""
        if not self._any:
            return None
        found = self._error_for_all or self._by_recipient.get(pair.recipient.key)
        if found is None:
            own = self._by_signer.get(pair.signer.key, ())
            found = next((f for f in own if f.affects(pair)), None)
        return found.problem if found else None
