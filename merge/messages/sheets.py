"""Messages about sheets, column headings and people."""

from merge.messages.message import Example, Message, MessageSection

_NO_ONE_LISTED = "No one is listed below the {headings:heading|headings} “{headings}”."

SECTION = MessageSection(
    "Sheets, headings and people",
    "The sheets of the workbook, their headings, and the people in them.",
    {
        "sheet-missing": Message(
            ("The workbook has no “{sheet}” sheet.", "Sheets found: “{found}”."),
            (
                "Rename “{near}” to “{sheet}”.",
                "Rename the sheet that lists the {people} to “{sheet}”, or add one.",
            ),
            about="The workbook needs a *Signers* sheet and a *Recipients* sheet. Rename a sheet,"
            " or add one.",
            example=Example(
                "signers.xlsx",
                {
                    "sheet": "Recipients",
                    "found": ["Signers", "Recipient"],
                    "near": "Recipient",
                    "people": None,
                },
            ),
        ),
        "list-sheet-missing": Message(
            "No sheet has the headings “ID” and “Name”.",
            "Rename the sheet that lists the people to “Signers”, and restore its headings.",
            about="The program cannot find the sheet of the list that contains the people. Rename"
            " it to *Signers*, and restore the headings *ID* and *Name*.",
            example=Example("signers from forms.xlsx"),
        ),
        "sheet-empty": Message(
            "This sheet is empty.",
            "Add the {headings:heading|headings} “{headings}”.",
            about="The sheet exists but has no content. Enter the headings, and people below them.",
            example=Example("signers.xlsx, Signers sheet", {"headings": ["Name"]}),
        ),
        "sheet-near": Message(
            "The “{near}” sheet is not used.",
            "If it is meant to be the {sheet} sheet, rename it to “{sheet}”.",
            "warning",
            about="The name of a sheet is similar to one that the program reads. Rename the sheet"
            " if it is that one; otherwise do nothing.",
            example=Example(
                "signers.xlsx, Setings sheet", {"near": "Setings", "sheet": "Settings"}
            ),
        ),
        "sheet-unclear": Message(
            "Several sheets could be the {sheet} sheet: “{sheets}”.",
            "Rename the right one to “{sheet}”.",
            about="The names of two sheets mean the same sheet in one of the languages. Give the"
            " right one the English name.",
            example=Example(
                "signers.xlsx", {"sheet": "Signers", "sheets": ["Firmantes", "Signatarios"]}
            ),
        ),
        "heading-missing": Message(
            "The sheet has no “{heading}” column. Headings found: “{found}”.",
            (
                "Did you mean “{near}”?",
                "Rename the column that contains the {content} to “{heading}”, or add one.",
            ),
            about="No row has the heading that is needed. A title may be above the headings, but"
            " the heading itself is required. Every person needs a name: if you write to an office,"
            " enter the position or the office as the name.",
            example=Example(
                "signers.xlsx, Signers!1",
                {
                    "heading": "Name",
                    "found": ["Person", "City"],
                    "near": None,
                    "content": "names",
                },
            ),
        ),
        "heading-missing/parts": Message(
            "The sheet has no “Name” column. Headings found: “{found}”.",
            "Add a “Name” column with the complete names. Keep “{parts}” if your template uses"
            " them.",
        ),
        "heading-missing/both": Message(
            "The sheet has no “Signer” column and no “Recipient” column. Headings found:"
            " “{found}”.",
            "Add these headings above the columns with the signers and the recipients.",
        ),
        "heading-twice": Message(
            "The headings in {first_cell} (“{first}”) and {second_cell} (“{second}”) have the same"
            " placeholder.",
            "Rename one of them.",
            about="Two columns would have the same placeholder: capitals, spaces and punctuation"
            " do not count. Rename one.",
            example=Example(
                "signers.xlsx, Signers!C1",
                {"first_cell": "B1", "first": "City", "second_cell": "C1", "second": "city "},
            ),
        ),
        "heading-twice/keys": Message(
            "Two keys have the same placeholder, “{tag}”.", "Remove one of them."
        ),
        "heading-near": Message(
            "The heading “{heading}” looks like “Include” but is not used, so no one is excluded.",
            "Rename it to “Include”. If it has another purpose, use {tag} in the template, or"
            " change the heading.",
            about="A heading is similar to *Include*, *Template*, *Language* or *ID*, and its"
            " cells contain such values, but the program does not use it. For example, letters"
            " would be created for people who should be excluded. Correct the heading. If the"
            " column has another purpose, use its placeholder in the template, or change its"
            " heading.",
            example=Example(
                "signers.xlsx, Recipients!B1",
                {"heading": "Included?", "tag": "{{ recipient.included }}"},
            ),
        ),
        "heading-near/template": Message(
            "The heading “{heading}” looks like “Template” but is not used, so it selects no"
            " template.",
            "Rename it to “Template”. If it has another purpose, use {tag} in the template, or"
            " change the heading.",
        ),
        "heading-near/language": Message(
            "The heading “{heading}” looks like “Language” but is not used, so it sets no"
            " language.",
            "Rename it to “Language”. If it has another purpose, use {tag} in the template, or"
            " change the heading.",
        ),
        "heading-near/id": Message(
            "The heading “{heading}” looks like “ID” but is not used, so it identifies no one.",
            "Rename it to “ID”. If it has another purpose, use {tag} in the template, or change"
            " the heading.",
        ),
        "heading-unclear": Message(
            "Several headings could mean “{heading}”: “{headings}”.",
            "Rename the right one to “{heading}”.",
            about="Two headings mean the same heading of the program in one of the languages. Give"
            " the right column the English heading.",
            example=Example(
                "signers.xlsx, Signers!C1",
                {"heading": "Include", "headings": ["Inclure", "Inclus"]},
            ),
        ),
        "template-column": Message(
            "The “{heading}” column names templates (“{templates}”) but is not used.",
            "Rename it to “Template”. If it has another purpose, use {tag} in the template.",
            about="A column names files in `templates/`, but its heading is not *Template*, or it"
            " is not in the Recipients sheet. All recipients would get the default letter. Change"
            " the heading to *Template*.",
            example=Example(
                "signers.xlsx, Recipients!B1",
                {
                    "heading": "Letter",
                    "templates": ["short.docx"],
                    "tag": "{{ recipient.letter }}",
                },
            ),
        ),
        "template-column/sheet": Message(
            "The “{heading}” column names templates (“{templates}”) but is not used.",
            "Move it: only a “Template” column in the Recipients sheet selects templates.",
        ),
        "heading-without-letters": Message(
            "This column is not used: its heading “{heading}” has no letters.",
            "Enter a heading with letters, or ignore this if no letter needs the column.",
            "warning",
            about="A heading without letters has no placeholder, so its column is not read. Enter"
            " a word, or ignore the warning if no letter needs the column.",
            example=Example("signers.xlsx, Signers!B2", {"heading": "***"}),
        ),
        "column-without-heading": Message(
            "Column {column} has no heading and is not used.",
            "Enter a heading, or ignore this if no letter needs the column.",
            "warning",
            about="A column without a heading contains values, which are not read. Enter a heading,"
            " or ignore the warning if no letter needs the column.",
            example=Example("signers.xlsx, Signers!B2", {"column": "B"}),
        ),
        "cells-merged": Message(
            "Cells {first} to {last} are merged, so only the first has a value.",
            "Unmerge them (Home > Merge & Center) and fill in each cell.",
            about="Merged cells have one value for several people, and Excel keeps it in the first"
            " cell only. Unmerge them and fill in each cell.",
            example=Example("signers.xlsx, Recipients!B2", {"first": "B2", "last": "B3"}),
        ),
        "nobody": Message(
            _NO_ONE_LISTED,
            "Add one person per row, or import form responses.",
            about="The sheet has headings, but no one in it takes part. Add people, or check the"
            " *Include* column.",
            example=Example("signers.xlsx, Signers sheet", {"headings": ["Name"]}),
        ),
        "nobody/recipients": Message(_NO_ONE_LISTED, "Add one person per row."),
        "nobody/excluded": Message(
            "Everyone in this sheet is excluded.",
            "Clear “no” in Include for those who take part, or show their rows.",
        ),
        "name-missing": Message(
            "The name is missing in this row.",
            "Enter it, or delete the row.",
            about="A row has values but no name. Enter the name, or delete the row.",
            example=Example("signers.xlsx, Signers!A2"),
        ),
        "name-left-over": Message(
            "“{name}” is not a person’s name.",
            "Enter the name, or set Include to “no”. If it really is the name, add a “Name"
            " checked” column and enter “yes”.",
            about="The value in *Name* is not a name: it has no letters, or is a word for what is"
            " still missing, such as `N/A`, `TBC`, `test` or `unknown`, in seven languages. Enter"
            " the name, or *no* in *Include*. If the person really has this name, enter *yes* in a"
            " *Name checked* column.",
            example=Example("signers.xlsx, Signers!A3", {"name": "N/A"}),
        ),
        "name-part": Message(
            "The “{heading}” column seems to contain only part of each name. “{other}” in column"
            " {column} is not included.",
            "Enter full names in one column, with the heading “Name”.",
            about="The sheet has a column of given or family names, and in most rows *Name* does"
            " not include that part. Letters would be signed with half a name. Enter full names in"
            " one column with the heading *Name*.",
            example=Example(
                "signers.xlsx, Signers!A1", {"heading": "Nom", "other": "Prénom", "column": "B"}
            ),
        ),
        "name-twice": Message(
            "“{name}” is also in {row}.",
            "Delete one of the two rows, or give each person a different ID in an “ID” column.",
            about="Two rows have the same name, and the program cannot distinguish them. Delete"
            " one. If they are two people, give both an ID.",
            example=Example("signers.xlsx, Signers!A2", {"name": "Ana Ruiz", "row": "row 3"}),
        ),
        "name-twice/more": Message(
            "“{name}” is also in {row} and {more:# other row|# other rows}.",
            "Delete the extra rows, or give each person a different ID in an “ID” column.",
        ),
        "id-twice": Message(
            "The ID “{id}” is also in {row}.",
            "Give each person a different ID.",
            about="Two rows have the same ID. An ID always belongs to one person: change one of"
            " the two.",
            example=Example("signers.xlsx, Signers!A2", {"id": "1", "row": "row 3"}),
        ),
        "id-twice/more": Message(
            "The ID “{id}” is also in {row} and {more:# other row|# other rows}.",
            "Give each person a different ID.",
        ),
        "include-unknown": Message(
            "“{value}” is not valid in the Include column.",
            "Enter “yes” or “no”, or leave it blank.",
            about="*Include* says who takes part: `yes`, `no` or blank. The program does not guess"
            " what other values mean.",
            example=Example("signers.xlsx, Signers!B2", {"value": "maybe"}),
        ),
        "hidden-rows": Message(
            "{rows:# hidden or filtered row is|# hidden or filtered rows are} still used.",
            "Show all rows (Data > Clear), or add “Hidden rows: skip” to the Settings sheet.",
            "warning",
            about="Rows that you do not see, often because of a filter, get letters too. Show and"
            " check them, or skip them with the *Hidden rows* setting.",
            example=Example("signers.xlsx, Recipients sheet", {"rows": 1}),
        ),
        "hidden-rows/settings": Message(
            "{rows:# hidden or filtered setting is|# hidden or filtered settings are} still used.",
            "Show all rows (Data > Clear).",
            "warning",
        ),
    },
)
