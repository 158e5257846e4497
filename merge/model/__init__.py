"""The nouns of the program, frozen, and its few kinds of error.

Nothing here reads, writes or decides: every other module speaks in these words.
"""

from merge.model.letters import Content, Finished, Letter, State, Step
from merge.model.people import Column, Kind, Pair, People, Person
from merge.model.problems import (
    DataError,
    Level,
    MergeError,
    Place,
    Problem,
    StorageError,
    TemplateError,
    UsageError,
    around,
    column_letter,
    shortened,
)
from merge.model.values import BLANK, Plain, Value

__all__ = [
    "BLANK",
    "Column",
    "Content",
    "DataError",
    "Finished",
    "Kind",
    "Letter",
    "Level",
    "MergeError",
    "Pair",
    "People",
    "Person",
    "Place",
    "Plain",
    "Problem",
    "State",
    "Step",
    "StorageError",
    "TemplateError",
    "UsageError",
    "Value",
    "around",
    "column_letter",
    "shortened",
]
