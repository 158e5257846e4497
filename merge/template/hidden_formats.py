"""Determine which runs and rows of a template are hidden.

Their own format decides, otherwise their styles: ECMA-376 part 1, 17.3.2.41 (vanish) and 17.7.3
(toggle properties).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

from merge.ooxml.wordml import VAL, Element, W, child_value, is_on

TRUE_VALUES = {"1", "true", "on"}
"""Attribute values that mean yes (17.17.4)."""


class HiddenFormats:
    """The styles of a template that hide their text."""

    def __init__(self, styles: Element | None) -> None:
        style_elements = () if styles is None else styles.findall(W + "style")
        self._styles = {str(style.get(W + "styleId")): style for style in style_elements}
        defaults = None if styles is None else styles.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr")
        self._default_hides = is_on(defaults, "vanish")
        self._default_style = next(
            (
                name
                for name, style in self._styles.items()
                if style.get(W + "type") == "paragraph" and style.get(W + "default") in TRUE_VALUES
            ),
            "",
        )
        self._cache: dict[str, bool] = {}

    @cached_property
    def has_hiding_styles(self) -> bool:
        """Whether the template has a style that hides text."""
        return (
            self._default_hides
            or any(map(self._style_hides, self._styles))
            or bool(self._hiding_table_styles)
        )

    def hides(self, run: Element) -> bool:
        """Return whether a run's text is hidden."""
        format_ = run.find(W + "rPr")
        vanish = None if format_ is None else format_.find(W + "vanish")
        if vanish is not None:
            return is_on(format_, "vanish")
        if not self.has_hiding_styles:
            return False
        paragraph = next(run.iterancestors(W + "p"), None)
        style_name = None if paragraph is None else child_value(paragraph.find(W + "pPr"), "pStyle")
        styles = (child_value(format_, "rStyle"), style_name or self._default_style)
        hiding_styles = [self._style_hides(style) for style in styles if style]
        hiding_styles.append(self._table_hides(next(run.iterancestors(W + "tc"), None)))
        return self._default_hides or sum(hiding_styles) % 2 == 1

    def hides_row(self, row: Element) -> bool:
        """Return whether a row of a table is hidden.

        Its own properties decide, otherwise its table's style.
        """
        properties = row.find(W + "trPr")
        if properties is not None and properties.find(W + "hidden") is not None:
            return is_on(properties, "hidden")
        table = next(row.iterancestors(W + "tbl"), None)
        if table is None or not self._hiding_table_styles:
            return False
        kinds = [kind for kind in _regions(table, row, None) if kind not in _COLUMN_REGIONS]
        return self._table_style_hides(_table_style(table), kinds, "trPr", "hidden")

    @cached_property
    def _hiding_table_styles(self) -> set[str]:
        """The table styles that may hide rows and cells of their tables."""
        names = (W + "vanish", W + "hidden")
        hiding = {n for n, e in self._styles.items() if next(e.iter(*names), None) is not None}
        return {name for name in self._styles if hiding & {*self._style_chain(name)}}

    def _table_hides(self, cell: Element | None) -> bool:
        row = None if cell is None else next(cell.iterancestors(W + "tr"), None)
        table = None if row is None else next(row.iterancestors(W + "tbl"), None)
        if row is None or table is None or _table_style(table) not in self._hiding_table_styles:
            return False
        return self._table_style_hides(
            _table_style(table), _regions(table, row, cell), "rPr", "vanish"
        )

    def _table_style_hides(
        self, name: str, kinds: Sequence[str], holder: str, property_name: str
    ) -> bool:
        """Return whether a table's style hides a cell or row.

        The last region with such a property decides.
        """
        for kind in (*reversed(kinds), ""):
            for style_id in self._style_chain(name):
                style = self._styles[style_id]
                parts = [p for p in style.findall(W + "tblStylePr") if p.get(W + "type") == kind]
                for part in parts if kind else [style]:
                    properties = part.find(W + holder)
                    if properties is not None and properties.find(W + property_name) is not None:
                        return is_on(properties, property_name)
        return False

    def _style_chain(self, name: str) -> Iterator[str]:
        """Yield a style, then the style that it is based on, and so on."""
        styles_seen = set[str]()
        while name in self._styles and name not in styles_seen:
            styles_seen.add(name)
            yield name
            name = child_value(self._styles[name], "basedOn") or ""

    def _style_hides(self, name: str) -> bool:
        """Return whether a style, or a style that it is based on, hides text."""
        if name not in self._cache:
            formats = (
                self._styles[style_id].find(W + "rPr") for style_id in self._style_chain(name)
            )
            formats_with_property = (
                f for f in formats if f is not None and f.find(W + "vanish") is not None
            )
            self._cache[name] = is_on(next(formats_with_property, None), "vanish")
        return self._cache[name]


# The regions of a table that its style formats separately (ECMA-376 part 1, 17.7.6.5, 17.4.55).

_COLUMN_REGIONS = {
    *("band1Vert", "band2Vert", "firstCol", "lastCol"),
    *("nwCell", "neCell", "swCell", "seCell"),
}
_LOOK_FLAGS = {"firstRow": 0x20, "lastRow": 0x40, "firstColumn": 0x80, "lastColumn": 0x100}
_LOOK_FLAGS |= {"noHBand": 0x200, "noVBand": 0x400}


def _table_style(table: Element) -> str:
    return child_value(table.find(W + "tblPr"), "tblStyle") or ""


def _regions(table: Element, row: Element, cell: Element | None) -> list[str]:
    """Return the regions that a row or a cell is in, the weakest first."""
    look = _table_look(table)
    rows = [e for e in table.iter(W + "tr") if next(e.iterancestors(W + "tbl"), None) is table]
    cells = [e for e in row.iter(W + "tc") if next(e.iterancestors(W + "tr"), None) is row]
    column = cells.index(cell) if cell in cells else -1
    first_row, last_row = look["firstRow"] and row is rows[0], look["lastRow"] and row is rows[-1]
    first = look["firstColumn"] and column == 0
    last = look["lastColumn"] and column == len(cells) - 1 and bool(cells)
    band = (rows.index(row) - look["firstRow"]) % 2 + 1
    stripe = (column - look["firstColumn"]) % 2 + 1
    kinds = {
        "wholeTable": True,
        f"band{stripe}Vert": not look["noVBand"] and not first and not last,
        f"band{band}Horz": not look["noHBand"] and not first_row and not last_row,
        "firstCol": first,
        "lastCol": last,
        "firstRow": first_row,
        "lastRow": last_row,
        "nwCell": first_row and first,
        "neCell": first_row and last,
        "swCell": last_row and first,
        "seCell": last_row and last,
    }
    return [kind for kind, is_in in kinds.items() if is_in]


def _table_look(table: Element) -> dict[str, bool]:
    """Return for each region of a table whether it is formatted separately."""
    properties = table.find(W + "tblPr")
    look = None if properties is None else properties.find(W + "tblLook")
    if look is None:
        return dict.fromkeys(_LOOK_FLAGS, False)
    try:
        bits = int(look.get(VAL, "0"), 16)
    except ValueError:
        bits = 0
    return {
        n: look.get(W + n) in TRUE_VALUES if look.get(W + n) else bool(bits & b)
        for n, b in _LOOK_FLAGS.items()
    }
