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
    for height in (10, 15):
        line = [(10 * scale, height * scale), (22 * scale, height * scale)]
        draw.line(line, _WHITE, round(2 * scale))
    signature = [(10 + x / 50, 22.5 - 1.8 * math.sin(x / 50 * math.tau / 5.6)) for x in range(601)]
    for x, y in (*signature, (10, 10), (22, 10), (10, 15), (22, 15)):
        draw.circle((x * scale, y * scale), scale, fill=_WHITE)
    return image


def write_icons(folder: Path) -> None:
    """Write the icon for Windows (.ico), Mac (.icns) and Linux (.png)."""
    folder.mkdir(parents=True, exist_ok=True)
    image = draw_icon()
    image.save(folder / "appeal-merge.ico", sizes=[(size, size) for size in _WINDOWS_SIZES])
    image.save(folder / "appeal-merge.icns")
    image.resize((256, 256), Image.Resampling.LANCZOS).save(folder / "appeal-merge.png")
