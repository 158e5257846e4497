"""Messages about settings, languages, pairs, and which letters there are."""

from merge.messages.message import Example, Message, MessageSection

_CODE = "Enter its code, for example en, fr, de, es, ru or ar."

SECTION = MessageSection(
    "Settings, languages and pairs",
    "The Settings and Pairs sheets, and which letters there are.",
    {
        "setting-unknown": Message(
            "“{name}” is not a setting of the program, only information for the letters.",
            "If you mean the {near} setting, rename it to “{near}”.",
            "warning",
            about="A name in the Settings sheet is similar to a setting of the program. Correct it"
            " if you meant that one.",
            example=Example("signers.xlsx, Settings!A2", {"name": "Languages", "near": "Language"}),
        ),
        "setting-twice": Message(
            "“{name}” is also set in {cell}.",
            "Delete one of the two rows.",
            about="The same setting is in the sheet twice. Delete one row.",
            example=Example("signers.xlsx, Settings!A2", {"name": "Date", "cell": "A1"}),
        ),
        "setting-without-name": Message(
            "This setting has no name.",
            "Enter a name to the left of its value, or clear the row.",
            about="A value has no name to its left. Enter one, or clear the row.",
            example=Example("signers.xlsx, Settings!A2"),
        ),
        "setting-without-name/signs": Message(
            "“{name}” has no letters, so it is not a name for a setting.",
            "Enter a name with letters, or clear the row.",
        ),
        "setting-language": Message(
            "“{language}” is not a language that the program knows.",
            _CODE,
            about="The program does not know this language. Enter its short code: `en`, `fr`, `ru`,"
            " `ar`.",
            example=Example("signers.xlsx, Settings!B2", {"language": "french"}),
        ),
        "setting-date": Message(
            "“{date}” is not a clear date.",
            "Enter it as year-month-day, for example 2026-03-04.",
            about="It is not clear which day is meant: 04/03 is in April to some people and in"
            " March to others. Enter the year first, or give the cell a date format.",
            example=Example("signers.xlsx, Settings!B2", {"date": "04/03/2026"}),
        ),
        "setting-hidden-rows": Message(
            "“{value}” is not valid for the Hidden rows setting.",
            "Enter “read” or “skip”.",
            about="The *Hidden rows* setting must be `read` (people in hidden rows get letters) or"
            " `skip` (they do not).",
            example=Example("signers.xlsx, Settings!B2", {"value": "maybe"}),
        ),
        "setting-signers-from-forms": Message(
            "“{value}” is not valid for the Signers from forms setting.",
            "Enter “read” or “skip”.",
            about="The *Signers from forms* setting must be `read` (people imported from forms are"
            " signers) or `skip` (they are not).",
            example=Example("signers.xlsx, Settings!B2", {"value": "maybe"}),
        ),
        "setting-hidden-text": Message(
            "“{value}” is not valid for the Hidden text setting.",
            "Enter “keep” if letters should contain the template’s hidden text, otherwise"
            " “remove”.",
            about="The *Hidden text* setting is `keep` or `remove`: whether letters contain the"
            " text that is hidden in the template.",
            example=Example("signers.xlsx, Settings!B2", {"value": "yes"}),
        ),
        "setting-merge-fields": Message(
            "“{value}” is not valid for the Merge fields setting.",
            "Enter “recipient” or “signer”: whose data a merge field shows if both sheets have its"
            " column.",
            about="The *Merge fields* setting is `recipient` or `signer`: whose column a Word merge"
            " field refers to.",
            example=Example("signers.xlsx, Settings!B2", {"value": "both"}),
        ),
        "setting-pages": Message(
            "“{value}” is not valid for the Pages setting.",
            "Enter the number of pages that a letter may have, such as 1 or 2.",
            about="The *Pages* setting says how many pages a letter may have: 1, 2, 3…",
            example=Example("signers.xlsx, Settings!B2", {"value": "two"}),
        ),
        "setting-column": Message(
            "The Match setting is “{column}”, but the {sheet} sheet has no such column.",
            ("Did you mean “{near}”?", "Enter a column heading exactly as in the sheet."),
            about="The *Match* and *Sort by* settings name a column by its heading, and the column"
            " does not exist. *Match* needs the column in both sheets.",
            example=Example(
                "signers.xlsx, Settings!B2",
                {"column": "Contry", "sheet": "Recipients", "near": "Country"},
            ),
        ),
        "setting-column/sort": Message(
            "The Sort by setting is “{column}”, but neither sheet has such a column.",
            ("Did you mean “{near}”?", "Enter a column heading exactly as in the sheet."),
        ),
        "language-unknown": Message(
            "“{language}” is not a language that the program knows.",
            _CODE,
            about="The program does not know the language of this recipient, so it cannot write"
            " dates in it. Enter its short code: `en`, `fr`, `ru`, `ar`.",
            example=Example("signers.xlsx, Recipients!B2", {"language": "french"}),
        ),
        "pair-nobody": Message(
            "“{name}” is not in the {sheet} sheet.",
            ("Did you mean “{near}”?", "Enter the name or ID exactly as in that sheet."),
            about="The Pairs sheet names someone who is not in the other sheet. Copy the name from"
            " there, or enter the ID.",
            example=Example(
                "signers.xlsx, Pairs!A2",
                {"name": "Ana Ruis", "sheet": "Signers", "near": "Ana Ruiz"},
            ),
        ),
        "pair-blank": Message(
            "This cell is blank.",
            "Enter a name, an ID, or * for everyone.",
            about="Each row of the Pairs sheet needs a signer and a recipient. Enter `*` for"
            " everyone.",
            example=Example("signers.xlsx, Pairs!B2"),
        ),
        "pair-shared": Message(
            "“{name}” could be {ids:# person|# people} in the {sheet} sheet: “{ids}”.",
            "Enter the ID instead of the name.",
            about="Several people have the name in the Pairs sheet. Enter the ID of the right one.",
            example=Example(
                "signers.xlsx, Pairs!A2",
                {"name": "Ana Ruiz", "sheet": "Signers", "ids": ["S1", "S2"]},
            ),
        ),
        "pair-twice": Message(
            "Row {row} is for the same people but has different values.",
            "Delete one of the two rows.",
            about="Two rows of the Pairs sheet are for the same people and contradict each other."
            " Delete one.",
            example=Example("signers.xlsx, Pairs!3", {"row": 2}),
        ),
        "pair-unclear": Message(
            "This cell and the one in row {row} apply to the same letter but differ.",
            "Add a row for that signer and that recipient, and fill in the cell there.",
            about="One row is for a signer and one for a recipient, and they give their letter"
            " different values. Add a row with both names to decide.",
            example=Example("signers.xlsx, Pairs!C2", {"row": 3}),
        ),
        "unpaired-people": Message(
            "{people:# person|# people} in the {sheet} sheet {people:has|have} no row here, so no"
            " letters are created for them: “{people}”.",
            "Add rows for them, or set their Include to “no”.",
            "warning",
            about="The Pairs sheet has rows for others but not for these people, so there are no"
            " letters for them. Do nothing if this is intended. It is not reported if every row has"
            " a date in *Posted on*, as in a campaign of reminders.",
            example=Example(
                "signers.xlsx, Pairs sheet", {"people": ["Bo Berg"], "sheet": "Signers"}
            ),
        ),
        "unpaired-people/listed": Message(
            "{people:# person|# people} in the {sheet} sheet of signers from forms.xlsx"
            " {people:has|have} no pair, so no letters are created for them: “{people}”.",
            "In the Writes to column there, enter “everyone”, or the name of another signer to give"
            " them the same recipients.",
            "warning",
        ),
        "unmatched-people": Message(
            "{people:# person matches|# people match} no one in the {sheet} sheet, so no letters"
            " are created for them: “{people}”.",
            "Correct the cells that should match, or clear them to match everyone.",
            "warning",
            about="The *Match* setting finds no one for these people, so there are no letters for"
            " them. Look for different spellings.",
            example=Example(
                "signers.xlsx, Recipients!B", {"people": ["Consul Roy"], "sheet": "Signers"}
            ),
        ),
        "nobody-of-that-name": Message(
            "No signer or recipient has the name or ID “{name}” ({option}).",
            ("Did you mean “{near}”?", "Enter the full name, or the ID."),
            about="`--for` needs a full name or an ID, as in the workbook; capitals do not matter.",
            example=Example("signers.xlsx", {"name": "Ana", "option": "--for", "near": "Ana Ruiz"}),
        ),
        "try-among-letters": Message(
            "Trial letters cannot be saved in the campaign folder or its letters folder.",
            "Choose another folder.",
            about="Trial letters are only for checking, so they are kept apart from the campaign."
            " Choose another folder.",
            example=Example("--try letters"),
        ),
        "no-letters": Message(
            "No letters to create: no signer is matched with a recipient.",
            "Check the Include columns, the Pairs sheet and the Match setting.",
            about="The workbook can be read, but no signer or no recipient is left.",
            example=Example("signers.xlsx"),
        ),
        "too-many-letters": Message(
            "The campaign has {letters} letters, but the register, an Excel sheet, has room for"
            " {most}.",
            "Divide it into several campaigns, or choose who writes to whom in the Pairs sheet.",
            about="The register has one row for each letter, and an Excel sheet has no room for so"
            " many. Nothing is created.",
            example=Example("signers.xlsx", {"letters": 1_050_625, "most": 1_048_575}),
        ),
        "file-name-twice": Message(
            "The letters of {first} and {second} would have the same file name.",
            "Add {{ signer.name }} or {{ signer.id }} near the start of the pattern.",
            about="The *File name* setting gives two letters the same name. Add placeholders for"
            " the signer and the recipient.",
            example=Example(
                "signers.xlsx, Settings!B2", {"first": "Ana Ruiz", "second": "Bo Berg"}
            ),
        ),
        "file-name-twice/recipient": Message(
            "The letters to {first} and {second} would have the same file name.",
            "Add {{ recipient.name }} or {{ recipient.id }} near the start of the pattern.",
        ),
    },
)
