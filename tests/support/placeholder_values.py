"""Values of every kind for placeholders."""

from __future__ import annotations

import datetime as dt

from merge.template.filters import TemplateValue
from merge.values import Value

DAY = dt.date(2026, 3, 4)
VALUES: dict[str, TemplateValue] = {
    "t": "o'neill & sons",
    "z": Value(""),
    "n": Value("1,234.50", 1234.5),
    "d": Value("04/03/26", DAY),
    "moment": dt.datetime(2026, 3, 4, 15, 30),  # noqa: DTZ001 - Excel knows no time zones
    "l": ["x", "y"],
    "address": " Street 1 \n\n Flat 2 ",
    "no": Value("FALSE", native=False),
    "language": "en",
}
