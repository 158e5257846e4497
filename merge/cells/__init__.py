"""A cell's value and number format -> the text that Excel shows. Pure.

Excel en-US is the reference; month and day names are of the language that the format names.
What cannot be shown as Excel would is an UnsupportedFormat, never a guess.
"""

from merge.cells.builtin import BUILTIN_FORMATS
from merge.cells.names import long_date, month_names
from merge.cells.plain import Plain, is_date_format, plain
from merge.cells.show import Value, printed, shown, warning
from merge.cells.unsupported import UnsupportedFormat

__all__ = [
    "BUILTIN_FORMATS",
    "Plain",
    "UnsupportedFormat",
    "Value",
    "is_date_format",
    "long_date",
    "month_names",
    "plain",
    "printed",
    "shown",
    "warning",
]
