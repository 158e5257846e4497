"""Make templates/appeal.docx and the starter's template, byte for byte.

The .docx is the product, and a person may restyle it in Word; this script only shows how it was
made. It writes the few parts that Word needs, and nothing that the letter does not use.

    python tools/make_template.py [FOLDER]
"""

import re
import sys
import zipfile
from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

ROOT = Path(__file__).resolve().parent.parent

FONT = "Times New Roman"  # on Windows and macOS; Liberation Serif has its widths on Linux
SIZE = 23  # in half points: 11.5 pt
SIDE, TOP, BOTTOM = 1304, 1701, 1418  # in twentieths of a point: 2.3, 3 and 2.5 cm
BULLET_INDENT = 284  # 0.5 cm
BELOW_ADDRESS = 'w:before="520"'
BELOW = 'w:after="180"'
TO_SIGN = 'w:before="1134"'  # 2 cm for a signature
TIGHT = 'w:line="240" w:lineRule="auto"'
LOOSE = 'w:line="276" w:lineRule="auto"'

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
CONTENT = "application/vnd.openxmlformats-"
WORD = "officedocument.wordprocessingml"
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


class Style(NamedTuple):
    """A paragraph style; `paragraph` and `run` are XML that Normal lacks."""

    name: str
    follower: str
    paragraph: str
    run: str = ""
    based_on: str = "Normal"


NAMES = "<w:rPr><w:noProof/></w:rPr>"  # no red waves under names and streets
TOGETHER = "<w:keepNext/><w:keepLines/>"
NUMBERED = '<w:numPr><w:numId w:val="1"/></w:numPr>'

STYLES = (
    Style("Address", "Address", f"<w:keepLines/><w:spacing {TIGHT}/>", NAMES),
    Style("Salutation", "Body Text", f"<w:spacing {BELOW_ADDRESS} {BELOW}/>"),
    Style("Body Text", "Body Text", f"<w:spacing {BELOW}/>"),
    Style("List Bullet", "List Bullet", f"{NUMBERED}<w:spacing {BELOW}/>"),
    Style("Closing", "Signature", TOGETHER),
    Style("Signature", "Signature Address", f"{TOGETHER}<w:spacing {TO_SIGN} {TIGHT}/>", NAMES),
    Style("Signature Address", "Signature Address", '<w:spacing w:before="0"/>', "", "Signature"),
)
STARTER_STYLES = (
    *STYLES,
    Style("Date", "Address", '<w:spacing w:before="360" w:after="360"/>'),
    Style(
        "Subject",
        "Body Text",
        f"<w:keepNext/><w:spacing {BELOW}/>",
        "<w:rPr><w:b/><w:bCs/></w:rPr>",
    ),
)
CUSTOM_STYLES = ("Address", "Signature Address", "Subject")  # the others are Word's own

# Word's own styles that stay in the gallery, though the letter does not use them.
IN_GALLERY = ("heading 1", "heading 2", "Title", "Strong", "Emphasis")

# What Word's colour picker offers.
COLOURS = (
    "dk1=000000 lt1=FFFFFF dk2=44546A lt2=E7E6E6 accent1=4472C4 accent2=ED7D31 accent3=A5A5A5"
    " accent4=FFC000 accent5=5B9BD5 accent6=70AD47 hlink=0563C1 folHlink=954F72"
)

# One paragraph after another: its style, what it has of its own, its text. Indented lines go on;
# ~ is a space at which no line ends.
LETTER = """\
Address: {{ recipient.position }}
Address: {{ recipient.name }}
Address: {{ recipient.organisation }}
Address: {{ recipient.street }}
Address: {{ recipient.city }}
Address: {{ recipient.country }}
Salutation: Dear {{ recipient.salutation }},
BodyText: It has come to my attention that, according to credible sources, over a hundred gay men
    in Chechnya have been rounded up, detained, tortured and even murdered in an apparently
    coordinated campaign. These alarming abductions and killings follow a similar pattern to
    enforced disappearances which have been documented in hundreds of cases over the years in
    Chechnya and other republics in Russia’s North Caucasus. Virtually none of these have been
    effectively investigated.
BodyText keepNext: I urge you to take the following immediate steps to rectify this critically
    urgent and horrific situation:
ListBullet: Please release the gay men in custody immediately and return them safely to their
    families and ensure that they immediately receive any medical treatment they require.
ListBullet: Please conduct a prompt, effective and impartial investigation into the
    disappearances, murders and assaults committed against gay men in Chechnya to bring the
    perpetrators to justice.
ListBullet: Please take all necessary measures to protect the human rights of gay people and
    ensure that gay men and women in Chechnya are protected from any additional detainments and
    physical attacks.
BodyText: Lastly, I remind you that, as a party to the European Convention on Human Rights the
    Russia, you and other government leaders have an obligation to guarantee the protection of all
    Russian citizens, including gay, lesbian and transgender individuals, from threats and attacks.
BodyText keepNext: Thank you for your immediate attention to this urgent matter.
Closing: Sincerely,
Signature: {{ signer.name }}
SignatureAddress: {{ signer.street }}
SignatureAddress: {{ signer.city }}
SignatureAddress: {{ signer.country }}
"""


_ADDRESS = LETTER.partition("BodyText:")[0]
STARTER_LETTER = f"""\
Address: {{{{ signer.name }}}}
Address: {{{{ signer.street }}}}
Address: {{{{ signer.city }}}}
Address: {{{{ signer.country }}}}
Date: {{{{ date }}}}
{_ADDRESS}Subject: The detention of Mirela Oduya, schoolteacher
BodyText: I am writing to you about Mirela Oduya, a schoolteacher of Sorrento Hill.
    She was arrested on 3~March, after she had spoken at a peaceful meeting about the closing of
    village schools. She has been held since then without charge, and her family has been allowed
    to see her only once.
BodyText keepNext: I respectfully ask you to take the following steps:
ListBullet: Please see to it that Mirela Oduya is released at once, unless she is charged with an
    offence that the law of your country and international law recognise.
ListBullet: Please let her see her family, a lawyer of her own choice and a doctor without delay.
ListBullet: Please have the reasons for her arrest looked into promptly and independently, and make
    the findings public.
BodyText: Nobody should lose their freedom for speaking peacefully about the schools of their
    children.
BodyText keepNext: Thank you for your attention. I look forward to your reply.
Closing: Sincerely,
Signature: {{{{ signer.name }}}}
"""


def _paragraph(line: str) -> str:
    styled, _, text = " ".join(line.split()).partition(": ")
    style_id, *property_names = styled.split()
    properties = f'<w:pStyle w:val="{style_id}"/>' + "".join(
        f"<w:{name}/>" for name in property_names
    )
    shown = escape(text).replace("~", "\N{NO-BREAK SPACE}")
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{shown}</w:t></w:r></w:p>"


def _document(letter: str) -> str:
    page = (
        '<w:sectPr><w:pgSz w:w="11906" w:h="16838"/>'
        f'<w:pgMar w:top="{TOP}" w:right="{SIDE}" w:bottom="{BOTTOM}" w:left="{SIDE}"'
        ' w:header="709" w:footer="709" w:gutter="0"/><w:cols w:space="708"/></w:sectPr>'
    )
    paragraphs = "".join(map(_paragraph, re.split(r"\n(?! )", letter.strip())))
    return f'<w:document xmlns:w="{W}"><w:body>{paragraphs}{page}</w:body></w:document>'


def _style_id(name: str) -> str:
    return name.replace(" ", "")


def _style(style: Style) -> str:
    custom = ' w:customStyle="1"' if style.name in CUSTOM_STYLES else ""
    return (
        f'<w:style w:type="paragraph"{custom} w:styleId="{_style_id(style.name)}">'
        f'<w:name w:val="{style.name}"/><w:basedOn w:val="{style.based_on}"/>'
        f'<w:next w:val="{_style_id(style.follower)}"/><w:uiPriority w:val="1"/><w:qFormat/>'
        f"<w:pPr>{style.paragraph}</w:pPr>{style.run}</w:style>"
    )


def _defaults() -> str:
    fonts = " ".join(f'w:{script}="{FONT}"' for script in ("ascii", "hAnsi", "eastAsia", "cs"))
    return (
        f"<w:docDefaults><w:rPrDefault><w:rPr><w:rFonts {fonts}/>"
        f'<w:sz w:val="{SIZE}"/><w:szCs w:val="{SIZE}"/>'
        '<w:lang w:val="en-GB" w:eastAsia="en-US" w:bidi="ar-SA"/></w:rPr></w:rPrDefault>'
        "<w:pPrDefault/></w:docDefaults>"
    )


def _latent_styles() -> str:
    shown = "".join(
        f'<w:lsdException w:name="{name}" w:semiHidden="0" w:uiPriority="9" w:qFormat="1"/>'
        for name in IN_GALLERY
    )
    return (
        '<w:latentStyles w:defLockedState="0" w:defUIPriority="99" w:defSemiHidden="1"'
        f' w:defUnhideWhenUsed="1" w:defQFormat="0" w:count="376">{shown}</w:latentStyles>'
    )


def _styles(styles: Sequence[Style] = STYLES) -> str:
    normal = (
        '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/>'
        f"<w:qFormat/><w:pPr><w:widowControl/><w:spacing {LOOSE}/></w:pPr></w:style>"
    )
    named = "".join(_style(style) for style in styles)
    return f'<w:styles xmlns:w="{W}">{_defaults()}{_latent_styles()}{normal}{named}</w:styles>'


def _numbering() -> str:
    return (
        f'<w:numbering xmlns:w="{W}"><w:abstractNum w:abstractNumId="0"><w:nsid w:val="5A1E77E2"/>'
        '<w:multiLevelType w:val="singleLevel"/><w:tmpl w:val="3C9B40D6"/><w:lvl w:ilvl="0">'
        '<w:start w:val="1"/><w:numFmt w:val="bullet"/><w:pStyle w:val="ListBullet"/>'
        '<w:lvlText w:val="\N{BULLET}"/><w:lvlJc w:val="left"/><w:pPr>'
        f'<w:ind w:left="{BULLET_INDENT}" w:hanging="{BULLET_INDENT}"/></w:pPr></w:lvl>'
        '</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>'
    )


def _settings() -> str:
    """Return settings of Word 2013 or later, without compatibility mode."""
    modern = (
        ("compatibilityMode", 15),
        ("overrideTableStyleFontSizeAndJustification", 1),
        ("enableOpenTypeFeatures", 1),
        ("doNotFlipMirrorIndents", 1),
        ("differentiateMultirowTableHeaders", 1),
        ("useWord2013TrackBottomHyphenation", 0),
    )
    compat = "".join(
        f'<w:compatSetting w:name="{name}" w:uri="http://schemas.microsoft.com/office/word"'
        f' w:val="{value}"/>'
        for name, value in modern
    )
    return (
        f'<w:settings xmlns:w="{W}"><w:zoom w:percent="100"/><w:defaultTabStop w:val="709"/>'
        f'<w:characterSpacingControl w:val="doNotCompress"/><w:compat>{compat}</w:compat>'
        '<w:decimalSymbol w:val="."/><w:listSeparator w:val=","/></w:settings>'
    )


def _theme() -> str:
    """Return the smallest theme, which the standard requires."""
    colours = re.sub(r" ?(\w+)=(\w+)", r'<a:\1><a:srgbClr val="\2"/></a:\1>', COLOURS)
    scripts = f'<a:latin typeface="{FONT}"/><a:ea typeface=""/><a:cs typeface=""/>'
    fill = '<a:solidFill><a:schemeClr val="phClr"/></a:solidFill>'
    effect = "<a:effectStyle><a:effectLst/></a:effectStyle>"
    return (
        f'<a:theme xmlns:a="{DRAWING}" name="Letter"><a:themeElements>'
        f'<a:clrScheme name="Letter">{colours}</a:clrScheme><a:fontScheme name="Letter">'
        f"<a:majorFont>{scripts}</a:majorFont><a:minorFont>{scripts}</a:minorFont></a:fontScheme>"
        f'<a:fmtScheme name="Letter"><a:fillStyleLst>{fill * 3}</a:fillStyleLst>'
        f"<a:lnStyleLst>{f'<a:ln>{fill}</a:ln>' * 3}</a:lnStyleLst>"
        f"<a:effectStyleLst>{effect * 3}</a:effectStyleLst>"
        f"<a:bgFillStyleLst>{fill * 3}</a:bgFillStyleLst></a:fmtScheme></a:themeElements></a:theme>"
    )


def _font_table() -> str:
    return (
        f'<w:fonts xmlns:w="{W}"><w:font w:name="{FONT}"><w:panose1 w:val="02020603050405020304"/>'
        '<w:charset w:val="00"/><w:family w:val="roman"/><w:pitch w:val="variable"/></w:font>'
        "</w:fonts>"
    )


def _core() -> str:
    return (
        f'<cp:coreProperties xmlns:cp="{PACKAGE}/metadata/core-properties"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Appeal</dc:title>'
        "<dc:language>en-GB</dc:language></cp:coreProperties>"
    )


# Each part: the kind of its content, the relationship that leads to it. Two are reached from the
# package, the others from the document.
PARTS = {
    "word/document.xml": (f"{WORD}.document.main", f"{OFFICE}/officeDocument"),
    "docProps/core.xml": (
        "package.core-properties",
        f"{PACKAGE}/relationships/metadata/core-properties",
    ),
    "word/styles.xml": (f"{WORD}.styles", f"{OFFICE}/styles"),
    "word/numbering.xml": (f"{WORD}.numbering", f"{OFFICE}/numbering"),
    "word/settings.xml": (f"{WORD}.settings", f"{OFFICE}/settings"),
    "word/fontTable.xml": (f"{WORD}.fontTable", f"{OFFICE}/fontTable"),
    "word/theme/theme1.xml": ("officedocument.theme", f"{OFFICE}/theme"),
}
PART_WRITERS: dict[str, Callable[[], str]] = {
    "docProps/core.xml": _core,
    "word/styles.xml": _styles,
    "word/numbering.xml": _numbering,
    "word/settings.xml": _settings,
    "word/fontTable.xml": _font_table,
    "word/theme/theme1.xml": _theme,
}


def _content_types() -> str:
    overrides = "".join(
        f'<Override PartName="/{name}" ContentType="{CONTENT}{kind}+xml"/>'
        for name, (kind, _) in PARTS.items()
    )
    return (
        f'<Types xmlns="{PACKAGE}/content-types">'
        f'<Default Extension="rels" ContentType="{CONTENT}package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>'
    )


def _relationships(names: Sequence[str], folder: str = "") -> str:
    links = "".join(
        f'<Relationship Id="rId{n}" Type="{PARTS[name][1]}" Target="{name.removeprefix(folder)}"/>'
        for n, name in enumerate(names, 1)
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{links}</Relationships>'


def members(letter: str = LETTER, styles: Sequence[Style] = STYLES) -> dict[str, bytes]:
    """Return every member of the package of a letter by its name."""
    texts = {
        "[Content_Types].xml": _content_types(),
        "_rels/.rels": _relationships(list(PARTS)[:2]),
        "word/_rels/document.xml.rels": _relationships(list(PARTS)[2:], "word/"),
        "word/document.xml": _document(letter),
        **{name: make() for name, make in PART_WRITERS.items()},
        "word/styles.xml": _styles(styles),
    }
    return {name: (XML + text).encode() for name, text in texts.items()}


def zipped(contents: Mapping[str, bytes]) -> bytes:
    """Return a zip of the members, the same on every day and system."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        for name, content in contents.items():
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 0
            package.writestr(entry, content, compresslevel=9)
    return buffer.getvalue()


if __name__ == "__main__":
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT
    for folder, letter, styles in (
        ("templates", LETTER, STYLES),
        ("merge/starter/templates", STARTER_LETTER, STARTER_STYLES),
    ):
        (root / folder).mkdir(parents=True, exist_ok=True)
        (root / folder / "appeal.docx").write_bytes(zipped(members(letter, styles)))
