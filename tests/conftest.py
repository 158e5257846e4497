"""Signals, random examples, temporary files and second attempts of all tests.

1. The programs that tests start react to Ctrl-C and to the end of a terminal. A shell ignores the
   first in the background, and nohup the second. Started programs inherit that a signal is ignored,
   but not that it is handled.
2. Without slow tests, Hypothesis tries few examples, and files are in memory if there is a folder
   for that. A disk needs a third of the time for files that no one needs later.
3. A slow test that fails runs once more, and the report lists it. Such tests stop, kill and race
   real programs, so a few of them depend on how busy the machine is.
"""

import gc
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from support.copied_folders import be_the_computer_of_the_tests
from support.everyday import SOAK
from support.office_programs import needs_libreoffice
from support.raised_messages import RaisedMessages, record
from support.systems import skip_on_this_system

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
    if is_everyday and os.name == "posix" and os.access(MEMORY, os.W_OK):
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


@pytest.hookimpl(tryfirst=True)  # before tests are selected by their marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        skip_on_this_system(item)
        if needs_libreoffice.mark in item.iter_markers("skipif"):
            item.add_marker(pytest.mark.libreoffice)
        if item.get_closest_marker("slow"):
            item.add_marker(pytest.mark.flaky(reruns=1))


def pytest_collection_finish() -> None:
    """Stop Python from searching thousands of tests for garbage."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True, scope="session")
def _private_folder_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the program's private folder apart from that of the tester."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MERGE_HOME", str(tmp_path_factory.mktemp("private")))
        be_the_computer_of_the_tests()
        yield
