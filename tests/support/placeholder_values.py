"""Values of every kind for placeholders."""

from __future__ import annotations

import datetime as dt

from merge.template.filters import TemplateValue
from merge.values import WorkbookValue

DAY = dt.date(2026, 3, 4)
VALUES: dict[str, TemplateValue] = {
    "t": "o'neill & sons",
    "z": WorkbookValue(""),
    "n": WorkbookValue("1,234.50", 1234.5),
    "d": WorkbookValue("04/03/26", DAY),
    "moment": dt.datetime(2026, 3, 4, 15, 30),  # noqa: DTZ001 - Excel knows no time zones
    "l": ["x", "y"],
    "address": " Street 1 \n\n Flat 2 ",
    "no": WorkbookValue("FALSE", native=False),
    "language": "en",
}
