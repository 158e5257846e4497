"""What somebody asked for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from merge.naming import folded

RESAVED = "resaved"
"""In the place of a name: all letters that another program only saved again."""


@dataclass(frozen=True, slots=True)
class Order:
    """Whose letters, and into which folder.

    `names` are names or IDs of signers and recipients; none means everybody. `again` are those
    whose edited letters are to be made anew, the old ones set aside. A dry run writes nothing.
    `new_register`: where the register is gone, begin another, though nothing is on paper then.
    """

    target: Path
    names: tuple[str, ...] = ()
    dry_run: bool = False
    again: tuple[str, ...] = ()
    new_register: bool = False

    @property
    def again_names(self) -> tuple[str, ...]:
        """The people whose edited letters are to be made anew."""
        return tuple(name for name in self.again if folded(name) != RESAVED)

    @property
    def again_resaved(self) -> bool:
        """Whether all letters that were only saved again are to be made anew."""
        return len(self.again_names) < len(self.again)
