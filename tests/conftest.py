"""How the tests run, however they are started.

Ctrl-C and the end of a terminal are heard by the programs that the tests start, though a shell
ignores the one for what runs in the background and nohup the other: what is ignored is so for
every program that is started, what is handled is not. Every day, which
is without what is slow, Hypothesis tries few examples, and files lie in memory where there is a
folder for that: a disk takes a third of the time to keep what nobody needs tomorrow.

Coverage is measured in the quick tests, which reach the floor of pyproject.toml, and in those with
LibreOffice, which works in a process of its own: to measure doubles the time of what runs in this.
"""

import gc
import os
import signal
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import settings
from support.everyday import SOAK
from support.raised_messages import RaisedMessages, record

MEMORY = Path("/dev/shm")  # noqa: S108

settings.register_profile("everyday", max_examples=10, deadline=None)
settings.register_profile("slow", max_examples=100, deadline=None)
settings.register_profile("soak", max_examples=400 * max(SOAK, 1), deadline=None)


def pytest_configure(config: pytest.Config) -> None:
    record()
    config.pluginmanager.register(RaisedMessages())
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, lambda *_: None)
    is_everyday = "not slow" in config.option.markexpr
    settings.load_profile("everyday" if is_everyday else "soak" if SOAK else "slow")
    if is_everyday and os.access(MEMORY, os.W_OK):
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


def pytest_collection_finish() -> None:
    """Let Python not look for garbage among thousands of tests over and over."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Measure the coverage of quick tests and of those with LibreOffice.

    Python 3.11 may refuse to trace a thread, and a browser would wait for its answer for ever.
    """
    from coverage import Coverage

    marks = {mark.name for mark in item.iter_markers()}
    is_measured = not marks & {"slow", "page"} or "libreoffice" in marks
    measured = None if is_measured else Coverage.current()
    if measured:
        measured.stop()
    try:
        return (yield)
    finally:
        if measured:
            measured.start()
