"""Messages about a campaign that starts from finished letters."""

from merge.messages.message import Example, Message, MessageSection

_LETTER = "letter1.docx"

SECTION = MessageSection(
    "Start from letters",
    """
    A campaign can start from finished letters: the program makes a template and a workbook of them,
    and fills the template again to prove that every letter comes back. These letters are only read.
    See [Start from letters](start-from-letters.md).
    """,
    {
        "letter-has-placeholders": Message(
            "The file has placeholders or merge fields: it is a template.",
            "Put it into templates/, or add it on the page under Data.",
            about="A finished letter has no placeholders. A file with placeholders is a template"
            " already and can be used as it is.",
            example=Example(_LETTER),
        ),
        "letter-without-text": Message(
            "The letter has no text.",
            "If it is a picture (a scan), type it first.",
            about="The Word file has no words in it. A scanned letter is a picture.",
            example=Example(_LETTER),
        ),
        "letter-created-here": Message(
            "This letter was created by this program from a template.",
            "Use that template and its workbook: start a new campaign from the old one.",
            about="A letter that this program created has its template and its row in a workbook"
            " already. To start a new campaign from them, copy the old campaign.",
            example=Example(_LETTER),
        ),
        "letters-not-alike": Message(
            "The letters have hardly a paragraph in common.",
            "Start from letters of one appeal, or from one of them alone.",
            about="The template has what the letters have in common. Letters of different appeals"
            " need different templates.",
            example=Example("letter1.docx, letter2.docx"),
        ),
        "letters-equal": Message(
            "The letters have the same text, word for word.",
            "Choose letters to different people, or one of them alone.",
            about="What differs between letters becomes the columns of the workbook. From equal"
            " letters nothing can be found that one of them alone does not show.",
            example=Example("letter1.docx, letter2.docx"),
        ),
        "letters-to-same-person": Message(
            "These letters are from the same signer to the same recipient.",
            "Choose letters to different people, or one of them alone.",
            about="The workbook has one row for each recipient. Two letters to the same person need"
            " two templates.",
            example=Example("letter1.docx, letter2.docx"),
        ),
        "letter-of-nobody": Message(
            "No recipient of {workbook} is in this letter.",
            "Choose a letter to someone in the workbook, or start without the workbook.",
            about="The cells of one recipient are looked for in the letter. None of the rows has"
            " enough cells in it.",
            example=Example(_LETTER, {"workbook": "signers.xlsx"}),
        ),
        "start-too-many": Message(
            "There are more than {most} letters.",
            "Choose the letters that differ most: two or three are usually enough.",
            about="Two or three letters show what differs. From a workbook, one letter is enough.",
            example=Example(_LETTER, {"most": 20}),
        ),
        "start-too-many/workbook": Message(
            "There are several letters and a workbook.", "Choose one letter with the workbook."
        ),
        "start-too-long": Message(
            "The letter has more than {most:# line, cell or tab|# lines, cells and tabs}.",
            "Choose a shorter letter, or remove what is not part of it.",
            about="It takes too long to compare letters with so many lines. An appeal has a few"
            " pages.",
            example=Example(_LETTER, {"most": 4000}),
        ),
        "letter-not-given-back": Message(
            "The template does not give this letter back: “{expected}” came back as “{created}”."
            " Nothing was written.",
            "Write the paragraph in the same way in all letters, or reject fewer columns. Then"
            " start again.",
            about="The template was filled with what was found, and a letter came back with another"
            " text. Such a template is never written.",
            example=Example(_LETTER, {"expected": "I ask you to act.", "created": "I ask to act."}),
        ),
        "heading-in-use": Message(
            "Two columns have the heading {heading}.",
            "Choose another heading for one of them.",
            about="Two columns of a sheet must have different headings.",
            example=Example("Recipients", {"heading": "Urgency"}),
        ),
        "heading-of-names": Message(
            "With the heading {heading} instead of Name, the sheet has no column of names.",
            "Keep the heading Name, or use it in another language, such as Nom.",
            about="The Signers and Recipients sheets need a column of names. Its heading is Name,"
            " in any language that the program knows.",
            example=Example("Recipients", {"heading": "Addressee"}),
        ),
        "heading-of-program": Message(
            "The program itself uses the heading {heading}.",
            "Choose another heading for this column.",
            about="Columns such as ID, Include, Language and Template have a meaning for the"
            " program. Words of a letter need a column with another heading.",
            example=Example("Recipients", {"heading": "ID"}),
        ),
        "heading-unusable": Message(
            "This heading has no letter or digit.",
            "Choose a heading with letters.",
            about="A heading gives its placeholder a name, so it needs letters or digits.",
            example=Example("—"),
        ),
        "question-open": Message(
            "{count:# question has|# questions have} no answer. Nothing was written.",
            "Answer on the page (Start from existing letters), or accept the first answer to each:"
            " {yes}.",
            about="Something in the letters is unclear. Start from the letters on the page, which"
            " asks, or add --yes.",
            example=Example("my-campaign", {"count": 1, "yes": "--yes"}),
        ),
    },
)
