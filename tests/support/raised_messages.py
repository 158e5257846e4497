"""Which messages of the catalogue the program raises while all tests run.

A run of all tests, in which none failed and none was left out, fails if a message was never raised.
"""

from __future__ import annotations

import os
import sys
from functools import wraps
from pathlib import Path
from typing import Any

import pytest

from merge import messages
from merge.messages import message

RAISED: set[str] = set()
"""Keys of the messages that this process and its workers have raised."""


def record() -> None:
    """Note the key of every message that a module of the program makes from now on."""
    made = message.fault

    @wraps(made)
    def fault(key: str, /, **values: Any) -> Any:  # noqa: ANN401 - as the function has it
        caller = sys._getframe(1)  # noqa: SLF001 - who raises it is in no argument
        if caller.f_globals["__name__"] == message.__name__ and caller.f_back:
            caller = caller.f_back
        if f"{caller.f_globals['__name__']}.".startswith("merge."):
            RAISED.add(key)
        return made(key, **values)

    message.fault = messages.fault = fault


class RaisedMessages:
    """Gathers the keys of all workers, and says which were never raised."""

    def pytest_testnodedown(self, node: Any) -> None:  # noqa: ANN401 - xdist's
        RAISED.update(getattr(node, "workeroutput", {}).get("raised", ()))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        output = getattr(session.config, "workeroutput", None)
        if output is not None:
            output["raised"] = sorted(RAISED)
            return
        never = never_raised()
        if os.environ.get("RAISED"):
            Path(os.environ["RAISED"]).write_text("\n".join(never) + "\n")
        option = session.config.option
        is_whole = not (option.markexpr or option.keyword) and session.testscollected != 0
        if is_whole and exitstatus == 0 and _is_everything(session.config) and never:
            sys.stdout.write(f"\nNo test lets the program raise: {', '.join(never)}\n")
            session.exitstatus = 1


def never_raised() -> list[str]:
    """Return the keys of the messages that nothing has raised yet."""
    return sorted(message.catalogue().keys() - RAISED)


def _is_everything(config: pytest.Config) -> bool:
    """Return whether no file or folder of tests was chosen."""
    return not any(Path(arg).exists() and Path(arg).name != "tests" for arg in config.args)
