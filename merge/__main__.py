"""Run the command `merge` as `python -m merge`."""

from merge.cli import run

run()
