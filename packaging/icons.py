"""The program's icon for each system, drawn as in merge/page/static/."""

from __future__ import annotations

import math
from pathlib import Path

from PIL import Image, ImageDraw

_GREEN, _WHITE = (15, 92, 87, 255), (255, 255, 255, 255)
_UNITS, _SIZE = 32, 1024
"""Side of the drawing in its own units, and in pixels."""
_WINDOWS_SIZES = (16, 24, 32, 48, 64, 128, 256)


def draw_icon() -> Image.Image:
    """Return the icon: a sheet of paper with two lines and a signature."""
    image = Image.new("RGBA", (_SIZE, _SIZE))
    draw = ImageDraw.Draw(image)
    scale = _SIZE / _UNITS
    draw.rounded_rectangle(
        [part * scale for part in (5, 3, 27, 29)], radius=2.5 * scale, fill=_GREEN
    )
    signature = [(10 + x / 20, 22 - 2.2 * math.sin(x / 20 * math.tau / 5.6)) for x in range(241)]
    for stroke in ([(10, 10), (22, 10)], [(10, 15), (22, 15)], signature):
        points = [(x * scale, y * scale) for x, y in stroke]
        draw.line(points, fill=_WHITE, width=round(2 * scale), joint="curve")
        for x, y in (points[0], points[-1]):
            draw.circle((x, y), scale, fill=_WHITE)
    return image


def write_icons(folder: Path) -> None:
    """Write the icon for Windows (.ico), Mac (.icns) and Linux (.png)."""
    folder.mkdir(parents=True, exist_ok=True)
    image = draw_icon()
    image.save(folder / "appeal-merge.ico", sizes=[(size, size) for size in _WINDOWS_SIZES])
    image.save(folder / "appeal-merge.icns")
    image.resize((256, 256), Image.Resampling.LANCZOS).save(folder / "appeal-merge.png")
