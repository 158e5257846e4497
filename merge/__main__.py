"""`python -m merge` is the same program as `merge`."""

from merge.cli import run

run()
