"""What is known of a tag, and the marks that stand for it while docxtpl looks at the XML.

docxtpl's `patch_xml` is a row of regular expressions over the whole part. It sees every tag whole,
with a number for its body, and no other brace: neither quotes nor entities nor a `{` in ordinary
text can lead it astray. The marks are noncharacters of Unicode that XML allows (U+FDD0 and on).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from merge.model import Place
from merge.tags.scan import Shape

OPEN_BRACE, CLOSE_BRACE = "\ufdd0", "\ufdd1"
TAG_START, TAG_END = "\ufdd2", "\ufdd3"
BODY_START, BODY_END = "\ufdd4", "\ufdd5"
MARKS = OPEN_BRACE + CLOSE_BRACE + TAG_START + TAG_END + BODY_START + BODY_END

Setting = Literal["text", "plain", "address", "span", "fill"]
"""`text`: in a w:t, where line breaks become Word's own; `plain`: an attribute or a bare string;
`address`: where a link leads; `span`, `fill`: the width and the colour of a table cell."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag of the template, or a condition that closing-up needs (`made` is then true)."""

    shape: Shape
    scope: str
    body: str
    place: Place
    setting: Setting = "text"
    closes_up: bool = False
    """The tag stands in a line that goes where it is blank."""
    made: bool = False

    @property
    def keyword(self) -> str:
        """The first word of a block tag: `if`, `endfor`…; empty for the others."""
        return self.body.split(maxsplit=1)[0] if self.shape == "block" and self.body else ""

    @property
    def written(self) -> str:
        """The tag as a person would write it, for messages."""
        ends = {"value": ("{{", "}}"), "block": ("{%", "%}"), "comment": ("{#", "#}")}
        opening, closing = ends[self.shape]
        return f"{opening}{self.scope} {self.body} {closing}"
