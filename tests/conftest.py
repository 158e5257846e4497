"""How the tests run, however they are started.

Ctrl-C is heard as in a terminal, though a shell ignores it for what runs in the background: what
is ignored is so for every program that the tests start, what is handled is not. Hypothesis tries
few examples every day, and all with SLOW=1.
"""

import signal

import pytest
from hypothesis import settings

settings.register_profile("everyday", max_examples=10, deadline=None)
settings.register_profile("slow", max_examples=100, deadline=None)


def pytest_configure(config: pytest.Config) -> None:
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    settings.load_profile("everyday" if "not slow" in config.option.markexpr else "slow")
