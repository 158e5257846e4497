"""What a letter must not carry is taken out of its template, once, and told.

relations    which parts a letter keeps: those that a known kind of relationship leads to
elements     what is taken out of the parts that stay
fields       fields that do more than show something, left as the text they show
properties   the document properties: title, the letter's id and date, nothing else
cleaning     all of it: clean(package, parts)
"""

from merge.hygiene.cleaning import Cleaned, clean
from merge.hygiene.properties import PROPERTY_PARTS, Stamp, StampedPart, stamp_of

__all__ = ["PROPERTY_PARTS", "Cleaned", "Stamp", "StampedPart", "clean", "stamp_of"]
