"""Ctrl-C is heard as in a terminal, though a shell ignores it for what runs in the background.

What is ignored is so for every program that the tests start; what is handled is not.
"""

import signal


def pytest_configure() -> None:
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
