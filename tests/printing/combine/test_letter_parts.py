"""Pictures, links and IDs of letters are stored once in the combined file."""

from __future__ import annotations

import pytest
from docx.shared import Cm
from support.combined_letters import (
    RELATIONS,
    combine_all,
    docx_bytes,
    edit_docx,
    headers,
    open_docx,
    parts,
    picture,
    replace_in_part,
    warning_codes,
)
from support.documents import BODY, OFFICE, PACKAGE, docx, paragraph, run, text_box, zipped
from support.docx_defects import defects
from support.filled_letters import W, members, root, texts

A, B = docx("Dear Ana"), docx("Dear Bo")


def pictured(shade: int = 120, *, where: str = "text") -> bytes:
    document = open_docx(A)
    holder = document.sections[0].header if where == "header" else document
    holder.paragraphs[0].add_run().add_picture(picture(shade), width=Cm(2))
    return docx_bytes(document)


def linked(target: str, mode: str = ' TargetMode="External"', kind: str = "hyperlink") -> bytes:
    """Return a letter with an external link."""
    use = (
        f'<w:p><w:hyperlink r:id="out">{run("here")}</w:hyperlink></w:p>'
        if kind == "hyperlink"
        else f'{paragraph("Dear Ana")}<w:p><w:r><w:pict><v:shape><v:imagedata r:id="out"/>'
        "</v:shape></w:pict></w:r></w:p>"
    )
    relation = f'<Relationship Id="out" Type="{OFFICE}/{kind}" Target="{target}"{mode}/>'
    return replace_in_part(docx(use), RELATIONS, "</Relationships>", f"{relation}</Relationships>")


def test_a_picture_of_many_letters_is_stored_once() -> None:
    data = combine_all(pictured(), B, pictured(), pictured(where="header")).data
    assert parts(data, "word/media/") == ["word/media/image1.png"]
    assert len(list(root(data).iter("{*}blip"))) == 2
    assert not defects(data)


def test_a_picture_with_other_compression_is_stored_once() -> None:
    repacked = zipped(members(pictured()))
    plain = edit_docx(repacked, lambda d: d.add_paragraph("again"))
    assert len(parts(combine_all(pictured(), repacked, plain).data, "word/media/")) == 1


def test_different_pictures_are_all_stored() -> None:
    data = combine_all(pictured(1), pictured(2)).data
    assert len(parts(data, "word/media/")) == 2
    shown = {e.get(f"{{{OFFICE}}}embed") for e in root(data).iter("{*}blip")}
    assert len(shown) == 2


def test_shapes_have_unique_numbers() -> None:
    data = combine_all(docx(text_box("one")), docx(text_box("two")), pictured(), pictured()).data
    numbers = [e.get("id") for e in root(data).iter("{*}docPr")]
    assert len(numbers) == len(set(numbers)) == 4


def test_vml_shapes_and_references_to_them_have_unique_names() -> None:
    shapes = (
        '<w:r><w:object><v:shapetype id="t75"/><v:shape id="one" type="#t75"/>'
        '<v:shape id="two" type="#_x0000_t202"/><o:OLEObject xmlns:o="urn:schemas-microsoft-com:'
        'office:office" ShapeID="one"/></w:object></w:r><w:r><w:control w:shapeid="two"/></w:r>'
    )
    data = combine_all(
        docx(paragraph(shapes)), docx(paragraph(shapes)), docx(paragraph(shapes))
    ).data
    kinds, drawn = ([*root(data).iter(f"{{*}}{name}")] for name in ("shapetype", "shape"))
    assert len({e.get("id") for e in (*kinds, *drawn)}) == 9
    assert [e.get("type") for e in drawn[::2]] == [f"#{e.get('id')}" for e in kinds]
    assert {e.get("type") for e in drawn[1::2]} == {"#_x0000_t202"}
    objects = [e.get("ShapeID") for e in root(data).iter("{*}OLEObject")]
    assert objects == [e.get("id") for e in drawn[::2]]
    controls = [e.get(f"{W}shapeid") for e in root(data).iter(f"{W}control")]
    assert controls == [e.get("id") for e in drawn[1::2]]


def test_part_names_differ_in_more_than_case() -> None:
    capital = {n.replace("image1", "Image1"): d for n, d in members(pictured(2)).items()}
    links = {n: d.replace(b"image1", b"Image1") for n, d in capital.items() if n.endswith(".rels")}
    data = combine_all(pictured(1), zipped({**capital, **links})).data
    assert sorted(parts(data, "word/media/")) == ["word/media/Image2.png", "word/media/image1.png"]


def test_links_in_letters_keep_their_targets() -> None:
    data = combine_all(
        linked("https://one.example/?a=1&amp;b=2"), linked("mailto:two@example.org")
    ).data
    targets = {
        str(e.get("Id")): e.get("Target") for e in root(data, "word/_rels/document.xml.rels")
    }
    used = [targets[str(e.get(f"{{{OFFICE}}}id"))] for e in root(data).iter(f"{W}hyperlink")]
    assert used == ["https://one.example/?a=1&b=2", "mailto:two@example.org"]


def test_links_in_headers_keep_their_targets() -> None:
    headed = docx(
        "Dear Ana", header=f'<w:p><w:hyperlink r:id="x">{run("here")}</w:hyperlink></w:p>'
    )
    relation = (
        f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="x" TargetMode="External"'
        f' Type="{OFFICE}/hyperlink" Target="https://one.example/"/></Relationships>'
    )
    letter = zipped({**members(headed), "word/_rels/header.xml.rels": relation})
    (link,) = root(combine_all(A, letter, letter).data, "word/_rels/header1.xml.rels")
    assert (link.get("Target"), link.get("TargetMode")) == ("https://one.example/", "External")


def test_an_external_picture_is_removed_and_reported() -> None:
    combined = combine_all(A, linked("https://pictures.example/x.png", kind="image"))
    assert warning_codes(combined) == ["b letter-linked-picture"]
    assert not any(b"pictures.example" in data for data in members(combined.data).values())
    assert texts(combined.data) == ["Dear Ana", "Dear Ana", ""]
    assert not list(root(combined.data).iter(f"{W}pict", "{*}imagedata"))


def test_an_external_picture_in_a_header_is_removed_and_reported() -> None:
    drawn = '<w:p><w:r><w:pict><v:shape><v:imagedata r:id="out"/></v:shape></w:pict></w:r></w:p>'
    relation = (
        f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="out" TargetMode='
        f'"External" Type="{OFFICE}/image" Target="https://pictures.example/x.png"/></Relationships>'
    )
    headed = docx("Dear Ana", header=drawn)
    letter = zipped({**members(headed), "word/_rels/header.xml.rels": relation})
    combined = combine_all(A, letter, letter)
    assert warning_codes(combined) == ["b letter-linked-picture", "c letter-linked-picture"]
    assert not any(b"pictures.example" in data for data in members(combined.data).values())


@pytest.mark.parametrize(
    ("kind", "use"),
    [
        ("aFChunk", '<w:altChunk r:id="out"/>'),
        ("subDocument", '<w:p><w:subDoc r:id="out"/></w:p>'),
    ],
)
def test_an_inserted_external_file_is_removed_and_reported(kind: str, use: str) -> None:
    relation = (
        f'<Relationship Id="out" Type="{OFFICE}/{kind}" Target="https://files.example/x.html"'
        ' TargetMode="External"/></Relationships>'
    )
    cell = f"<w:tbl><w:tr><w:tc>{use}</w:tc></w:tr></w:tbl>"
    letter = replace_in_part(
        docx(f"{use}{cell}{paragraph('Dear Ana')}"), RELATIONS, "</Relationships>", relation
    )
    combined = combine_all(A, letter)
    assert warning_codes(combined) == ["b letter-inserted-file"]
    assert not any(b"files.example" in data for data in members(combined.data).values())
    assert not list(root(combined.data).iter(f"{W}altChunk", f"{W}subDoc"))
    assert not defects(combined.data)
    assert "Dear Ana" in texts(combined.data)


def test_a_broken_reference_never_shows_another_letters_picture() -> None:
    broken = replace_in_part(pictured(), BODY, 'r:embed="', 'r:embed="x')
    uses = [
        e.get(f"{{{OFFICE}}}embed")
        for e in root(combine_all(pictured(), broken).data).iter("{*}blip")
    ]
    assert uses[0]
    assert uses[1] == ""


def test_bookmarks_and_links_to_them_are_removed() -> None:
    marked = paragraph('<w:bookmarkStart w:id="0" w:name="here"/><w:bookmarkEnd w:id="0"/>', "x")
    leading = f'<w:p><w:hyperlink w:anchor="here">{run("see there")}</w:hyperlink></w:p>'
    data = combine_all(docx(marked + leading), docx(marked + leading)).data
    names = [e.get(f"{W}name") for e in root(data).iter(f"{W}bookmarkStart")]
    assert names == ["letter_1", "letter_2"]
    assert b"anchor" not in members(data)[BODY]
    assert texts(data) == ["x", "see there"] * 2


def test_ids_of_revisions_and_content_controls_are_removed() -> None:
    control = (
        '<w:sdt><w:sdtPr><w:id w:val="5"/><w:placeholder><w:docPart w:val="x"/></w:placeholder>'
        '<w:dataBinding w:xpath="/a" w:storeItemID="{0}"/></w:sdtPr><w:sdtContent>'
        '<w:p w:rsidR="00AB12CD" w14:paraId="1A2B3C4D" w14:textId="77777777" xmlns:w14='
        '"http://schemas.microsoft.com/office/word/2010/wordml"><w:r><w:t>Dear Ana</w:t></w:r>'
        "</w:p></w:sdtContent></w:sdt>"
    )
    data = combine_all(docx(control), docx(control)).data
    assert texts(data) == ["Dear Ana", "", "Dear Ana"]
    for word in (b"rsid", b"dataBinding", b"docPart", b"<w:id ", b"paraId", b"textId"):
        assert word not in members(data)[BODY]


def test_a_prefix_with_another_namespace_keeps_it() -> None:
    other_namespace = replace_in_part(A, BODY, "urn:schemas-microsoft-com:vml", "urn:example:other")
    marked = replace_in_part(other_namespace, BODY, "<w:body>", "<w:body><v:mark/>")
    data = combine_all(docx(text_box("box")), marked).data
    assert root(data).find(".//{urn:example:other}mark") is not None
    assert root(data).find(".//{urn:schemas-microsoft-com:vml}rect") is not None


def test_a_header_keeps_its_picture() -> None:
    data = combine_all(A, pictured(where="header")).data
    assert "default" in headers(data, 1)
    assert "image" in members(data)["word/_rels/header1.xml.rels"].decode()
