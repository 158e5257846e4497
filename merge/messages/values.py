"""Messages about contents of cells that a placeholder cannot print."""

from merge.messages.message import Example, Message, MessageSection

_SUM = "{{ recipient.sum|number }}"
_TOWN = "I was in {{ recipient.town }}."

SECTION = MessageSection(
    "Values in cells",
    "These problems are reported for each person before a letter is created. They block only the"
    " letters that need the cell.",
    {
        "blank-in-sentence": Message(
            "This cell is blank, but the sentence “{words}” uses it.",
            "Fill in the cell, or allow blanks with {optional}.",
            about="A sentence would have a gap. Fill in the cell. If it may be blank, add"
            " `|optional` to the placeholder, or enclose the sentence in `{% if … %}` and"
            " `{% endif %}`. A name and a salutation are never blank.",
            example=Example(
                "signers.xlsx, Recipients!B3",
                {"words": _TOWN, "optional": "{{ recipient.town|optional }}"},
            ),
        ),
        "blank-in-sentence/never": Message(
            "This cell is blank, but “{words}” in the template needs it.", "Fill it in."
        ),
        "blank-in-sentence/field": Message(
            "This cell is blank, but the sentence “{words}” uses it.",
            "Fill in the cell, or replace the field with {optional} to allow blanks.",
        ),
        "blank-in-sentence/pairs": Message(
            "{tag} is blank for some letters: no row of the Pairs sheet fills it.",
            "Fill in the column for all letters, or allow blanks with {optional}.",
        ),
        "blank-in-sentence/column": Message(
            "This sheet has no “{heading}” column, but the sentence “{words}” uses it.",
            "Add the column and fill it in, or allow blanks with {optional}.",
        ),
        "blank-in-sentence/text": Message(
            "{tag} is blank, but the sentence “{words}” uses it.",
            "Provide a value, or allow blanks with {optional}.",
        ),
        "cell-error": Message(
            "This cell shows {shown}.",
            "Fix the formula or enter the value.",
            about="The formula in the cell has failed. Fix it, or enter the text.",
            example=Example("signers.xlsx, Recipients!B2", {"shown": "#N/A"}),
        ),
        "cell-date": Message(
            "“{value}” is not a valid date.",
            "Enter the date again in Excel.",
            about="A program other than Excel saved a date, time or duration in this cell that does"
            " not exist. Enter it again.",
            example=Example("signers.xlsx, Recipients!B2", {"value": "31 June"}),
        ),
        "formula-without-value": Message(
            "The file does not contain the result of this formula.",
            "Open the workbook in Excel, save it and close it.",
            about="A program other than Excel saved the workbook without the results. Open it in"
            " Excel, save it and close it.",
            example=Example("signers.xlsx, Recipients!B2"),
        ),
        "character-forbidden": Message(
            "This cell contains a character that Word cannot use ({character}).",
            "Clear the cell and enter the text again.",
            about="The cell contains an invisible character that Word does not accept. Enter the"
            " text again.",
            example=Example("signers.xlsx, Recipients!B2", {"character": "U+000B"}),
        ),
        "character-forbidden/value": Message(
            "The text contains a character that Word cannot use ({character}).", "Delete it."
        ),
        "format-unsupported": Message(
            "The number format of this cell (“{format}”) cannot be printed.",
            "Choose another format (Home > Number).",
            about="The program cannot show this number as Excel does, and does not guess. Choose"
            " another number format.",
            example=Example("signers.xlsx, Recipients!B2", {"format": "[DBNum1]0"}),
        ),
        "not-a-date": Message(
            "“{value}” is not a date.",
            "Format the cell as a date in Excel, or remove {filter}.",
            about="The placeholder asks for a date, but the cell contains other text. Format the"
            " cell as a date, or remove `|date`.",
            example=Example(
                "signers.xlsx, Recipients!B2",
                {"value": "in May", "filter": "|date"},
                prefix="{{ recipient.born|date }}",
            ),
        ),
        "not-a-number": Message(
            "“{value}” is not a number.",
            "Enter a number, or remove {filter}.",
            about="The placeholder asks for a number, but the cell contains text. Often the number"
            " was entered with a word or a space.",
            example=Example(
                "signers.xlsx, Recipients!B2", {"value": "many", "filter": "|number"}, prefix=_SUM
            ),
        ),
        "not-a-number/value": Message(
            "Excel cannot store this number.", "Use another number, or text."
        ),
        "not-a-pattern": Message(
            "“{pattern}” is not a valid format for this value.",
            "Use a format such as {example}.",
            about="The text in quotation marks after `|date` or `|number` is not a format. Copy the"
            " one in the message.",
            example=Example(
                "appeal.docx, line “I was in {{ recipient.sum|number('x') }}.” (paragraph 2)",
                {"pattern": "x", "example": '"#,##0.00"'},
                prefix='{{ recipient.sum|number("x") }}',
            ),
        ),
        "time-missing": Message(
            "“{value}” has no time, but the format has hours or minutes.",
            "In Excel, give the cell a date format with a time, or remove the time from the"
            " placeholder.",
            about="A date is printed with hours or minutes, but the cell has only a day. Word would"
            " print `00:00`.",
            example=Example(
                "signers.xlsx, Recipients!B2",
                {"value": "4 March 2026"},
                prefix='{{ recipient.day|date("d MMM yyyy HH:mm") }}',
            ),
        ),
        "not-a-list": Message(
            "“{value}” is not a list that can be repeated.",
            "To repeat the lines of a cell, add |lines to its name.",
            about="A loop can only repeat something that has lines. Add `|lines` to the name of a"
            " cell.",
            example=Example(
                "appeal.docx, line “{% for a in recipient.name|lines %}{% for b in loop.index %…”"
                " (paragraph 1)",
                {"value": "1"},
                prefix="{% for b in loop.index %}",
            ),
        ),
        "list-printed": Message(
            "This is a list, which cannot be printed directly.",
            'Repeat its items with {% for … %}, or add |join(", ").',
            about='The lines of a cell are in a single placeholder. Add `|join(", ")`, or remove'
            " `|lines`.",
            example=Example(
                "appeal.docx, line “I was in {{ recipient.town|lines }}.” (paragraph 2)",
                prefix="{{ recipient.town|lines }}",
            ),
        ),
        "too-much": Message(
            "The cell has more than {most} lines.",
            "Shorten it.",
            about="A cell or a placeholder has more text than a letter can contain. Shorten it.",
            example=Example(
                "signers.xlsx, Recipients!B2",
                {"most": 100},
                prefix="{{ recipient.town|lines|join }}",
            ),
        ),
        "too-much/text": Message(
            "The text of the placeholder would have more than {most} characters.", "Shorten it."
        ),
        "too-much/letter": Message(
            "The letter would have more than {most} characters.",
            "Use shorter texts or fewer loops.",
        ),
        "compared-with-text": Message(
            "Text is compared with a number or date.",
            "Compare numbers with numbers, without quotation marks, and text with text in"
            " quotation marks.",
            about="Text cannot be less or greater than a number. Make the cell a number, or compare"
            " it with text in quotation marks.",
            example=Example(
                "appeal.docx, line “I was in {% if recipient.sum > 3 %}x{% endif %}.”"
                " (paragraph 2)",
                prefix="{% if recipient.sum > 3 %}",
            ),
        ),
        "not-a-span": Message(
            "“{value}” is not a number of columns.",
            "Enter a number from 1 to {most}.",
            about="The number of columns that a table cell spans must be a number such as 2.",
            example=Example(
                "signers.xlsx, Recipients!A2",
                {"value": "Minister Li", "most": 63},
                prefix="{{ recipient.name }}",
            ),
        ),
        "not-a-colour": Message(
            "“{value}” is not a colour.",
            "Enter six characters, each 0–9 or A–F, such as FFCC00, or auto.",
            about="The colour of a table cell must be six characters, each 0–9 or A–F, as Word"
            " shows them under *More Colors*, or `auto`.",
            example=Example(
                "signers.xlsx, Recipients!B2",
                {"value": "yellow"},
                prefix="{{ recipient.colour }}",
            ),
        ),
        "link-not-allowed": Message(
            "“{address}” is not a complete web or email address.",
            "Start the address with https:// or mailto:, or clear the cell.",
            about="A placeholder is in the address of a link, and the cell leads neither to a web"
            " page (https://), nor to an email address (mailto:), nor to a telephone (tel:)."
            " Other addresses could open a file or start a program. What counts is the finished"
            " address: `https://good.org@evil.example` leads to evil.example, whichever cells it"
            " comes from. So it cannot have `@` or `\\` before the first `/`.",
            example=Example(
                "signers.xlsx, Recipients!B2",
                {"address": "www.example.org"},
                prefix="{{ recipient.site }}",
            ),
        ),
        "link-not-allowed/server": Message(
            "“{address}” is not a valid web address.",
            "Start the address as in the browser: https://, the server, then /.",
        ),
    },
)
