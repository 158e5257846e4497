"""Warnings: letters can be created, but something is probably wrong."""

from merge.messages.message import Example, Message, MessageSection

SECTION = MessageSection(
    "Warnings",
    "Warnings do not block letters. Sometimes what they report is intended, but usually it is a"
    " mistake.",
    {
        "template-for-one": Message(
            "The template has no recipient placeholders, so letters to {people} recipients would"
            " all be the same.",
            "Replace the name and address with placeholders such as {{ recipient.name }}."
            " Run {run placeholders} to list them.",
            "warning",
            about="The template is a finished letter: it uses nothing from the Recipients sheet, or"
            " nothing from the Signers sheet, though several of these people get a letter from it."
            " All letters would have the same name, or none. Add placeholders;"
            " `merge placeholders` lists them.",
            example=Example("appeal.docx", {"people": 2}),
        ),
        "template-for-one/signer": Message(
            "The template has no signer placeholders, so letters from {people} signers would all be"
            " the same.",
            "Replace the name with placeholders such as {{ signer.name }}."
            " Run {run placeholders} to list them.",
            "warning",
        ),
        "template-says": Message(
            "All letters contain “{text}”, the {heading} of one {kind} ({cell}).",
            "If it should change with each {kind}, replace it with {tag}.",
            "warning",
            about="The template’s own text contains the value of one person’s cell: a name or a"
            " salutation that was left from an earlier letter. It is in all letters, to every"
            " recipient. Replace it with the placeholder. If it is meant for everyone, ignore the"
            " warning.",
            example=Example(
                "appeal.docx, line “I ask you, Minister Li, to release them.” (paragraph 2)",
                {
                    "text": "Minister Li",
                    "heading": "Name",
                    "kind": "recipient",
                    "cell": "Recipients!A2",
                    "tag": "{{ recipient.name }}",
                },
            ),
        ),
        "template-says/several": Message(
            "All letters contain “{texts}”, which are from {cells}.",
            "If they should change with each letter, replace them with {tags}.",
            "warning",
        ),
        "template-data": Message(
            "All letters contain “{text}”, the {heading} of one {kind} ({cell}).",
            "If it should change with each {kind}, replace it with {tag}.",
            "warning",
            about="The template’s own text contains the value of one person’s cell, such as an"
            " address that was left from an earlier letter. Replace it with the placeholder. If it"
            " is yours, such as the city of your letterhead, ignore the warning. Proofreading does"
            " not report it.",
            example=Example(
                "appeal.docx, line “1 Palace Square” (paragraph 2)",
                {
                    "text": "1 Palace Square",
                    "heading": "Street",
                    "kind": "recipient",
                    "cell": "Recipients!B2",
                    "tag": "{{ recipient.street }}",
                },
            ),
        ),
        "template-data/several": Message(
            "All letters contain “{texts}”, which are from {cells}.",
            "If they should change with each letter, replace them with {tags}.",
            "warning",
        ),
        "answers-unused": Message(
            "The “{heading}” column contains only yes or no and is not used.",
            "If it says who takes part, rename it to “Include”.",
            "warning",
            about="A column contains only *yes* and *no*, and no template or setting uses it. If it"
            " says who takes part, rename it to *Include*; otherwise do nothing.",
            example=Example("signers.xlsx, Recipients!B1", {"heading": "Takes part"}),
        ),
        "template-unused": Message(
            "No letter uses this template.",
            "Name it in the Template setting or in a “Template” column of the Recipients sheet, or"
            " move it to another folder.",
            "warning",
            about="No letter uses this file in `templates/`. Perhaps it is a new version that"
            " nothing refers to yet. Name it in the *Template* setting or in the *Template* column"
            " of the Recipients sheet, or move it to another folder.",
            example=Example("templates/short.docx"),
        ),
        "column-unused": Message(
            "No letter uses the “{headings}” {headings:column|columns}.",
            "To include {headings:it|the first}, add {tag} to the template.",
            "warning",
            about="A column has values that no letter contains. Perhaps its placeholder is missing;"
            " perhaps the column is only for you.",
            example=Example(
                "signers.xlsx, Recipients!B1",
                {"headings": ["Country"], "tag": "{{ recipient.country }}"},
            ),
        ),
        "condition-holds-for-no": Message(
            "{tag} is true for every cell that is not blank, but {cell} says “{value}”.",
            'Use {name} == "yes", or clear the cells that say no.',
            "warning",
            about="`{% if name %}` is true for every cell that is not blank, so also for *no*."
            " Compare it with a word, or clear those cells.",
            example=Example(
                "appeal.docx, line “I was in {% if recipient.vip %}x{% endif %}.” (paragraph 2)",
                {
                    "tag": "{% if recipient.vip %}",
                    "cell": "Recipients!B2",
                    "value": "no",
                    "name": "recipient.vip",
                },
            ),
        ),
        "name-spaces": Message(
            "The name has extra spaces or a line break.",
            "Delete them.",
            "warning",
            about="The words of the name have two spaces or a line break between them. Delete"
            " these.",
            example=Example("signers.xlsx, Signers!A2"),
        ),
        "name-small-letters": Message(
            "The name has no capital letters.",
            "Enter it as it should be printed.",
            "warning",
            about="A name without any capital letter was perhaps entered in a hurry.",
            example=Example("signers.xlsx, Signers!A2"),
        ),
        "name-not-a-name": Message(
            "The name contains an email address or digits.",
            "Enter only the name in this cell.",
            "warning",
            about="The name contains an email address or a digit, which would be printed: move it"
            " to its own column. Or the name is a single letter, or a word such as `Null` that is"
            " usually not a name. Enter *yes* in a *Name checked* column to confirm a name,"
            " whatever it looks like.",
            example=Example("signers.xlsx, Signers!A2"),
        ),
        "name-not-a-name/letter": Message(
            "The name is a single letter.", "Check that the person has this name.", "warning"
        ),
        "name-not-a-name/word": Message(
            "“{name}” may not be a name.", "Check that the person has this name.", "warning"
        ),
        "name-mixed-letters": Message(
            "A word of the name mixes Latin and Cyrillic letters.",
            "Enter the word again with one keyboard layout.",
            "warning",
            about="A word mixes Latin and Cyrillic letters that look alike. Enter it again with one"
            " keyboard layout.",
            example=Example("signers.xlsx, Signers!A2"),
        ),
        "people-alike": Message(
            "The name looks like “{name}” in {row}.",
            "If they are the same person, delete one row.",
            "warning",
            about="Two names differ only in accents, spaces, punctuation or look-alike letters. If"
            " they are the same person, delete one.",
            example=Example("signers.xlsx, Signers!A3", {"name": "José Gil", "row": "row 2"}),
        ),
        "people-alike/same": Message(
            "The same name is in {row}, and one of the two has no ID.",
            "If they are the same person, delete one row. Otherwise give both an ID.",
            "warning",
        ),
        "people-alike/ids": Message(
            "The same person is probably in {row} under another ID: all other cells are the same.",
            "If this is one person, delete one of the rows: two letters would be printed.",
            "warning",
        ),
        "text-left-over": Message(
            "“{value}” looks unfinished.",
            "Fill in the cell, or clear it.",
            "warning",
            about="The cell looks as if someone meant to fill it in later. Fill it in, or clear"
            " it.",
            example=Example("signers.xlsx, Recipients!B3", {"value": "TBC"}),
        ),
        "text-with-tag": Message(
            "This cell contains a placeholder, which letters would show as plain text.",
            "Use placeholders only in the Word template.",
            "warning",
            about="A cell of the workbook contains a placeholder. Letters show it unchanged: only"
            " the template can have placeholders.",
            example=Example("signers.xlsx, Recipients!B2"),
        ),
        "text-broken-accents": Message(
            "The accents of “{value}” are damaged.",
            "Enter “{repaired}”.",
            "warning",
            about="The accented letters were damaged when a file was opened with the wrong"
            " character encoding. Copy the text from the message.",
            example=Example(
                "signers.xlsx, Recipients!B2", {"value": "MÃ¼nchen", "repaired": "München"}
            ),
        ),
        "date-among-words": Message(
            "Excel has changed this to a date, “{value}”, but the other cells are text.",
            "Format the cell as Text, then enter it again.",
            "warning",
            about="Excel changed something like 3-4 to a date. Format the cell as *Text*, then"
            " enter it again.",
            example=Example("signers.xlsx, Recipients!B4", {"value": "3-Apr"}),
        ),
        "date-english": Message(
            "“{value}” is an English date in a letter that is not in English.",
            "Enter the date again so that Excel recognises it as a date, and add |date to the"
            " placeholder.",
            "warning",
            about="A letter in another language contains a date in English. Enter the date again so"
            " that Excel recognises it as a date, and add `|date` to the placeholder.",
            example=Example("signers.xlsx, Recipients!B2", {"value": "4 March 2026"}),
        ),
        "date-language": Message(
            "“{value}” would be unchanged in a letter in {language}.",
            "Use {tag} in the template.",
            "warning",
            about="A date is printed as Excel shows it, with the names of months or days in one"
            " language, in a letter in another. Add `|date` to the placeholder in the template.",
            example=Example(
                "signers.xlsx, Settings!B2",
                {
                    "value": "15 January 2027",
                    "language": "French",
                    "tag": "{{ settings.deadline|date }}",
                },
            ),
        ),
        "date-language/field": Message(
            "“{value}” would be unchanged in a letter in {language}.",
            'In Word, give the field {field} a date format: \\@ "d MMMM yyyy".',
            "warning",
        ),
        "number-lost-zeros": Message(
            "“{value}” may have lost its leading zeros.",
            "If it should be “{repaired}”, format the column as Text, then enter the number again.",
            "warning",
            about="Excel removes the zeros at the start of a number: 02134 becomes 2134. Format the"
            " column as *Text*, then enter the number again. When you import responses, the import"
            " can restore the zeros: select the correction, or use `--fix lost-zeros`.",
            example=Example("signers.xlsx, Recipients!B2", {"value": "2134", "repaired": "02134"}),
        ),
        "number-scientific": Message(
            "This number is shortened, as in 1.23E+15.",
            "Format the cell as Text, then enter the number again.",
            "warning",
            about="Excel shortens a long number, and the letter would contain it like that. Format"
            " the cell as *Text*, then enter the number again with all its digits.",
            example=Example("signers.xlsx, Recipients!B2"),
        ),
        "number-hashes": Message(
            "Excel shows this number only as ####.",
            "Choose another format for the cell (Home > Number).",
            "warning",
            about="Excel shows `####` because the format cannot show the value. Choose another"
            " format.",
            example=Example("signers.xlsx, Recipients!B2"),
        ),
    },
)
