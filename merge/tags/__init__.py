"""A part's XML -> its tags, or what is wrong and where; and the part made ready for docxtpl.

scan.py      text -> tags and faults
text.py      a paragraph's characters, and putting them back
lines.py     which separators, breaks and lines go with blank tags
blocks.py    whether ifs and loops open and close where XML stays whole
closing.py   paragraphs that go, and those that must not
cells.py     docxtpl's own tags for table cells
fields/      Word's own merge fields, turned into tags
columns.py   the names of columns, as far as reading a template needs them
foreign.py   what looks like a tag of another program
part.py      the tags of one part, each replaced by a mark
prepared.py  one part through all of these, ready for docxtpl
plain.py     tags in attributes, addresses and document properties
record.py    what is known of a tag, and the marks that stand for it
notes.py     the tags of a part by number, and its problems
tracked.py   tracked changes, which are a fault
bodies.py    docxtpl's result with the tags' own words back in it
"""

from merge.ooxml.wordml import Element, parse_xml, serialized
from merge.tags.blocks import KEYWORDS
from merge.tags.bodies import braces_back, with_bodies
from merge.tags.columns import Columns
from merge.tags.prepared import PreparedPart, prepare, spoken_part
from merge.tags.record import Tag

__all__ = [
    "KEYWORDS",
    "Columns",
    "Element",
    "PreparedPart",
    "Tag",
    "braces_back",
    "parse_xml",
    "prepare",
    "serialized",
    "spoken_part",
    "with_bodies",
]
