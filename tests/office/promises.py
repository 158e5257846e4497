"""Promises that must hold whatever staff do, checked after every command."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from office.folder import LETTER, STAGES, Cell, Keys, Register, nfc, read_register, word
from office.program import CommandResult
from office.staff import Staff

_UNTOUCHED_STATES = {"new", "rewritten", "unchanged"}
"""States of letters that no one changed and that have the current data."""
_ASIDE = ("Old versions/", "No longer wanted/")
_COVER = re.compile(r"^campaign · \d+ of \d+$")
"""First line of a cover sheet: the title is the name of the folder."""


Block = tuple[Keys, str, tuple[str, ...]]
"""A letter in a print file: its keys, the name on its cover, its lines."""


class BrokenPromiseError(AssertionError):
    """Raised if something happened that must not; `promise` names it."""

    def __init__(self, promise: str, what: str) -> None:
        super().__init__(f"{promise}: {what}")
        self.promise = promise


@dataclass
class StateBefore:
    """The files before a command, and what must be there after it."""

    tree: dict[str, bytes]
    cells: frozenset[Cell]
    register: Register
    print_files: dict[str, bytes]
    required: set[bytes] = field(default_factory=set)
    """Contents that must stay: saved by a person, or printed."""
    copies: list[list[str]] = field(default_factory=list)
    """Groups of files with one ID: all but one must be reported."""
    other_formats: set[str] = field(default_factory=set)
    conflicts: set[str] = field(default_factory=set)
    """Letters that were printed, and are not by the register."""


class Watch:
    """Checks of the promises against the files on the disk."""

    def __init__(self, staff: Staff, forgiven: Collection[str] = ()) -> None:
        self.staff, self.campaign = staff, staff.campaign
        self._forgiven = forgiven

    # -- before

    def before(self) -> StateBefore:
        """Return the state before a command."""
        tree = self.campaign.tree()
        register = self._register()
        before = StateBefore(tree, self._cells(), register, self.campaign.print_files())
        paper = {keys for keys in self._on_paper(register) if keys in self.staff.paths}
        contents = {word(data).content for data in tree.values()}
        before.required = contents & self.staff.edited_contents
        before.required |= contents & set(self.staff.knowledge.paper.values())
        for keys in paper:
            data = tree.get(self.staff.paths[keys])
            if data is not None and word(data).keys == keys:
                before.required.add(word(data).content)
        before.copies = self._copies(tree)
        letters = {
            path for keys, path in self.staff.paths.items() if keys in self.campaign.wanted()
        }
        other_formats = self.staff.other_formats.items()
        before.other_formats = {
            p for p, of in other_formats if p in tree and of in letters & set(tree)
        }
        before.conflicts = {
            name for name in self.staff.conflicts if self._says_more(name, register)
        }
        return before

    def _register(self) -> Register:
        path = self.campaign.register
        return read_register(path.read_bytes()) if path.exists() else Register()

    def _cells(self) -> frozenset[Cell]:
        paths = sorted(self.campaign.folder.glob("*.xlsx"))
        books = [
            p for p in paths if p.name != "signers.xlsx" and not p.name.startswith(("~$", "."))
        ]
        return frozenset[Cell]().union(*(read_register(p.read_bytes()).cells for p in books))

    def _says_more(self, name: str, register: Register) -> bool:
        """Return True if another register has a mark that this one lacks."""
        path = self.campaign.folder / name
        other = read_register(path.read_bytes()) if path.exists() else Register()
        stages = {cell[:3] for cell in other.cells if cell[2] in STAGES}
        return bool(stages - {cell[:3] for cell in register.cells})

    def _on_paper(self, register: Register) -> set[Keys]:
        """Return the letters with a mark in their own rows."""
        return {self.staff.owners[id_] for id_ in register.marked if id_ in self.staff.owners}

    def _piled(self, register: Register) -> set[Keys]:
        """Return the letters that a date for a complete pile may cover."""
        names = self.staff.names
        persons = {names[name] for _, name in register.piles if name in names}
        return {keys for keys in self.staff.owners.values() if persons & set(keys)}

    def _copies(self, tree: dict[str, bytes]) -> list[list[str]]:
        groups = defaultdict(list)
        wanted = self.campaign.wanted()
        for path, data in tree.items():
            if _seen(path) and path.endswith(".docx") and not path.startswith(_ASIDE):
                id_ = word(data).id
                if id_ and self.staff.owners.get(id_) in wanted:
                    groups[id_].append(path)
        return [paths for paths in groups.values() if len(paths) > 1]

    # -- while someone is at work during a run

    def meanwhile(self, before: StateBefore, done: Iterator[str | None]) -> str | None:
        """Let staff do something during a run; what they overwrite is not lost."""
        tree = self.campaign.tree()
        now = {word(data).content for data in tree.values()}
        self._nothing_lost(before.required, now, "while it runs")
        cells = self._cells()
        did = next(done)
        later = self.campaign.tree()
        after = {word(data).content for data in later.values()}
        before.required -= now - after
        before.required |= (after - now) & self.staff.edited_contents
        before.cells = before.cells - (cells - self._cells()) | (self._cells() - cells)
        touched = {p for p in tree.keys() | later.keys() if tree.get(p) != later.get(p)}
        for path in touched:
            before.tree.pop(path, None)
            if path in later:
                before.tree[path] = later[path]
        return did

    # -- after

    def colleague(self, before: StateBefore, result: CommandResult, words: list[str]) -> None:
        """Check what holds when a second run has ended, while the first is held."""
        self._no_fault(result)
        self.expect_deletions(before, words)
        if words[0] == "mark":
            self.staff.marked |= self._on_paper(self._register())
        tree = self.campaign.tree()
        now = {word(data).content for data in tree.values()}
        self._nothing_lost(before.required, now, "after a colleague's run")
        self._remember_batches(before, words)
        before.print_files = self.campaign.print_files()
        if words[0] == "letters" and result.code == 0 and "--dry-run" not in words:
            self._learn(self._steps(result))

    def killed(self, before: StateBefore, words: list[str]) -> None:
        """Check what holds when a run was killed."""
        self.expect_deletions(before, words)
        tree = self.campaign.tree()
        now = {word(data).content for data in tree.values()}
        self._nothing_lost(before.required, now, "after a kill")
        self._register_holds(before, None)
        self._remember_batches(before, words)

    def check_result(
        self,
        before: StateBefore,
        result: CommandResult,
        words: list[str],
        *,
        disturbed: bool = False,
    ) -> None:
        """Check what holds when a command has ended by itself.

        `disturbed` means that someone was at work meanwhile.
        """
        self._no_fault(result)
        self.expect_deletions(before, words)
        tree = self.campaign.tree()
        seen = {p: data for p, data in tree.items() if _seen(p)}
        contents = {word(data).content for data in seen.values()}
        hidden = {word(data).content for data in tree.values()}
        writes = words[0] == "letters" and result.code == 0 and "--dry-run" not in words
        self._nothing_lost(before.required, contents if writes else hidden, "after a run")
        asked = {"--replace", "--release", "delete-person"} & set(words)
        if not asked:
            self._nothing_touched(before, tree)
        self._register_holds(before, result)
        if result.json_result and not disturbed:
            self._check_reports(before, result, words)
        if words[0] == "letters" and result.code == 0:
            self._letters(result, words, disturbed=disturbed)
        if words[0] == "mark":
            self.staff.marked |= self._on_paper(self._register())
        if words[0] == "print":
            self._printed(before, result, words, disturbed=disturbed)

    def _broken(self, promise: str, what: str) -> None:
        """Raise BrokenPromiseError, unless this promise is forgiven."""
        if promise not in self._forgiven:
            raise BrokenPromiseError(promise, what)

    def _no_fault(self, result: CommandResult) -> None:
        if result.code not in {0, 1} or "Traceback" in result.err:
            self._broken("fault", f"exit {result.code}: {result.err[-3000:]}")

    def _nothing_lost(self, required: set[bytes], now: set[bytes], when: str) -> None:
        if required - now:
            self._broken("lost", f"{len(required - now)} contents are gone {when}")

    def _nothing_touched(self, before: StateBefore, tree: dict[str, bytes]) -> None:
        in_place = {
            tree[path]
            for path, data in before.tree.items()
            if _seen(path) and not path.startswith(_ASIDE) and tree.get(path) == data
        }
        for path, data in before.tree.items():
            if not _seen(path) or path.startswith(_ASIDE) or tree.get(path) == data:
                continue
            if path not in tree and data in in_place:  # a copy, which was moved to Old versions
                continue
            if word(data).content in before.required:
                what = "gone" if path not in tree else "changed"
                kind = (
                    "edit" if word(data).content in self.staff.edited_contents else "printed letter"
                )
                self._broken("touched", f"the {kind} at {path} is {what}")

    def expect_deletions(self, before: StateBefore, words: list[str]) -> None:
        """Expect the deletions of `delete-person` and `mark --undo`."""
        if words[0] == "delete-person":
            keys = {p.key for p in self.campaign.people() if words[1] in {p.id, p.name}}
            held = map(word, before.tree.values())
            before.required -= {w.content for w in held if w.keys and keys & set(w.keys)}
            before.cells, before.register = frozenset(), Register()
            for known in (self.staff.knowledge.paper, self.staff.knowledge.printed):
                for keys_of_letter in [w for w in known if keys & set(w)]:
                    del known[keys_of_letter]
        if "--undo" in words:
            before.cells, before.register = frozenset(), Register()
            now = self._register()
            paper, known = self._on_paper(now) | self._piled(now), self.staff.knowledge.paper
            freed = {known.pop(keys) for keys in set(known) - paper}
            before.required = before.required & self.staff.edited_contents | (
                before.required - freed
            ) & set(known.values())

    def _register_holds(self, before: StateBefore, result: CommandResult | None) -> None:
        for _, id_, _, value in self._register().cells:
            if id_ != "?" and self.staff.notes.get(value, id_) != id_:
                self._broken("note-of-another", f"{value} stands in the row of {id_}")
        missing = {cell for cell in before.cells - self._cells() if cell[1] != "?"}
        if missing:
            self._broken("register-lost", f"{sorted(missing)[:5]}")
        missing_staff_cells = {
            c for c in before.register.cells - self._register().cells if c[1] != "?"
        }
        if missing_staff_cells and result and not re.search(r"register[^\"]*\.xlsx", result.words):
            self._broken("register-unreported", f"{sorted(missing_staff_cells)[:5]}")

    def _check_reports(self, before: StateBefore, result: CommandResult, words: list[str]) -> None:
        """Check that everything unusual is reported by its path."""
        if words[0] not in {"letters", "print", "status"} or not _judged(result):
            return
        text = nfc(_reported_text(result))
        run = " ".join(words)
        for paths in before.copies:
            silent = [path for path in paths if nfc(path) not in text]
            if len(silent) > 1:
                self._broken(f"unreported-copy-{words[0]}", f"{run}: {silent}")
        silent = [path for path in before.other_formats if nfc(path) not in text]
        if silent:
            self._broken(f"unreported-beside-{words[0]}", f"{run}: {silent}")
        silent = [name for name in before.conflicts if nfc(name) not in text]
        if silent:
            self._broken(f"unreported-register-{words[0]}", f"{run}: {silent}")

    # -- letters

    def _steps(self, result: CommandResult) -> dict[Keys, dict[str, str]]:
        names = self.staff.names
        return {(names[s["signer"]], names[s["recipient"]]): s for s in result.steps}

    def _letters(self, result: CommandResult, words: list[str], *, disturbed: bool) -> None:
        """Check that every wanted letter is there, and that its state is true."""
        steps, wanted = self._steps(result), set(self.campaign.wanted())
        if not {"--for", "--replace"} & set(words) and set(steps) != wanted:
            self._broken("pairs", f"{set(steps) ^ wanted} reported or not wanted")
        if "--dry-run" in words:
            return
        if not disturbed:
            for keys, step in steps.items():
                self._letter(keys, step, step["path"].removeprefix("letters/"))
            self._in_place(steps, nfc(_reported_text(result, problems_only=True)))
        if "--release" in words:
            seen = self._register()
            paper, known = self._on_paper(seen) | self._piled(seen), self.staff.knowledge.paper
            self.staff.knowledge.paper = {k: c for k, c in known.items() if k in paper}
        self._learn(steps)

    def _in_place(self, steps: dict[Keys, dict[str, str]], text: str) -> None:
        """Check that a printed letter's place has that letter, or is reported."""
        for keys, step in steps.items():
            path = step["path"].removeprefix("letters/")
            if step["state"] != "on-paper" or step["reason"] != "printed" or nfc(path) in text:
                continue
            file = self._spelled(path)
            if file is None or word(file).keys not in {None, keys}:
                self._broken("unreported-foreign", f"{path} is on paper; another's letter is there")

    def _letter(self, keys: Keys, step: dict[str, str], path: str) -> None:
        if step["state"] == "on-paper" and keys not in self.staff.marked:
            self._broken("counted-for-another", f"{path}: no one marked it as printed")
        if step["state"] not in _UNTOUCHED_STATES:
            return
        file = self._spelled(path)
        if file is None:
            self._broken("not-there", f"{path} is {step['state']}")
            return
        content = word(file)
        if content.content in self.staff.edited_contents:
            self._broken("unreported-edit", f"{path} is {step['state']}, and was edited")
            return
        expected = self.campaign.text(*self.campaign.wanted()[keys])
        if list(content.lines) != expected:
            self._broken("wrong-letter", f"{path} is {step['state']}: {content.lines}")

    def _spelled(self, path: str) -> bytes | None:
        tree = self.campaign.tree()
        return next((data for p, data in tree.items() if nfc(p) == nfc(path)), None)

    def _learn(self, steps: dict[Keys, dict[str, str]]) -> None:
        """Remember the printed letters that the program has seen."""
        for keys, step in steps.items():
            self.staff.owners[step["id"]] = keys
            self.staff.paths[keys] = step["path"].removeprefix("letters/")
        self.staff.known_as |= {p.key: (p.name, p.id) for p in self.campaign.people()}
        register = self._register()
        for keys in self._on_paper(register):
            state = steps[keys]["state"] if keys in steps else ""
            file = self._spelled(self.staff.paths.get(keys, ""))
            if file and state == "on-paper" and word(file).keys == keys:
                self.staff.knowledge.paper[keys] = word(file).content

    # -- print

    def _printed(
        self, before: StateBefore, result: CommandResult, words: list[str], *, disturbed: bool
    ) -> None:
        blocks = self._remember_batches(before, words)
        if "--dry-run" in words or (not blocks and result.code != 0):
            return
        printed = [keys for keys, _, _ in blocks]
        twice = {keys for keys in printed if printed.count(keys) > 1}
        if twice:
            self._broken("printed-twice", f"in one run: {twice}")
        for keys, pile, lines in blocks:
            self._block(before, (keys, pile, lines), words, disturbed=disturbed)
        text = nfc(_reported_text(result))
        if (
            disturbed
            or {"--for", "--accept"} & set(words)
            or not (result.json_result and _judged(result))
        ):
            return
        asked = " ".join(p["message"] for p in result.problems if p["code"] == "name-changed")
        missing = [
            keys
            for keys in self._to_print(before, words) - set(printed)
            if not any(nfc(path) in text for path in self._places(before, keys))
            and not any(f"“{person.name}”" in asked for person in self.campaign.wanted()[keys])
        ]
        if missing:
            self._broken("not-printed", f"{missing}, and nothing is reported")

    def _places(self, before: StateBefore, keys: Keys) -> list[str]:
        """Return names under which a letter may be reported.

        These are its old and new paths, and the names of its people.
        """
        signer, recipient = self.campaign.wanted()[keys]
        paths = [path for path, data in before.tree.items() if word(data).keys == keys]
        return [*paths, self.staff.paths.get(keys, "?"), f"{signer.name}/{recipient.name}.docx"]

    def _to_print(self, before: StateBefore, words: list[str]) -> set[Keys]:
        paper = self._on_paper(before.register) | self._piled(before.register)
        paper |= set(self.staff.knowledge.paper)
        for name in before.conflicts:
            found = read_register((self.campaign.folder / name).read_bytes())
            paper |= self._on_paper(found) | self._piled(found)
        should = set(self.campaign.wanted()) - paper
        if "--since-last" in words:
            should = {keys for keys in should if keys not in self.staff.knowledge.printed}
        return should

    def _block(
        self, before: StateBefore, block: Block, words: list[str], *, disturbed: bool
    ) -> None:
        """Check one letter in a print file."""
        keys, pile, lines = block
        wanted = self.campaign.wanted()
        if keys not in wanted:
            self._broken("printed-unwanted", f"{keys} in the pile of {pile}")
            return
        if pile and self.staff.names.get(pile) not in keys:
            self._broken("wrong-pile", f"{keys} in the pile of {pile}")
        if keys in self._on_paper(before.register) and "--unsigned" not in words:
            self._broken("printed-on-paper", f"{keys}")
        files = {p: word(d) for p, d in before.tree.items() if _seen(p) and word(d).keys == keys}
        files = {p: w for p, w in files.items() if not p.startswith(_ASIDE)}
        current_file = files.get(self.staff.paths.get(keys, ""))
        held = [current_file] if current_file and not disturbed else list(files.values())
        if disturbed:
            held += [w for w in map(word, self.campaign.tree().values()) if w.keys == keys]
        if lines not in [w.lines for w in held]:
            self._broken("wrong-words", f"{keys}: printed {lines}, in the file {held}")
            return
        content = next(w for w in held if w.lines == lines)
        current = self.campaign.text(*wanted[keys])
        by_hand = content.content in self.staff.edited_contents or not self.staff.ledger_intact
        if not by_hand and list(lines) != current:
            self._broken("printed-outdated", f"{keys}: {lines}")

    def _remember_batches(self, before: StateBefore, words: list[str]) -> list[Block]:
        """Read the new print files; those that staff can see count as printed."""
        blocks: list[Block] = []
        for path, data in self.campaign.print_files().items():
            if path not in before.print_files:
                blocks += _blocks(word(data).lines)
        printed = self.staff.knowledge.printed
        for keys, _, lines in blocks:
            contents = {
                word(d).content
                for p, d in before.tree.items()
                if word(d).keys == keys and word(d).lines == lines
            }
            if "--since-last" in words and contents and contents <= printed.get(keys, set()):
                self._broken("printed-again", f"{keys} with --since-last")
            printed[keys] = contents
        return blocks


def _seen(path: str) -> bool:
    """Return True if staff see the file: it is not hidden, and not a draft."""
    return not any(part.startswith((".merge-", "~")) for part in path.split("/"))


def _judged(result: CommandResult) -> bool:
    """Return True if the run got as far as reading the letters' files."""
    errors = [p["code"] for p in result.problems if p["level"] == "error"]
    asked = any(p["code"] == "register-people" for p in result.problems)
    return not asked and all(code.startswith(("print-", "letter-")) for code in errors)


def _reported_text(result: CommandResult, *, problems_only: bool = False) -> str:
    """Return what a run reported about single files.

    These are its problems, and letters that are not as the program created them.
    """
    if not result.json_result:
        return result.words
    texts = [f"{p['where']} {p['message']} {p['hint']}" for p in result.problems]
    if not problems_only:
        texts += [
            f"{s['path']} {s['reason']}"
            for s in result.steps
            if s["state"] not in _UNTOUCHED_STATES
        ]
        texts += result.json_result.get("to_look_at", [])
    return "\n".join(texts)


def _blocks(lines: tuple[str, ...]) -> Iterator[Block]:
    """Yield the letters of a print file."""
    pile, at = "", 0
    while at < len(lines):
        if _COVER.match(lines[at]) and at + 1 < len(lines):
            pile = lines[at + 1]
        if not (heading := LETTER.match(lines[at])):
            at += 1
            continue
        end = at + 1
        while end < len(lines) and not LETTER.match(lines[end]) and not _COVER.match(lines[end]):
            end += 1
        yield (heading[1], heading[2]), pile, lines[at:end]
        at = end
