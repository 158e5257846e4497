"""Messages of the catalogue that the program raises while all tests run.

A run of all tests lists those that were never raised. It misses messages of programs that a test
starts.
"""

from __future__ import annotations

import sys
from functools import wraps
from typing import Any

import pytest

from merge import messages
from merge.messages import message

RAISED: set[str] = set()
"""Keys of the messages that this process and its workers have raised."""


def record() -> None:
    """Record the key of every message that a module of the program creates."""
    create_fault = message.fault

    @wraps(create_fault)
    def fault(key: str, /, **values: Any) -> Any:  # noqa: ANN401 - as the function has it
        caller = sys._getframe(1)  # noqa: SLF001 - who raises it is in no argument
        if caller.f_globals["__name__"] == message.__name__ and caller.f_back:
            caller = caller.f_back
        if f"{caller.f_globals['__name__']}.".startswith("merge."):
            RAISED.add(key)
        return create_fault(key, **values)

    message.fault = messages.fault = fault


class RaisedMessages:
    """Collects the keys of all workers, and lists messages never raised.

    No run fails for them: some need a system or a moment that a machine may lack.
    """

    def pytest_testnodedown(self, node: Any) -> None:  # noqa: ANN401 - xdist's
        RAISED.update(getattr(node, "workeroutput", {}).get("raised", ()))

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        output = getattr(session.config, "workeroutput", None)
        if output is not None:
            output["raised"] = sorted(RAISED)

    def pytest_terminal_summary(self, terminalreporter: Any, config: pytest.Config) -> None:  # noqa: ANN401 - pytest's
        chosen = config.args_source is config.ArgsSource.ARGS
        if not (chosen or config.option.markexpr or config.option.keyword):
            never = sorted(message.catalogue().keys() - RAISED)
            terminalreporter.write_line(f"Messages that no test raised: {', '.join(never)}")
