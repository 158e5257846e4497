r"""Word's own merge fields turned into tags that the rest of the program treats as typed ones.

story.py     where each field of a part begins, parts its code from its result, and ends
codes.py     a field's code as words, quoted texts, switches and the fields inside it
numbers.py   the picture of a switch \# as Babel writes it
dates.py     the picture of a switch \@ as Babel writes it
values.py    a MERGEFIELD with its switches as an expression
choices.py   an IF in its simple form as a condition and two texts
refused.py   what to do instead of the fields that a letter cannot use
pieces.py    the runs that take a field's place, each with its format
rewrite.py   putting them there, and taking the field away
plan.py      what becomes of each field, all faults at once
"""

from merge.ooxml.fields import Field, Story, code_of, code_texts, read_stories
from merge.tags.fields.plan import fields_to_tags

__all__ = [
    "Field",
    "Story",
    "code_of",
    "code_texts",
    "fields_to_tags",
    "read_stories",
]
