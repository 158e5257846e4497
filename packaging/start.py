"""Entry of the two programs in a package: that of the icon, and `merge`."""

import sys
from pathlib import Path

from merge.cli import run
from merge.cli.icon_start import start_from_icon

if Path(sys.executable).stem == "merge":
    run()
else:
    sys.exit(start_from_icon(sys.argv[1:]))
