"""Smoke test of a built package: `python packaging/smoke_test.py`.

It starts the programs of the package as a user does, and does the same from source. On Linux it
runs in a network namespace without any network, and strace reports whom the program tries to reach.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from contents import FOLDER, ROOT, WORK
from openpyxl import load_workbook

sys.path.append(str(ROOT / "tests"))
from support.page_program import Served

MOST_SECONDS, MOST_BYTES = 1.5, 110_000_000
"""Limits of the start, from icon to browser, and of the installed size.

The benchmark judges the start.
"""
_PATIENCE = 60.0
_SIGNERS = ("Zoë Nkemelu", "Olena Marchenko", "Tariq Al-Hakim", "Ingrid Sørli", "Ðặng Thị Mai")
_RECIPIENTS = ("Adaeze Nwosu", "Joon Park", "Лев Мороз", "ليلى حداد")
_LETTERS = len(_SIGNERS) * len(_RECIPIENTS)
_STRACE = ("strace", "-f", "-qq", "--seccomp-bpf", "-e", "trace=network", "-o")
_LOCAL = re.compile(r'inet_addr\("127\.0\.0\.1"\)|AF_UNIX|AF_NETLINK')


def package_folder() -> Path:
    """Return the folder of the installed package in SMOKE_FOLDER, or of the built one."""
    return Path(os.environ.get("SMOKE_FOLDER", FOLDER))


def programs() -> tuple[Path, Path]:
    """Return the programs of the package: that of the icon, and `merge`."""
    if sys.platform == "darwin":
        folder = WORK / "image" / "Appeal Merge.app" / "Contents" / "MacOS"
        return folder / "Appeal Merge", folder / "merge"
    end = ".exe" if sys.platform == "win32" else ""
    icon = "Appeal Merge" if sys.platform == "win32" else "appeal-merge"
    return package_folder() / f"{icon}{end}", package_folder() / f"merge{end}"


def package_bytes() -> int:
    """Return the size of the installed package."""
    folder = package_folder() if sys.platform != "darwin" else WORK / "image"
    return sum(p.lstat().st_size for p in folder.rglob("*") if not p.is_dir())


class Computer:
    """A user's computer: a home, a folder for temporary files, a browser."""

    def __init__(self, root: Path) -> None:
        self.home, self.temporary = root / "home", root / "temporary"
        self._opened, script = root / "opened", root / "browser.py"
        for folder in (self.home, self.temporary, root / "boxes"):
            folder.mkdir()
        script.write_text(
            f"import pathlib, sys\nopened = pathlib.Path({str(self._opened)!r})\n"
            "part = opened.with_suffix('.part')\npart.write_text(sys.argv[1])\n"
            "part.replace(opened)\n",
            encoding="utf-8",
        )
        homes = dict.fromkeys(("HOME", "USERPROFILE", "LOCALAPPDATA"), str(self.home))
        temporary = dict.fromkeys(("TMPDIR", "TMP", "TEMP"), str(self.temporary))
        unset = {"MERGE_HOME", "PYTHONPATH", "VIRTUAL_ENV", "XDG_STATE_HOME"}
        others = {key: value for key, value in os.environ.items() if key not in unset}
        browser = f'"{sys.executable}" "{script}" %s'
        # A packaged program always writes UTF-8; on Windows, Python from source does so if asked.
        variables = {"BROWSER": browser, "PYTHONUTF8": "1"}
        self.environment = {**others, **homes, **temporary, **variables}

    def start(self, *words: str | Path, **variables: str) -> subprocess.Popen[str]:
        """Start a program without standard input and output, as an icon does."""
        return subprocess.Popen(
            list(map(str, words)),
            env={**self.environment, **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def run(self, *words: str | Path) -> str:
        """Run a program to its end, and return its output; stop if it fails."""
        ran = self.end_of(*words)
        check(ran.returncode == 0, f"{words[1:]}: {ran.stdout}{ran.stderr}")
        return ran.stdout

    def end_of(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a program to its end."""
        return subprocess.run(
            list(map(str, words)),
            env=self.environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )

    def opened_link(self) -> str:
        """Wait for the browser, and return the link in the file that it opens."""
        wait_for(self._opened.exists, "the browser opens")
        file = Path(url2pathname(urlsplit(self._opened.read_text("utf-8")).path))
        self._opened.unlink()
        found = re.search('href="([^"]+)"', file.read_text(encoding="utf-8"))
        check(found is not None, "the file for the browser has a link")
        return found[1] if found else ""


def check(held: object, what: str) -> None:
    """Stop with a sentence if something does not hold."""
    if not held:
        raise SystemExit(f"FAILED  {what}")


def wait_for(condition: Callable[[], object], what: str) -> None:
    """Wait until a condition holds."""
    end = time.monotonic() + _PATIENCE
    while not condition():
        check(time.monotonic() < end, f"{what}: not within {_PATIENCE:.0f} s")
        time.sleep(0.005)


def start_seconds(computer: Computer, rounds: int = 5) -> float:
    """Return the seconds from the icon to the browser, of the fastest start."""
    seconds = []
    for number in range(rounds + 1):
        started = time.perf_counter()
        process = computer.start(programs()[0])
        link = computer.opened_link()
        if number:
            seconds.append(time.perf_counter() - started)
        quit_program(Served(process, link))
    return min(seconds)


def quit_program(page: Served) -> None:
    """Select Quit on the page, and wait for the end of the program."""
    select_quit(page)
    check(page.ends(_PATIENCE) == 0, "the program ends with 0")


def select_quit(page: Served) -> None:
    """Select Quit on the page, and wait until it is no longer served."""
    if not page.prefix:
        page.enter()
    page.inside("/stop", "POST", b"sure=yes", **_FORM)
    wait_for(lambda: not page.answers(), "the program ends")


_FORM = {"Content_Type": "application/x-www-form-urlencoded"}


def new_campaign(computer: Computer, name: str) -> Path:
    """Create a campaign of 20 letters."""
    folder = computer.home / name
    computer.run(sys.executable, "-m", "merge", "new", folder)
    book = load_workbook(folder / "signers.xlsx")
    for title, people in (("Signers", _SIGNERS), ("Recipients", _RECIPIENTS)):
        headings, example, *_ = book[title].values
        book[title].delete_rows(2, book[title].max_row)
        for number, person in enumerate(people, 1):
            cells = dict(zip(headings, example, strict=True))
            book[title].append([*(cells | {"ID": f"{title[0]}{number}", "Name": person}).values()])
    book.save(folder / "signers.xlsx")
    return folder


def letters(folder: Path) -> dict[str, bytes]:
    """Return the letters of a campaign, by their paths."""
    found = (folder / "letters").rglob("*.docx")
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def test_the_page(computer: Computer) -> str:
    """Use the page from the start to Quit, and return the network trace."""
    trace = computer.home.parent / "trace"
    tracer = (*_STRACE, trace) if shutil.which("strace") else ()
    page = Served(computer.start(*tracer, programs()[0]), computer.opened_link())
    check(page.enter() == "/", "the page shows the list of campaigns")
    check(page.inside("/")[0].status == 200, "the list of campaigns works")
    check("Apache License" in page.inside("/licences")[1], "Help shows the licences")
    check("print-missing" in page.inside("/manual/problems")[1], "Help shows the manual")
    ok("the icon opens the page; the one-time link works")

    second = computer.start(programs()[0])
    again = computer.opened_link()
    check(second.wait(_PATIENCE) == 0, "the second start ends with 0")
    check(Served(second, again).port == page.port, "the second start opens the same program")
    ok("a second click opens the page of the running program")

    here, there = new_campaign(computer, "packaged"), new_campaign(computer, "from source")
    shutil.copy(here / "signers.xlsx", there)
    link = computer.run(programs()[1], "page", "--no-browser", here).strip()
    campaign = page.enter(link).removesuffix("/data")
    make = f"{campaign}/letters/make"
    wait_for(lambda: 'name="sure"' in page.inside(make)[1], "the page has read the campaign")
    page.inside(make, "POST", b"sure=1", **_FORM)
    wait_for(lambda: len(letters(here)) == _LETTERS, "20 letters are created")
    computer.run(sys.executable, "-m", "merge", "letters", there)
    check(letters(here) == letters(there), "the letters have the same bytes as from source")
    ok("20 letters on the page, with the same bytes as from source")
    quit_program(page)
    ok("Quit ends the program")
    return trace.read_text("utf-8") if tracer else ""


def test_pdf(computer: Computer) -> None:
    """Create print files with the packaged program, and PDFs if possible."""
    if not shutil.which("soffice"):
        skipped("PDF: LibreOffice is not here")
        return
    folder = new_campaign(computer, "to print")
    computer.run(programs()[1], "letters", folder)
    computer.run(programs()[1], "print", "--pdf", folder)
    check(list((folder / "print").rglob("*.pdf")), "PDFs are created")
    ok("print files and PDFs")


def test_every_command(computer: Computer) -> None:
    """Run package and source side by side, and compare their results."""
    here, there = new_campaign(computer, "here"), computer.home / "there"
    shutil.copytree(here, there)
    exports = ROOT / "tests" / "data" / "exports"
    by_suffix = {path.suffix: path for path in sorted(exports.glob("*/*.*"))}
    forms = [by_suffix[end] for end in (".csv", ".xlsx", ".ods", ".zip", ".txt")]
    forms += sorted(exports.glob("*/*cp125*.csv"))
    commands: list[tuple[str | Path, ...]] = [
        *(("import", "--dry-run", path) for path in forms),
        *(("check",), ("placeholders",), ("letters",), ("proofread",), ("status", "--json")),
        ("print", "--envelopes", "DL", "--labels", "L7160", "--parcels"),
        *(("mark", "printed", "--for", _SIGNERS[0]), ("report", "--names"), ("doctor",)),
        *(("delete-person", _SIGNERS[1], "--yes"), ("close", "--yes"), ("close", "--undo")),
    ]
    source = (sys.executable, "-m", "merge")
    for command in commands:
        name = " ".join(Path(word).name for word in command)
        packaged = computer.end_of(programs()[1], *command, here)
        expected = computer.end_of(*source, *command, there)
        check(packaged.returncode == expected.returncode, f"{name}: {packaged}, {expected}")
        if "doctor" not in command:
            differ = f"{name}: {packaged.stdout}, {expected.stdout}"
            check(_plain(packaged, here) == _plain(expected, there), differ)
    ok(f"{len(commands)} commands, with the same results as from source")


def _plain(ran: subprocess.CompletedProcess[str], folder: Path) -> str:
    """Return the output without what differs: folder, program, time."""
    text = (ran.stdout + ran.stderr).replace(str(folder), "FOLDER")
    text = re.sub(f'"?{re.escape(str(programs()[1]))}"?', "merge", text)
    return re.sub(r"\d\d\.\d\d\.\d\d", "TIME", text)


def test_boxes(computer: Computer) -> None:
    """Start without a browser, a private folder, or a part of the program."""
    if sys.platform == "darwin":
        skipped("message boxes: they wait for a person")
        return
    boxes = computer.home.parent / "boxes"
    shown, box = boxes / "shown", boxes / "zenity"
    whole = f'/bin/cat >"{shown}.part" && /bin/mv "{shown}.part" "{shown}"'
    box.write_text(f"#!/bin/sh\n{whole}\n", encoding="utf-8")
    box.chmod(0o755)
    del computer.environment["BROWSER"]
    variables = {"MERGE_OPENER": "no such program"}
    if sys.platform == "linux":  # no other browser is there
        variables = {"PATH": str(boxes), "DISPLAY": ":0", "BROWSER": "/bin/false"}

    def text_in_box(**more: str) -> tuple[subprocess.Popen[str], str]:
        process = computer.start(programs()[0], **variables, **more)
        if sys.platform == "win32":
            return process, _close_windows_box()
        wait_for(shown.exists, "a box shows a text")
        text = shown.read_text("utf-8")
        shown.unlink()
        return process, text

    process, text = text_in_box()
    found = re.search(r"http://\S+", text)
    check(found, text)
    quit_program(Served(process, found[0] if found else ""))
    blocked = computer.home / "a file"
    blocked.write_bytes(b"")
    process, text = text_in_box(MERGE_HOME=str(blocked))
    check(process.wait(_PATIENCE) == 1 and str(blocked) in text, text)
    part = next(package_folder().rglob("etree*.pyd" if sys.platform == "win32" else "etree*.so"))
    away = part.rename(part.with_name("away"))
    process, text = text_in_box()
    away.rename(part)
    check(process.wait(_PATIENCE) == 3 and "virus scanner" in text, text)
    ok("no browser, no folder, a missing part: a box shows the remedy")


def _close_windows_box() -> str:
    """Wait for a message box of the program, close it, and return its text."""
    texts: list[str] = []
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415 - only here

        user = ctypes.windll.user32
        wait_for(lambda: user.FindWindowW("#32770", "Appeal Merge"), "a box shows a text")
        box, label = user.FindWindowW("#32770", "Appeal Merge"), 0
        while label := user.FindWindowExW(box, label, "Static", None):
            buffer = ctypes.create_unicode_buffer(4000)
            user.SendMessageW(label, 0x0D, len(buffer), buffer)  # WM_GETTEXT
            texts.append(buffer.value)
        user.PostMessageW(box, 0x10, 0, 0)  # WM_CLOSE
        wait_for(lambda: not user.FindWindowW("#32770", "Appeal Merge"), "the box closes")
    return "".join(texts)


def test_network(trace: str) -> None:
    """Check that the program has only talked to this computer."""
    if not trace:
        skipped("network: strace is not here")
        return
    talked = [line for line in trace.splitlines() if re.search(r"\b(connect|send\w+)\(", line)]
    outside = [line for line in talked if "sa_family" in line and not _LOCAL.search(line)]
    check(talked and not outside, f"the program talks to this computer only: {outside[:3]}")
    ok(f"no network: {len(talked)} calls, all on this computer")


def test_nothing_is_left(computer: Computer) -> None:
    """Check that no temporary file, no entry file and no process is left."""
    left = [p for p in computer.temporary.rglob("*") if not p.is_dir()]
    left += list(computer.home.rglob("open-*"))
    check(not left, f"nothing is left in temporary folders: {left}")
    running = [program.name for program in programs() if is_running(program)]
    check(not running, f"no process is left: {running}")
    ok("nothing is left: no temporary file, no process")


def is_running(program: Path) -> bool:
    """Return whether the system refuses to write to a program because it is running."""
    try:
        program.open("r+b").close()
    except OSError:
        return True
    return False


def ok(what: str) -> None:
    """Print a step that held."""
    print(f"ok      {what}", flush=True)


def skipped(what: str) -> None:
    """Print a step that is not possible on this computer."""
    print(f"skipped {what}", flush=True)


@contextmanager
def new_computer() -> Iterator[Computer]:
    """Give a computer that is removed at the end."""
    with tempfile.TemporaryDirectory(
        prefix="appeal-merge-smoke-", ignore_cleanup_errors=True
    ) as root:
        yield Computer(Path(root).resolve())


def _leave_network() -> None:
    """Run this script again without any network, if the system allows it."""
    command = ["unshare", "--net", "--map-root-user", "sh", "-c", "ip link set lo up"]
    if not shutil.which("unshare") or subprocess.run(command, check=False).returncode:
        skipped("a computer without a network: it cannot be made here")
        return
    ok("a computer without a network")
    os.environ["SMOKE_INSIDE"] = "1"
    command[-1] += '; exec "$0" "$@"'
    os.execvp(command[0], [*command, sys.executable, *sys.argv])  # noqa: S606


def main() -> None:
    """Run all steps, and print each."""
    if "SMOKE_INSIDE" not in os.environ:
        _leave_network()
    size = package_bytes()
    check(size <= MOST_BYTES, f"the package has {size / 1e6:.0f} MB")
    ok(f"size: {size / 1e6:.0f} MB of {MOST_BYTES / 1e6:.0f}")
    with new_computer() as computer:
        trace = test_the_page(computer)
        test_pdf(computer)
        test_every_command(computer)
        test_network(trace)
        seconds = start_seconds(computer)
        ok(f"start: the browser opens after {seconds:.2f} s; the benchmark judges it")
        test_boxes(computer)
        test_nothing_is_left(computer)


if __name__ == "__main__":
    main()
