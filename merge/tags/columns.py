"""The names that a template may use, as far as they must be known to read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from merge.naming import tag_name

_ROOTS = {"signer", "recipient", "pair", "settings"}


@dataclass(frozen=True, slots=True)
class Columns:
    """The fields of each sheet by its root, `recipient` and so on. None known: everything fits."""

    fields: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def expression(self, name: str) -> str:
        """What a merge field of that name stands for: `Recipient Name` is `recipient.name`.

        Without a sheet's name in front it is the column that only one sheet has. A name that is
        no column's stays what it is, and is told as unknown later.
        """
        folded = tag_name(name) or "nameless"
        root, _, rest = folded.partition("_")
        roots = self._roots(folded)
        if rest and root in _ROOTS and (rest in self.fields.get(root, ()) or not roots):
            return f"{root}.{rest}"
        return f"{roots[0]}.{folded}" if len(roots) == 1 else folded

    def suggestion(self, name: str) -> str:
        """The tag that a name stands for, or all that it could stand for."""
        own = self.expression(name.replace(".", "_"))
        found = [own] if "." in own else [f"{root}.{own}" for root in self._roots(own)]
        return " or ".join(f"{{{{ {one} }}}}" for one in found or [own])

    def knows(self, name: str) -> bool:
        """Whether some column has this name."""
        root, dot, rest = self.expression(name.replace(".", "_")).partition(".")
        return rest in self.fields.get(root, ()) if dot else bool(self._roots(root))

    def _roots(self, name: str) -> list[str]:
        return [root for root, own in self.fields.items() if name in own]
