"""What must never happen, whatever staff do: asked after every command of the program."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from office.folder import LETTER, STAGES, Cell, Keys, Register, nfc, read_register, word
from office.program import Ended
from office.staff import Staff

_OURS = {"new", "rewritten", "unchanged"}
"""States that say: nobody changed this letter, and it says what the data say."""
_ASIDE = ("Old versions/", "No longer wanted/")
_COVER = re.compile(r"^campaign · \d+ of \d+$")
"""The first line of a cover: the title is the name of the folder."""


Block = tuple[Keys, str, tuple[str, ...]]
"""A letter in a batch: whose it says it is, the name on the cover before it, its lines."""


class BrokenPromiseError(AssertionError):
    """Something happened that must not; `promise` is which."""

    def __init__(self, promise: str, what: str) -> None:
        super().__init__(f"{promise}: {what}")
        self.promise = promise


@dataclass
class Before:
    """What lay there before a command, and what must be there after it."""

    tree: dict[str, bytes]
    cells: frozenset[Cell]
    register: Register
    batches: dict[str, bytes]
    kept: set[bytes] = field(default_factory=set)
    """Contents that must not be lost: what a person saved, what is on paper."""
    copies: list[list[str]] = field(default_factory=list)
    """Files that bear one id: all but one must be told."""
    beside: set[str] = field(default_factory=set)
    conflicts: set[str] = field(default_factory=set)
    less: set[Keys] = field(default_factory=set)
    """Letters that were on paper, and are not by the register."""


class Watch:
    """The promises, held against what is on the disk."""

    def __init__(self, staff: Staff, forgiven: Collection[str] = ()) -> None:
        self.staff, self.campaign = staff, staff.campaign
        self._forgiven = forgiven

    # -- before

    def before(self) -> Before:
        """Look at what is there."""
        tree = self.campaign.tree()
        register = self._register()
        there = Before(tree, self._cells(), register, self.campaign.batches())
        paper = {keys for keys in self._on_paper(register) if keys in self.staff.paths}
        contents = {word(data).content for data in tree.values()}
        there.kept = contents & self.staff.hand
        there.kept |= contents & set(self.staff.knowledge.paper.values())
        for keys in paper:
            data = tree.get(self.staff.paths[keys])
            if data is not None and word(data).keys == keys:
                there.kept.add(word(data).content)
        there.copies = self._copies(tree)
        letters = {
            path for keys, path in self.staff.paths.items() if keys in self.campaign.wanted()
        }
        beside = self.staff.beside.items()
        there.beside = {p for p, of in beside if p in tree and of in letters & set(tree)}
        there.conflicts = {name for name in self.staff.conflicts if self._says_more(name, register)}
        piled = self._piled(register)
        there.less = {
            keys
            for keys in self.staff.knowledge.paper
            if keys not in paper | piled and keys in self.campaign.wanted()
        }
        return there

    def _register(self) -> Register:
        path = self.campaign.register
        return read_register(path.read_bytes()) if path.exists() else Register()

    def _cells(self) -> frozenset[Cell]:
        found = sorted(self.campaign.folder.glob("*.xlsx"))
        books = [
            p for p in found if p.name != "signers.xlsx" and not p.name.startswith(("~$", "."))
        ]
        return frozenset[Cell]().union(*(read_register(p.read_bytes()).cells for p in books))

    def _says_more(self, name: str, register: Register) -> bool:
        """Whether another register knows of something on paper that this one does not."""
        path = self.campaign.folder / name
        other = read_register(path.read_bytes()) if path.exists() else Register()
        stages = {cell[:3] for cell in other.cells if cell[2] in STAGES}
        return bool(stages - {cell[:3] for cell in register.cells})

    def _on_paper(self, register: Register) -> set[Keys]:
        """The letters in whose own rows something stands."""
        return {self.staff.owners[id_] for id_ in register.marked if id_ in self.staff.owners}

    def _piled(self, register: Register) -> set[Keys]:
        """The letters that a date for a whole pile may cover."""
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

    # -- while somebody is at work during a run

    def meanwhile(self, there: Before, done: Iterator[str | None]) -> str | None:
        """Let staff do something during a run; what they overwrite is not the program's loss."""
        tree = self.campaign.tree()
        now = {word(data).content for data in tree.values()}
        self._nothing_lost(there.kept, now, "while it runs")
        cells = self._cells()
        did = next(done)
        later = self.campaign.tree()
        after = {word(data).content for data in later.values()}
        there.kept -= now - after
        there.kept |= (after - now) & self.staff.hand
        there.cells = there.cells - (cells - self._cells()) | (self._cells() - cells)
        touched = {p for p in tree.keys() | later.keys() if tree.get(p) != later.get(p)}
        for path in touched:
            there.tree.pop(path, None)
            if path in later:
                there.tree[path] = later[path]
        return did

    # -- after

    def colleague(self, there: Before, ended: Ended, words: list[str]) -> None:
        """What holds when a second run has ended, while the first is held."""
        self._no_fault(ended)
        self.asked_to_forget(there, words)
        if words[0] == "mark":
            self.staff.marked |= self._on_paper(self._register())
        tree = self.campaign.tree()
        now = {word(data).content for data in tree.values()}
        self._nothing_lost(there.kept, now, "after a colleague's run")
        self._remember_batches(there, words)
        there.batches = self.campaign.batches()
        if words[0] == "letters" and ended.code == 0 and "--dry-run" not in words:
            self._learn(self._steps(ended))

    def killed(self, there: Before, words: list[str]) -> None:
        """What holds when a run was killed."""
        self.asked_to_forget(there, words)
        tree = self.campaign.tree()
        now = {word(data).content for data in tree.values()}
        self._nothing_lost(there.kept, now, "after a kill")
        self._register_holds(there, None)
        self._remember_batches(there, words)

    def ended(
        self, there: Before, ended: Ended, words: list[str], *, disturbed: bool = False
    ) -> None:
        """What holds when a command has ended by itself; `disturbed` while somebody was at work."""
        self._no_fault(ended)
        self.asked_to_forget(there, words)
        tree = self.campaign.tree()
        seen = {p: data for p, data in tree.items() if _seen(p)}
        contents = {word(data).content for data in seen.values()}
        hidden = {word(data).content for data in tree.values()}
        writes = words[0] == "letters" and ended.code == 0 and "--dry-run" not in words
        self._nothing_lost(there.kept, contents if writes else hidden, "after a run")
        asked = {"--replace", "--trust-register", "delete-person"} & set(words)
        if not asked:
            self._nothing_touched(there, tree)
        self._register_holds(there, ended)
        if ended.told and not disturbed:
            self._told(there, ended, words)
        if words[0] == "letters" and ended.code == 0:
            self._letters(ended, words, disturbed=disturbed)
        if words[0] == "mark":
            self.staff.marked |= self._on_paper(self._register())
        if words[0] == "print":
            self._printed(there, ended, words, disturbed=disturbed)

    def _broken(self, promise: str, what: str) -> None:
        """Raise BrokenPromiseError, unless this one is forgiven."""
        if promise not in self._forgiven:
            raise BrokenPromiseError(promise, what)

    def _no_fault(self, ended: Ended) -> None:
        if ended.code not in {0, 1} or "Traceback" in ended.err:
            self._broken("fault", f"exit {ended.code}: {ended.err[-3000:]}")

    def _nothing_lost(self, kept: set[bytes], now: set[bytes], when: str) -> None:
        if kept - now:
            self._broken("lost", f"{len(kept - now)} contents are gone {when}")

    def _nothing_touched(self, there: Before, tree: dict[str, bytes]) -> None:
        for path, data in there.tree.items():
            if not _seen(path) or path.startswith(_ASIDE) or tree.get(path) == data:
                continue
            if word(data).content in there.kept:
                what = "gone" if path not in tree else "changed"
                kind = "edit" if word(data).content in self.staff.hand else "letter on paper"
                self._broken("touched", f"the {kind} at {path} is {what}")

    def asked_to_forget(self, there: Before, words: list[str]) -> None:
        """What `forget` and `mark --undo` take out is what they are told to."""
        if words[0] == "delete-person":
            keys = {p.key for p in self.campaign.people() if words[1] in {p.id, p.name}}
            held = map(word, there.tree.values())
            there.kept -= {w.content for w in held if w.keys and keys & set(w.keys)}
            there.cells, there.register = frozenset(), Register()
            for known in (self.staff.knowledge.paper, self.staff.knowledge.printed):
                for whose in [w for w in known if keys & set(w)]:
                    del known[whose]
        if "--undo" in words:
            there.cells, there.register = frozenset(), Register()
            now = self._register()
            paper, known = self._on_paper(now) | self._piled(now), self.staff.knowledge.paper
            freed = {known.pop(keys) for keys in set(known) - paper}
            there.kept = there.kept & self.staff.hand | (there.kept - freed) & set(known.values())

    def _register_holds(self, there: Before, ended: Ended | None) -> None:
        for _, id_, _, value in self._register().cells:
            if id_ != "?" and self.staff.notes.get(value, id_) != id_:
                self._broken("note-of-another", f"{value} stands in the row of {id_}")
        gone = {cell for cell in there.cells - self._cells() if cell[1] != "?"}
        if gone:
            self._broken("register-lost", f"{sorted(gone)[:5]}")
        less = {c for c in there.register.cells - self._register().cells if c[1] != "?"}
        if less and ended and not re.search(r"register[^\"]*\.xlsx", ended.words):
            self._broken("register-untold", f"{sorted(less)[:5]}")

    def _told(self, there: Before, ended: Ended, words: list[str]) -> None:
        """Whatever is odd is told by its path."""
        if words[0] not in {"letters", "print", "status"} or not _judged(ended):
            return
        text = nfc(_told_text(ended))
        run = " ".join(words)
        for paths in there.copies:
            silent = [path for path in paths if nfc(path) not in text]
            if len(silent) > 1:
                self._broken(f"untold-copy-{words[0]}", f"{run}: {silent}")
        silent = [path for path in there.beside if nfc(path) not in text]
        if silent:
            self._broken(f"untold-beside-{words[0]}", f"{run}: {silent}")
        silent = [name for name in there.conflicts if nfc(name) not in text]
        if silent:
            self._broken(f"untold-register-{words[0]}", f"{run}: {silent}")
        lost = [self.staff.paths[keys] for keys in there.less if keys in self.staff.paths]
        silent = [path for path in lost if nfc(path) not in text]
        if silent:
            self._broken(f"untold-less-{words[0]}", f"{run}: {silent}")

    # -- letters

    def _steps(self, ended: Ended) -> dict[Keys, dict[str, str]]:
        names = self.staff.names
        return {(names[s["signer"]], names[s["recipient"]]): s for s in ended.steps}

    def _letters(self, ended: Ended, words: list[str], *, disturbed: bool) -> None:
        """Every wanted letter is there; what is called ours is ours, and says what the data say."""
        steps, wanted = self._steps(ended), set(self.campaign.wanted())
        if not {"--for", "--replace"} & set(words) and set(steps) != wanted:
            self._broken("pairs", f"{set(steps) ^ wanted} told or not wanted")
        if "--dry-run" in words:
            return
        if not disturbed:
            for keys, step in steps.items():
                self._letter(keys, step, step["path"].removeprefix("letters/"))
            self._in_place(steps, nfc(_told_text(ended, problems_only=True)))
        if "--trust-register" in words:
            seen = self._register()
            paper, known = self._on_paper(seen) | self._piled(seen), self.staff.knowledge.paper
            self.staff.knowledge.paper = {k: c for k, c in known.items() if k in paper}
        self._learn(steps)

    def _in_place(self, steps: dict[Keys, dict[str, str]], text: str) -> None:
        """What lies in the place of a letter on paper is that letter, or is told."""
        for keys, step in steps.items():
            path = step["path"].removeprefix("letters/")
            if step["state"] != "on-paper" or step["reason"] != "printed" or nfc(path) in text:
                continue
            file = self._spelled(path)
            if file is None or word(file).keys not in {None, keys}:
                self._broken("untold-foreign", f"{path} is on paper; another's letter is there")

    def _letter(self, keys: Keys, step: dict[str, str], path: str) -> None:
        if step["state"] == "on-paper" and keys not in self.staff.marked:
            self._broken("counted-for-another", f"{path}: nobody put it on paper")
        if step["state"] not in _OURS:
            return
        file = self._spelled(path)
        if file is None:
            self._broken("not-there", f"{path} is {step['state']}")
            return
        said = word(file)
        if said.content in self.staff.hand:
            self._broken("untold-edit", f"{path} is {step['state']}, and was edited")
            return
        expected = self.campaign.text(*self.campaign.wanted()[keys])
        if list(said.lines) != expected:
            self._broken("wrong-letter", f"{path} is {step['state']}: {said.lines}")

    def _spelled(self, path: str) -> bytes | None:
        tree = self.campaign.tree()
        return next((data for p, data in tree.items() if nfc(p) == nfc(path)), None)

    def _learn(self, steps: dict[Keys, dict[str, str]]) -> None:
        """What the program has seen on paper it knows from now on."""
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

    def _printed(self, there: Before, ended: Ended, words: list[str], *, disturbed: bool) -> None:
        blocks = self._remember_batches(there, words)
        if "--dry-run" in words or (not blocks and ended.code != 0):
            return
        printed = [keys for keys, _, _ in blocks]
        twice = {keys for keys in printed if printed.count(keys) > 1}
        if twice:
            self._broken("printed-twice", f"in one run: {twice}")
        for keys, pile, lines in blocks:
            self._block(there, (keys, pile, lines), words, disturbed=disturbed)
        text = nfc(_told_text(ended))
        if disturbed or {"--for", "--accept"} & set(words) or not (ended.told and _judged(ended)):
            return
        asked = " ".join(p["message"] for p in ended.problems if p["code"] == "name-changed")
        missing = [
            keys
            for keys in self._to_print(there, words) - set(printed)
            if not any(nfc(path) in text for path in self._places(there, keys))
            and not any(f"“{person.name}”" in asked for person in self.campaign.wanted()[keys])
        ]
        if missing:
            self._broken("not-printed", f"{missing}, and nothing is told")

    def _places(self, there: Before, keys: Keys) -> list[str]:
        """Where a letter may be said to be: where it was, where it is, by its people's names."""
        signer, recipient = self.campaign.wanted()[keys]
        found = [path for path, data in there.tree.items() if word(data).keys == keys]
        return [*found, self.staff.paths.get(keys, "?"), f"{signer.name}/{recipient.name}.docx"]

    def _to_print(self, there: Before, words: list[str]) -> set[Keys]:
        paper = self._on_paper(there.register) | self._piled(there.register)
        paper |= set(self.staff.knowledge.paper)
        should = set(self.campaign.wanted()) - paper
        if "--since-last" in words:
            should = {keys for keys in should if keys not in self.staff.knowledge.printed}
        return should

    def _block(self, there: Before, block: Block, words: list[str], *, disturbed: bool) -> None:
        """One letter in a batch."""
        keys, pile, lines = block
        wanted = self.campaign.wanted()
        if keys not in wanted:
            self._broken("printed-unwanted", f"{keys} in the pile of {pile}")
            return
        if pile and self.staff.names.get(pile) not in keys:
            self._broken("wrong-pile", f"{keys} in the pile of {pile}")
        if keys in self._on_paper(there.register) and "--unsigned" not in words:
            self._broken("printed-on-paper", f"{keys}")
        files = {p: word(d) for p, d in there.tree.items() if _seen(p) and word(d).keys == keys}
        files = {p: w for p, w in files.items() if not p.startswith(_ASIDE)}
        own = files.get(self.staff.paths.get(keys, ""))
        held = [own] if own and not disturbed else list(files.values())
        if disturbed:
            held += [w for w in map(word, self.campaign.tree().values()) if w.keys == keys]
        if lines not in [w.lines for w in held]:
            self._broken("wrong-words", f"{keys}: printed {lines}, in the file {held}")
            return
        said = next(w for w in held if w.lines == lines)
        current = self.campaign.text(*wanted[keys])
        by_hand = said.content in self.staff.hand or not self.staff.certain
        if not by_hand and list(lines) != current:
            self._broken("printed-outdated", f"{keys}: {lines}")

    def _remember_batches(self, there: Before, words: list[str]) -> list[Block]:
        """Read the new batches; what staff can see counts as printed."""
        blocks: list[Block] = []
        for path, data in self.campaign.batches().items():
            if path not in there.batches:
                blocks += _blocks(word(data).lines)
        printed = self.staff.knowledge.printed
        for keys, _, lines in blocks:
            contents = {
                word(d).content
                for p, d in there.tree.items()
                if word(d).keys == keys and word(d).lines == lines
            }
            if "--since-last" in words and contents and contents <= printed.get(keys, set()):
                self._broken("printed-again", f"{keys} with --since-last")
            printed[keys] = contents
        return blocks


def _seen(path: str) -> bool:
    """Staff see the file: neither hidden nor a program's draft."""
    return not any(part.startswith((".merge-", "~")) for part in path.split("/"))


def _judged(ended: Ended) -> bool:
    """The run came as far as looking at what lies there."""
    errors = [p["code"] for p in ended.problems if p["level"] == "error"]
    asked = any(p["code"] == "register-people" for p in ended.problems)
    return not asked and all(code.startswith(("print-", "letter-")) for code in errors)


def _told_text(ended: Ended, *, problems_only: bool = False) -> str:
    """What a run said of single files: its problems, the letters that it does not call ours."""
    if not ended.told:
        return ended.words
    told = [f"{p['where']} {p['message']} {p['hint']}" for p in ended.problems]
    if not problems_only:
        told += [f"{s['path']} {s['reason']}" for s in ended.steps if s["state"] not in _OURS]
        told += ended.told.get("to_look_at", [])
    return "\n".join(told)


def _blocks(lines: tuple[str, ...]) -> Iterator[Block]:
    """The letters of a batch: whose each says it is, the name on the cover before it, its lines."""
    pile, at = "", 0
    while at < len(lines):
        if _COVER.match(lines[at]) and at + 1 < len(lines):
            pile = lines[at + 1]
        if not (found := LETTER.match(lines[at])):
            at += 1
            continue
        end = at + 1
        while end < len(lines) and not LETTER.match(lines[end]) and not _COVER.match(lines[end]):
            end += 1
        yield (found[1], found[2]), pile, lines[at:end]
        at = end
