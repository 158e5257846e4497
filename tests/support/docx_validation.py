"""Validation of a letter: the standard's rules, and defects beyond them."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from openxml_audit import OpenXmlValidator

from support.filled_letters import W, members, root


def findings(folder: Path, data: bytes) -> Counter[str]:
    """Return the broken rules of the standard, without positions."""
    path = folder / "audited.docx"
    path.write_bytes(data)
    return Counter(
        re.sub(r"\[\d+\]|'\d+'", "", str(e)) for e in OpenXmlValidator().validate(path).errors
    )


def own_checks(data: bytes) -> list[str]:
    """Return defects that no tool finds: IDs, bookmarks, misplaced text."""
    defects = []
    for name in (n for n in members(data) if n.startswith("word/") and n.endswith(".xml")):
        part = root(data, name)
        texts = "".join(e.text or "" for e in part.iter(f"{W}t"))
        defects += re.findall(r"\{[{%#].*?[}%#]\}", texts)
        ids = [e.get("id") for e in part.iter() if str(e.tag).endswith("}docPr")]
        marks = [e.get(f"{W}name") for e in part.iter(f"{W}bookmarkStart")]
        starts = sorted(str(e.get(f"{W}id")) for e in part.iter(f"{W}bookmarkStart"))
        ends = sorted(str(e.get(f"{W}id")) for e in part.iter(f"{W}bookmarkEnd"))
        defects += ["docPr id twice"] * (len(set(ids)) < len(ids))
        defects += ["bookmark twice"] * (len(set(marks)) < len(marks))
        defects += ["bookmark half"] * (starts != ends)
        for cell in part.iter(f"{W}tc", f"{W}txbxContent", f"{W}hdr", f"{W}ftr", f"{W}footnote"):
            defects += ["no paragraph at the end"] * (len(cell) == 0 or cell[-1].tag != f"{W}p")
        leaves = {f"{W}t", f"{W}instrText", f"{W}delText"}
        bare = [e.tag for e in part.iter() if e.tag not in leaves and (e.text or "").strip()]
        tails = [e.tag for e in part.iter() if (e.tail or "").strip()]
        inside = [e.tag for e in part.iter(f"{W}t") if len(e)]
        defects += [f"bare text in or behind {tag!s}" for tag in (*bare, *tails, *inside)]
    return defects
