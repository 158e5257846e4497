"""The other parts of marked_content.py's template, and the complete file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from support.documents import BODY, OFFICE, PACKAGE, WORD, block, docx, zipped
from support.filled_letters import members
from support.marked_content import (
    HEAD,
    MS,
    PIXEL,
    SPACES,
    body,
    mark,
    mark_hex,
    relation,
    relations,
    who,
)

_OPEN = "application/vnd.openxmlformats-officedocument"
_OFFICE = OFFICE.removesuffix("/relationships")
_CORE = "docProps/core.xml"
_CP = f"{PACKAGE}/metadata/core-properties"


def core(title: str = "An appeal", **others: str) -> str:
    """Return the core properties; each except the title is marked."""
    texts = {
        "dc:creator": mark("author"),
        "cp:lastModifiedBy": mark("lastModifiedBy"),
        "cp:revision": "4711",
        "dc:description": mark("description"),
        "cp:keywords": mark("keywords"),
        "cp:category": mark("category"),
        "cp:contentStatus": mark("status"),
        "dc:identifier": mark("identifier"),
        "cp:version": mark("version"),
        "dc:language": mark("language of the properties"),
        **others,
    }
    inner = "".join(f"<{name}>{text}</{name}>" for name, text in texts.items())
    dates = "".join(
        f'<dcterms:{name} xsi:type="dcterms:W3CDTF">2019-12-31T23:59:59Z</dcterms:{name}>'
        for name in ("created", "modified")
    )
    return (
        f'{HEAD}<cp:coreProperties xmlns:cp="{_CP}" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:dcterms="http://purl.org/dc/terms/"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{title}</dc:title>{inner}{dates}</cp:coreProperties>"
    )


def _app() -> str:
    names = ("Template", "Manager", "Company", "HyperlinkBase", "Application")
    inner = "".join(f"<{name}>{mark(f'app {name}')}</{name}>" for name in names)
    return f'{HEAD}<Properties xmlns="{_OFFICE}/extended-properties">{inner}</Properties>'


def _custom() -> str:
    return (
        f'{HEAD}<Properties xmlns="{_OFFICE}/custom-properties"'
        f' xmlns:vt="{_OFFICE}/docPropsVTypes"><property'
        ' fmtid="{D5CDD505-2E9C-101B-9397-08002B2CF9AE}" pid="2"'
        f' name="{mark("custom property name")}"><vt:lpwstr>{mark("custom property")}</vt:lpwstr>'
        "</property></Properties>"
    )


def _settings() -> str:
    odso = (
        f'<w:odso><w:udl w:val="{mark("udl")}"/><w:table w:val="{mark("table of the data")}"/>'
        '<w:src r:id="source"/><w:recipientData r:id="recipients"/></w:odso>'
    )
    merge = (
        '<w:mailMerge><w:mainDocumentType w:val="formLetters"/>'
        f'<w:dataType w:val="native"/><w:connectString w:val="{mark("connection")}"/>'
        f'<w:query w:val="{mark("query")}"/><w:dataSource r:id="source"/>'
        f"{odso}</w:mailMerge>"
    )
    return (
        f"{HEAD}<w:settings {SPACES}><w:removePersonalInformation/>"
        f'<w:attachedTemplate r:id="attached"/>{merge}'
        '<w:revisionView w:markup="0"/><w:trackRevisions/>'
        f'<w:docVars><w:docVar w:name="{mark("variable name")}" w:val="{mark("variable")}"/>'
        "</w:docVars>"
        f'<w:rsids><w:rsidRoot w:val="{mark_hex("rsidRoot")}"/>'
        f'<w:rsid w:val="{mark_hex("rsid of the table")}"/></w:rsids>'
        f'<w:attachedSchema w:val="{mark("attached schema")}"/>'
        f'<w14:docId w14:val="{mark_hex("w14:docId")}"/>'
        "</w:settings>"
    )


def _styles() -> str:
    return (
        f'{HEAD}<w:styles {SPACES}><w:style w:type="paragraph" w:default="1" w:styleId="Normal">'
        f'<w:name w:val="Normal"/><w:rsid w:val="{mark_hex("rsid of a style")}"/></w:style>'
        "</w:styles>"
    )


def _comments() -> dict[str, str]:
    others = f'w:id="101" w:initials="{mark("initials")}" w:date="2020-01-01T00:00:00Z"'
    return {
        "word/comments.xml": f"{HEAD}<w:comments {SPACES}><w:comment w:author="
        f'"{mark("comment author")}" {others}>{block(mark("comment"))}</w:comment></w:comments>',
        "word/people.xml": f'{HEAD}<w15:people {SPACES}><w15:person w15:author="{mark("person")}">'
        f'<w15:presenceInfo w15:providerId="AD" w15:userId="{mark("user id")}"/></w15:person>'
        "</w15:people>",
        "word/commentsExtended.xml": f"{HEAD}<w15:commentsEx {SPACES}><w15:commentEx"
        f' w15:paraId="{mark_hex("commentEx")}" w15:done="0"/></w15:commentsEx>',
        "word/commentsIds.xml": f"{HEAD}<w16cid:commentsIds {SPACES}><w16cid:commentId"
        f' w16cid:paraId="{mark_hex("commentId")}" w16cid:durableId="1"/></w16cid:commentsIds>',
    }


def _glossary() -> str:
    return (
        f"{HEAD}<w:glossaryDocument {SPACES}><w:docParts><w:docPart><w:docPartPr>"
        f'<w:name w:val="{mark("placeholder")}"/></w:docPartPr><w:docPartBody>'
        f"{block(mark('building block'))}</w:docPartBody></w:docPart></w:docParts>"
        "</w:glossaryDocument>"
    )


def _binaries() -> dict[str, str | bytes]:
    """Return parts with marked bytes that are not Word's XML."""
    return {
        "word/embeddings/oleObject1.bin": mark("OLE payload"),
        "word/vbaProject.bin": mark("macros"),
        "word/vbaData.xml": f"<x>{mark('macro data')}</x>",
        "word/printerSettings/printerSettings1.bin": mark("printer"),
        "word/attachedToolbars.bin": mark("toolbars"),
        "word/customizations.xml": f"<x>{mark('key map')}</x>",
        "word/recipientData.xml": f"<x>{mark('recipient data')}</x>",
        "word/afchunk.htm": mark("inserted file"),
        "word/activeX/activeX1.xml": f"<x>{mark('ActiveX')}</x>",
        "word/orphan.xml": f"<x>{mark('part that nothing leads to')}</x>",
        "word/media/local.png": PIXEL,
        "customXml/item1.xml": f"<x>{mark('customXml')}</x>",
        "customXml/itemProps1.xml": f"<x>{mark('customXml properties')}</x>",
        "customXml/_rels/item1.xml.rels": relations(
            relation("a", "customXmlProps", "itemProps1.xml")
        ),
        "docProps/thumbnail.jpeg": mark("thumbnail"),
        "docMetadata/LabelInfo.xml": f"<x>{mark('sensitivity label')}</x>",
        "customUI/customUI14.xml": f"<x>{mark('ribbon')}</x>",
        "_xmlsignatures/origin.sigs": mark("signature origin"),
        "_xmlsignatures/_rels/origin.sigs.rels": relations(
            relation("a", f"{PACKAGE}/relationships/digital-signature/signature", "sig1.xml")
        ),
        "_xmlsignatures/sig1.xml": f"<x>{mark('signature')}</x>",
    }


def _body_relations() -> Iterator[str]:
    targets = {
        **{k: f"{k}.xml" for k in ("styles", "settings", "fontTable", "theme", "comments")},
        "glossaryDocument": "glossary/document.xml",
        "control": "activeX/activeX1.xml",
        "customXml": "../customXml/item1.xml",
        "printerSettings": "printerSettings/printerSettings1.bin",
        f"{MS}/2011/relationships/people": "people.xml",
        f"{MS}/2011/relationships/commentsExtended": "commentsExtended.xml",
        f"{MS}/2016/09/relationships/commentsIds": "commentsIds.xml",
        f"{MS}/2006/relationships/vbaProject": "vbaProject.bin",
        f"{MS}/2006/relationships/keyMapCustomizations": "customizations.xml",
        f"{MS}/2006/relationships/attachedToolbars": "attachedToolbars.bin",
    }
    yield from (relation(f"n{n}", kind, target) for n, (kind, target) in enumerate(targets.items()))
    yield relation("local", "image", "media/local.png")
    yield relation("ole", "oleObject", "embeddings/oleObject1.bin")
    yield relation("chunk", "aFChunk", "afchunk.htm")
    remote = f"http://{mark('remote image')}.example/x.png"
    yield relation("remote", "image", remote, outside=True)
    yield relation("sub", "subDocument", f"file:///{mark('subdocument')}.docx", outside=True)
    yield relation("link", "hyperlink", "https://www.example.org/", outside=True)


def _links() -> dict[str, str]:
    """Return the relationships of every part that has any."""
    root = {
        "officeDocument": BODY,
        f"{PACKAGE}/relationships/metadata/core-properties": _CORE,
        "extended-properties": "docProps/app.xml",
        "custom-properties": "docProps/custom.xml",
        f"{PACKAGE}/relationships/metadata/thumbnail": "docProps/thumbnail.jpeg",
        f"{MS}/2007/relationships/ui/extensibility": "customUI/customUI14.xml",
        f"{MS}/2020/02/relationships/classificationlabels": "docMetadata/LabelInfo.xml",
        f"{PACKAGE}/relationships/digital-signature/origin": "_xmlsignatures/origin.sigs",
    }
    path = f"file:///C:\\Users\\{mark('template path')}\\Letter.dotm"
    source = f"file:///C:\\{mark('data source path')}.xlsx"
    settings = (
        relation("attached", "attachedTemplate", path, outside=True),
        relation("source", "mailMergeSource", source, outside=True),
        relation("recipients", "recipientData", "recipientData.xml"),
    )
    return {
        "_rels/.rels": relations(*(relation(f"r{n}", *x) for n, x in enumerate(root.items()))),
        "word/_rels/document.xml.rels": relations(*_body_relations()),
        "word/_rels/settings.xml.rels": relations(*settings),
        "word/_rels/vbaProject.bin.rels": relations(
            relation("a", f"{MS}/2006/relationships/wordVbaData", "vbaData.xml")
        ),
    }


def _types(names: list[str]) -> str:
    special = {
        BODY: f"{WORD}.document.main+xml",
        _CORE: "application/vnd.openxmlformats-package.core-properties+xml",
        "docProps/app.xml": f"{_OPEN}.extended-properties+xml",
        "docProps/custom.xml": f"{_OPEN}.custom-properties+xml",
        "word/theme.xml": f"{_OPEN}.theme+xml",
        "word/glossary/document.xml": f"{WORD}.document.glossary+xml",
        **{f"word/{k}.xml": f"{WORD}.{k}+xml" for k in ("styles", "settings", "fontTable")},
        **{f"word/{k}.xml": f"{WORD}.{k}+xml" for k in ("comments", "people", "commentsExtended")},
    }
    overrides = "".join(
        f'<Override PartName="/{n}" ContentType="{special[n]}"/>' for n in names if n in special
    )
    endings = {
        "rels": "application/vnd.openxmlformats-package.relationships+xml",
        "xml": "application/xml",
        "bin": "application/octet-stream",
        "png": "image/png",
        "jpeg": "image/jpeg",
        "htm": "text/html",
        "sigs": "application/vnd.openxmlformats-package.digital-signature-origin",
    }
    usual = "".join(f'<Default Extension="{e}" ContentType="{t}"/>' for e, t in endings.items())
    return f'{HEAD}<Types xmlns="{PACKAGE}/content-types">{usual}{overrides}</Types>'


def marked_template(title: str = "An appeal", name: str = "name") -> bytes:
    """Return the complete .docx, which greets `name`."""
    section = f"<w:sectPr><w:printerSettings r:id='n8'/><w:sectPrChange {who('sectPrChange')}>"
    plain = docx(body().replace("{{ name }}", f"{{{{ {name} }}}}"))
    files: dict[str, str | bytes] = dict(members(plain))
    files[BODY] = (
        members(plain)[BODY]
        .decode()
        .replace("<w:sectPr>", f"{section}<w:sectPr/></w:sectPrChange>")
    )
    files |= {_CORE: core(title), "docProps/app.xml": _app(), "docProps/custom.xml": _custom()}
    files |= {"word/settings.xml": _settings(), "word/styles.xml": _styles()}
    files |= {**_comments(), "word/glossary/document.xml": _glossary(), **_binaries(), **_links()}
    return zipped({**files, "[Content_Types].xml": _types(list(files))})


def with_relations(
    data: bytes, *new_relations: str, more: Mapping[str, str | bytes] | None = None, types: str = ""
) -> bytes:
    """Return a .docx with more relationships of its body.

    `more` are members, `types` their types.
    """
    files = members(data)
    links, listed = "word/_rels/document.xml.rels", "[Content_Types].xml"
    usual = '<Default Extension="png" ContentType="image/png"/>'
    changes = {
        links: ("</Relationships>", "".join(new_relations)),
        listed: ("</Types>", f"{types}{usual}"),
    }
    changed = {n: files[n].decode().replace(end, f"{x}{end}") for n, (end, x) in changes.items()}
    return zipped({**files, **changed, **(more or {})})


def with_core(data: bytes, properties: str, part: str = _CORE) -> bytes:
    """Return a .docx with these core properties, in a part of that name."""
    files = members(data)
    kind = f"{PACKAGE}/relationships/metadata/core-properties"
    relationship = relation("core", kind, part)
    links = (
        files["_rels/.rels"].decode().replace("</Relationships>", f"{relationship}</Relationships>")
    )
    content_type = "application/vnd.openxmlformats-package.core-properties+xml"
    listed = f'<Override PartName="/{part}" ContentType="{content_type}"/></Types>'
    types = files["[Content_Types].xml"].decode().replace("</Types>", listed)
    return zipped({**files, "_rels/.rels": links, "[Content_Types].xml": types, part: properties})
