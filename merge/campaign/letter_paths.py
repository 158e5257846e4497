"""Paths of letters, from the pattern of file names and the names in use."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from functools import cached_property
from pathlib import Path, PurePosixPath

from merge.campaign.campaign import Campaign
from merge.errors import DataError
from merge.naming import UniquePaths, path_key, short_hash
from merge.people import Pair, Person
from merge.product import LETTER_EXTENSION
from merge.state.folder_access import ORPHANS_FOLDER
from merge.state.inventory import LettersFolderInventory, path_keys
from merge.state.ledger import Ledger
from merge.state.ledger_records import NAMED_BY_HAND, LetterRecord


def default_paths(campaign: Campaign, folder: Path) -> Iterator[str]:
    """Yield the paths that letters would have in an empty folder."""
    pattern = campaign.file_names.shorten_for(str(folder.absolute()))
    for pair in campaign.workbook.pairs():
        with suppress(DataError):
            yield pattern.path_for(pair, campaign.fill_context.pair_values) + LETTER_EXTENSION


class LetterPaths:
    """The paths that letters have or can get.

    They depend on the pattern of file names and on the names in use.
    """

    def __init__(
        self, campaign: Campaign, ledger: Ledger, inventory: LettersFolderInventory
    ) -> None:
        self._ledger, self._inventory = ledger, inventory
        self._pattern = campaign.file_names.shorten_for(str(Path(inventory.folder).absolute()))
        self._values = campaign.fill_context.pair_values
        self._labels: dict[tuple[str, str], bytes] = {}
        self._folders: dict[str, bool] = {}
        """Whether folders existed when a name in them was first requested."""

    def default_path(self, pair: Pair) -> str:
        """Return the path of a pair's letter in an empty folder."""
        return self._pattern.path_for(pair, self._values) + LETTER_EXTENSION

    def default_path_if_any(self, pair: Pair) -> PurePosixPath:
        """Return a letter's default path, or an empty path if it has errors."""
        try:
            return PurePosixPath(self.default_path(pair))
        except DataError:
            return PurePosixPath()

    def free_default_path(self, pair: Pair, usual: str = "") -> str:
        """Return a pair's default path, or a similar path if that is in use."""
        return self.free_path(usual or self.default_path(pair))

    def free_path(self, path: str) -> str:
        """Return a letter's path, or a similar path if another file has it."""
        stem = path.removesuffix(LETTER_EXTENSION)
        return self._used_names.claim(stem, LETTER_EXTENSION, self._exists)

    def reserve(self, path: str) -> None:
        """Reserve a path, so that no other letter gets it."""
        self._used_names.reserve(path)

    def new_path(self, known: LetterRecord, pair: Pair) -> PurePosixPath | None:
        """Return the path of a letter whose person's name was corrected, or None.

        It is None if the letter has the right path.
        """
        if self.keeps_path(known, pair):
            return None
        usual = self.default_path(pair)
        if path_key(usual) == path_key(known.path) and not self._exists(usual):
            return PurePosixPath(
                usual
            )  # differs only in capitals, and this disk treats it as another name
        return (
            None if self.is_default_path(known.path, pair) else PurePosixPath(self.free_path(usual))
        )

    def keeps_path(self, known: LetterRecord, pair: Pair) -> bool:
        """Return whether a letter keeps its path and needs no new name.

        It does if it is named after its people or was renamed by staff, and has a pair.
        """
        is_as_named = known.named in {NAMED_BY_HAND, self.name_hash(pair)}
        return is_as_named and not known.path.startswith(f"{ORPHANS_FOLDER}/")

    def is_default_path(self, path: str, pair: Pair) -> bool:
        """Return whether a path is the default of the pair, except for a number."""
        return path_key(self.default_path(pair)) in path_keys(path)

    def name_hash(self, pair: Pair) -> bytes:
        """Return a hash of the people after whom a letter is named."""
        return self._label_hash(pair.signer) + self._label_hash(pair.recipient)

    def _label_hash(self, person: Person) -> bytes:
        key = (person.kind, person.key)
        if key not in self._labels:
            self._labels[key] = bytes.fromhex(short_hash(person.label)[:8])
        return self._labels[key]

    @cached_property
    def _used_names(self) -> UniquePaths:
        """File names that letters have, whatever else is in the folder."""
        names = UniquePaths()
        for path in self._ledger.letter_paths():
            names.reserve(path)
        return names

    def _exists(self, path: str) -> bool:
        """Return whether a path in the letters folder exists."""
        if path in self._inventory.disk_spellings:
            return True
        folder = path.rpartition("/")[0]
        if folder not in self._folders:
            self._folders[folder] = os.path.lexists(self._inventory.full_path(folder))
        return self._folders[folder] and os.path.lexists(self._inventory.full_path(path))
