"""Words -> campaign -> lines and an exit code. The only place that prints and exits."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    0 done, 1 problems, 2 wrong usage, 3 a fault of the program, 130 stopped by the user.
    """
    from merge.cli.commands import guarded  # noqa: PLC0415 - `import merge` stays cheap

    return guarded(sys.argv[1:] if argv is None else list(argv))


def run() -> None:
    """Run the command `merge` and exit."""
    sys.exit(main())
