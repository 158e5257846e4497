"""Hidden text in all possible places of a Word file."""

from __future__ import annotations

from support.documents import MAIN, block, cell, docx, paragraph, run, table, text_box, zipped
from support.field_markup import code, field, mark, simple
from support.filled_letters import members
from support.marked_content import picture

WORD = "Zqsecret"
HIDDEN = "<w:vanish/>"
STYLES = (
    f'<w:styles xmlns:w="{MAIN}">{{defaults}}'
    '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/>'
    '</w:style><w:style w:type="paragraph" w:styleId="Off"><w:name w:val="Off"/><w:rPr><w:vanish/>'
    '</w:rPr></w:style><w:style w:type="paragraph" w:styleId="Son"><w:name w:val="Son"/>'
    '<w:basedOn w:val="Off"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="Back"><w:name w:val="Back"/><w:basedOn w:val="Son"/>'
    '<w:rPr><w:vanish w:val="0"/></w:rPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="Round"><w:name w:val="Round"/>'
    '<w:basedOn w:val="Round"/></w:style>'
    '<w:style w:type="character" w:styleId="offchar"><w:name w:val="off"/><w:rPr><w:vanish/>'
    '</w:rPr></w:style><w:style w:type="table" w:styleId="offtable"><w:name w:val="t"/><w:rPr>'
    "<w:vanish/></w:rPr></w:style>"
    '<w:style w:type="table" w:styleId="offparts"><w:name w:val="p"/>'
    '<w:tblStylePr w:type="firstRow"><w:rPr><w:vanish/></w:rPr></w:tblStylePr>'
    '<w:tblStylePr w:type="lastCol"><w:rPr><w:vanish/></w:rPr></w:tblStylePr>'
    '<w:tblStylePr w:type="neCell"><w:rPr><w:vanish w:val="0"/></w:rPr></w:tblStylePr></w:style>'
    '<w:style w:type="table" w:styleId="offson"><w:name w:val="s"/><w:basedOn w:val="offparts"/>'
    '</w:style><w:style w:type="table" w:styleId="offrows"><w:name w:val="r"/><w:tblStylePr'
    ' w:type="firstRow"><w:trPr><w:hidden/></w:trPr></w:tblStylePr></w:style>'
    "</w:styles>"
)


def styled(body: str, defaults: str = "") -> bytes:
    document = docx(body)
    return zipped({**members(document), "word/styles.xml": STYLES.format(defaults=defaults)})


def in_style(style: str, *runs: str) -> str:
    return paragraph(*runs).replace("<w:p>", f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>')


def form(inner: str, kind: str = "FORMTEXT", result: str = "x") -> str:
    begin = f'<w:r><w:fldChar w:fldCharType="begin"><w:ffData>{inner}</w:ffData></w:fldChar></w:r>'
    return paragraph(begin, code(f" {kind} "), mark("separate"), run(result), mark("end"))


def control(items: str, shown: str = "one") -> str:
    return paragraph(
        f"<w:sdt><w:sdtPr>{items}</w:sdtPr><w:sdtContent>{run(shown)}</w:sdtContent></w:sdt>"
    )


def in_table_style(style: str, table_xml: str, look: str = 'w:val="0020"') -> str:
    properties = f'<w:tblPr><w:tblStyle w:val="{style}"/>'
    return table_xml.replace("<w:tblPr>", properties).replace(
        "</w:tblPr>", f"<w:tblLook {look}/></w:tblPr>"
    )


def shape(words: str, hidden: str = "") -> str:
    """Return a shape of a group, with a text."""
    return (
        f'<wps:wsp><wps:cNvPr id="5" name="Object 5" {hidden}/><wps:cNvSpPr txBox="1"/><wps:spPr>'
        '<a:xfrm><a:off x="0" y="0"/><a:ext cx="1800000" cy="700000"/></a:xfrm>'
        '<a:prstGeom prst="rect">'
        "<a:avLst/></a:prstGeom></wps:spPr><wps:txbx><w:txbxContent>"
        f"{block(words)}</w:txbxContent></wps:txbx><wps:bodyPr/></wps:wsp>"
    )


def grouped(*shapes: str, old: str = "", hidden: str = "") -> str:
    """Return a group of shapes as a paragraph, with its older fallback."""
    kind = "http://schemas.microsoft.com/office/word/2010/wordprocessing"
    room = 'cx="1800000" cy="700000"'
    group = (
        f'<w:drawing><wp:inline><wp:extent {room}/><wp:docPr id="8" name="Object 8" {hidden}/>'
        f'<a:graphic><a:graphicData uri="{kind}Group"><wpg:wgp xmlns:wpg="{kind}Group">'
        f'<wpg:cNvGrpSpPr/><wpg:grpSpPr><a:xfrm><a:off x="0" y="0"/><a:ext {room}/><a:chOff x="0"'
        f' y="0"/><a:chExt {room}/></a:xfrm></wpg:grpSpPr>{"".join(shapes)}</wpg:wgp>'
        "</a:graphicData></a:graphic></wp:inline></w:drawing>"
    )
    choice = f'<mc:Choice xmlns:wpg="{kind}Group" Requires="wpg">{group}</mc:Choice>'
    fallback = f"<mc:Fallback><w:pict>{old}</w:pict></mc:Fallback>" if old else ""
    return paragraph(f"<w:r><mc:AlternateContent>{choice}{fallback}</mc:AlternateContent></w:r>")


def old_box(words: str, style: str = "") -> str:
    """Return a text box in VML."""
    return (
        f'<v:rect style="width:150pt;height:70pt;{style}"><v:textbox><w:txbxContent>{block(words)}'
        "</w:txbxContent></v:textbox></v:rect>"
    )


HIDDEN_ROW = (
    table(["a", "b"], [WORD, "c"])
    .replace("<w:tr>", "<w:tr><w:trPr><w:hidden/></w:trPr>", 2)
    .replace("<w:tr><w:trPr><w:hidden/></w:trPr>", "<w:tr>", 1)
)
PLACES = {
    "a run": paragraph("shown", run(WORD, HIDDEN)),
    "a run that says 1": paragraph("shown", run(WORD, '<w:vanish w:val="1"/>')),
    "a character style": paragraph("shown", run(WORD, '<w:rStyle w:val="offchar"/>')),
    "a paragraph style": block("shown") + in_style("Off", WORD),
    "a style based on one": block("shown") + in_style("Son", WORD),
    "a run over a style that shows": block("shown") + in_style("Back", run(WORD, HIDDEN)),
    "a table style": "shown"
    and block("shown")
    + table([WORD]).replace("<w:tblPr>", '<w:tblPr><w:tblStyle w:val="offtable"/>'),
    "a text box": block("shown") + text_box(paragraph(run(WORD, HIDDEN), "box")),
    "a table's row": HIDDEN_ROW,
    "a row of hidden text": table(["a"], [cell(paragraph(run(WORD, HIDDEN)))]),
    "the only row": table([WORD]).replace("<w:tr>", "<w:tr><w:trPr><w:hidden/></w:trPr>"),
    "a formula": paragraph(
        "shown",
        '<m:oMath xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"><m:r><w:rPr>'
        f"<w:vanish/></w:rPr><m:t>{WORD}</m:t></m:r></m:oMath>",
    ),
    "a link": paragraph("shown", f'<w:hyperlink w:anchor="a">{run(WORD, HIDDEN)}</w:hyperlink>'),
    "a control": control("", "").replace("<w:sdtContent>", f"<w:sdtContent>{run(WORD, HIDDEN)}"),
    "a whole field": paragraph(
        "shown",
        mark("begin", HIDDEN),
        code(f' REF "{WORD}" ', HIDDEN),
        mark("separate", HIDDEN),
        run(WORD, HIDDEN),
        mark("end", HIDDEN),
    ),
    "a whole simple field": paragraph("shown", simple(f"USERADDRESS {WORD}", WORD, HIDDEN)),
    "the result of a field, in part": paragraph(
        field("REF a", result=run("shown") + run(WORD, HIDDEN))
    ),
    "a drawing": paragraph(
        "shown",
        picture(1, 'r:embed="p"', descr=WORD).replace("<wp:docPr ", '<wp:docPr hidden="1" '),
    ),
    "a shape of a group": grouped(shape("shown"), shape(WORD, 'hidden="1"')),
    "a group with what stands for it": grouped(
        shape("shown"), shape(WORD, 'hidden="true"'), old=old_box("shown") + old_box(WORD)
    ),
    "a drawing with what stands for it": block("shown")
    + grouped(shape(WORD), old=old_box(WORD), hidden='hidden="1"'),
    "an old drawing": paragraph(
        "shown", f"<w:r><w:pict>{old_box(WORD, 'visibility:hidden')}</w:pict></w:r>"
    ),
    "an old shape of a group": paragraph(
        '<w:r><w:pict><v:group style="width:150pt;height:70pt" coordsize="10,10">'
        f"{old_box('shown')}{old_box(WORD, 'z-index:1; Visibility : hidden ;')}"
        "</v:group></w:pict></w:r>"
    ),
    "a first row by a table style": in_table_style("offparts", table([WORD], ["shown"])),
    "a last column by a table style that is based on one": in_table_style(
        "offson", table(["shown", WORD]), 'w:firstColumn="0" w:lastColumn="1"'
    ),
    "a row hidden by a table style": in_table_style("offrows", table([WORD], ["shown"])),
    "an index entry": paragraph("shown", field(f' XE "{WORD}" ', result=code(""))),
    "an entry of a table of contents": paragraph(
        "shown", mark("begin"), code(f' TC "{WORD}" \\f x '), mark("end")
    ),
    "an entry of authorities": paragraph("shown", simple(f' TA \\l "{WORD}" ', "")),
    "a choice of a list": control(
        f'<w:dropDownList w:lastValue="{WORD}"><w:listItem w:displayText="one" w:value="1"/>'
        f'<w:listItem w:displayText="{WORD}" w:value="2"/></w:dropDownList>'
    ),
    "a choice of a combo box": control(f'<w:comboBox><w:listItem w:value="{WORD}"/></w:comboBox>'),
    "a choice of an old list": form(
        '<w:ddList><w:result w:val="1"/><w:listEntry w:val="a"/><w:listEntry w:val="one"/>'
        f'<w:listEntry w:val="{WORD}"/></w:ddList>',
        "FORMDROPDOWN",
    ),
    "a help text": form(f'<w:helpText w:type="text" w:val="{WORD}"/>'),
    "a status text": form(f'<w:statusText w:type="text" w:val="{WORD}"/>'),
    "a default text": form(f'<w:textInput><w:default w:val="{WORD}"/></w:textInput>'),
    "a value in hidden text": paragraph("shown", run("{{ secret }}", HIDDEN)),
    "a value between hidden tags": paragraph(
        "shown", run(f"{{% if secret %}}{WORD}{{{{ secret }}}}{{% endif %}}", HIDDEN)
    ),
    "hidden text between shown tags": paragraph(
        "{% if secret %}shown", run(WORD, HIDDEN), "{% endif %}"
    ),
}
"""Parts of a body with hidden text, by the place in which it is hidden."""
