"""The version of the program, in one place: the package, `--version` and every letter's digest."""

__version__ = "0.2.0"
