"""Messages about form responses and other exports."""

from merge.advice import Hint, TaskOption
from merge.messages.message import Example, Message, MessageSection

_NOT_FOUND = "File not found in {folder}."
_SAVE_AS = "In Excel, save it as Excel Workbook (.xlsx)."

_LIST = "signers from forms.xlsx"

SECTION = MessageSection(
    "Form responses",
    "The file with the responses, as it was downloaded. Nothing is saved until it has been read and"
    " you have confirmed it.",
    {
        "form-missing": Message(
            _NOT_FOUND,
            "Did you mean {near}?",
            about="The file does not exist. Check its name, and the folder for your browser’s"
            " downloads.",
            example=Example(
                "Petition spring.csv",
                {"folder": "/home/ana/Downloads", "near": "Petition spring (2).csv"},
            ),
        ),
        "form-missing/convertible": Message(
            _NOT_FOUND, ("There is {near}.", "In its program, save it as Excel Workbook (.xlsx).")
        ),
        "form-missing/elsewhere": Message(
            _NOT_FOUND, "Use {there:the one|one of those} in {there}."
        ),
        "form-missing/nowhere": Message(_NOT_FOUND, "Check the name and the folder."),
        "form-missing/near-folder": Message("Folder not found: {folder}.", "Did you mean {near}?"),
        "form-missing/no-folder": Message(
            "Folder not found: {folder}.", "Check the name of the folder."
        ),
        "form-missing/below-file": Message(
            "{folder} is a file, not a folder.", "Enter the folder that contains it."
        ),
        "form-folder": Message(
            "This is a folder, not a form export.",
            "Choose the .csv file in this folder.",
            about="A folder was entered instead of the export. Enter the file in it.",
            example=Example("Downloads"),
        ),
        "form-folder/swapped": Message(
            "This is a folder, and {file} is a file.",
            "Enter the file first, then the campaign folder.",
        ),
        "form-locked": Message(
            "The file cannot be opened ({why}).",
            "Close it in Excel, or ask its owner for access.",
            about="The file exists but cannot be read: it is open in a program, or you do not have"
            " permission.",
            example=Example("answers.xlsx", {"why": "Permission denied"}),
        ),
        "form-empty": Message(
            "The file has no content.",
            "Download the responses again.",
            about="The file, or each of its sheets, is empty. The download may have been"
            " interrupted.",
            example=Example("answers.csv"),
        ),
        "form-empty/file": Message(
            "The file is empty.",
            "If it is in a cloud folder, wait until it has downloaded, or use a copy.",
        ),
        "form-xls": Message(
            "This is an older Excel format (.xls).",
            _SAVE_AS,
            about="It was saved in the format used before Excel 2007, or in Excel’s binary format."
            " Save it as .xlsx in Excel.",
            example=Example("answers.xls"),
        ),
        "form-xls/binary": Message("This is an Excel binary workbook (.xlsb).", _SAVE_AS),
        "form-web-page": Message(
            "This is a web page, not the responses.",
            "Sign in and download again. If Excel shows it as a table, save it there as .xlsx.",
            about="The platform sent a page instead of the responses, often the sign-in page. Its"
            " name may still end in .csv.",
            example=Example("answers.csv"),
        ),
        "form-other-file": Message(
            "This is {kind}, not a form export.",
            "Choose the file with the responses: CSV, Excel (.xlsx) or LibreOffice (.ods).",
            about="It is another kind of file: a PDF, a Word document, a Numbers file. Choose the"
            " one with the responses, or export it from the program that created it.",
            example=Example("answers.pdf", {"kind": "a PDF"}),
        ),
        "form-other-file/convertible": Message("This is {kind}, not a form export.", _SAVE_AS),
        "form-other-file/contacts": Message(
            "This is {kind}, not a list.",
            "In your contacts program, export the contacts as CSV, for example in Google Contacts"
            " with Export > Google CSV.",
        ),
        "form-other-file/apple": Message(
            "This is a Numbers or Pages file.",
            "In Numbers, choose File > Export To > CSV or Excel.",
        ),
        "form-other-file/no-sheets": Message(
            "This is a LibreOffice file without sheets.", _SAVE_AS
        ),
        "form-other-file/binary": Message(
            "This is not a form export, or it is damaged.",
            "In the program that created it, save it as Excel Workbook (.xlsx).",
        ),
        "form-protected": Message(
            "The file is password-protected.",
            "In Excel, remove the password: File > Info > Protect Workbook.",
            about="It cannot be opened without its password.",
            example=Example("answers.xlsx"),
        ),
        "form-protected/zip": Message(
            "The zip file is password-protected.", "Ask the sender for one without a password."
        ),
        "form-protected/libreoffice": Message(
            "The file is password-protected.", "In LibreOffice, save it without a password."
        ),
        "form-unreadable": Message(
            "The file is damaged or incomplete ({why}).",
            "Download it again, or save it again in the program that created it.",
            about="The file is damaged. Download it again.",
            example=Example("answers.zip", {"why": "a part of it is missing or damaged"}),
        ),
        "form-unreadable/old": Message(
            "This is an older Office file without a workbook in it.",
            "In the program that created it, save it as Excel Workbook (.xlsx).",
        ),
        "form-unreadable/device": Message(
            "This is a device or a pipe, not a file.", "Enter a file."
        ),
        "form-too-large": Message(
            "The file is too large: {why}.",
            "Download fewer responses, or delete what you do not need and save the file.",
            about="It is larger than the responses of any form should be: 50 MB, 100,000 rows,"
            " 2,000 columns, or a cell longer than Excel allows. Usually something is wrong with"
            " its quotation marks.",
            example=Example("answers.csv", {"why": "more than 100,000 rows of data"}),
        ),
        "form-odd": Message(
            "The file may be harmful: {why}.",
            (
                "Do not open it unless you know and trust the sender.",
                "If you do, ask for a new export as .csv or .xlsx.",
            ),
            about="Programs do not normally create files with such a structure, but harmful files"
            " can have it. Do not open the file unless you trust the person who sent it.",
            example=Example("answers.zip", {"why": "Excel does not create files like this"}),
        ),
        "form-zip": Message(
            "The zip file contains more than one file with responses: {files}.",
            "Unpack it and choose the one with the responses.",
            about="A zip file is read if it contains one export. Unpack this one.",
            example=Example("answers.zip", {"files": ["may.csv", "june.csv"]}),
        ),
        "form-zip/none": Message(
            "The zip file contains no file with responses: {files}.",
            "Unpack it and choose the one with the responses.",
        ),
        "form-zip/empty": Message("The zip file is empty.", "Download the responses again."),
        "form-zip/zip": Message("The zip file contains another zip file.", "Unpack it first."),
        "form-encoding": Message(
            "The file is not UTF-8. Read as {encoding}, it contains: {names}.",
            ("Are these names correct?", "If they are: {this}.", "If not: {others}."),
            about="The file does not state its character encoding; CSV files saved by Excel never"
            " do. The names show whether it is read correctly.",
            example=Example(
                "answers.csv",
                {
                    "encoding": "Cyrillic",
                    "names": ["Мария Ветлугина", "Алёна Ёлкина"],
                    "this": TaskOption("read_as", "cyrillic"),
                    "others": Hint(
                        TaskOption("read_as", "western"), ", ", TaskOption("read_as", "greek")
                    ),
                },
            ),
        ),
        "form-read-as": Message(
            "“{word}” is not the name of a character encoding.",
            ("Did you mean {near}?", "Enter one of these: {words}."),
            about="There is no character encoding with this name.",
            example=Example("answers.csv", {"word": "cyrilic", "near": "cyrillic", "words": None}),
        ),
        "form-quote": Message(
            ("Row {row}: a quotation mark is not closed.", "{rows} rows would become one cell."),
            (
                "In a text editor, add the closing quotation mark and save.",
                "It probably belongs after “{text}”.",
            ),
            about="A quotation mark begins a cell that never ends, so everyone below would"
            " disappear in that one cell. Nothing is read until it is fixed.",
            example=Example("answers.csv", {"row": 14, "rows": 31, "text": "12 Elm St"}),
        ),
        "form-sheet": Message(
            "The file has no “{sheet}” sheet.",
            ("Did you mean “{near}”?", "Sheets found: “{sheets}”."),
            about="The workbook has no sheet with the name that was given.",
            example=Example(
                "answers.xlsx",
                {"sheet": "Answer", "near": "Answers", "sheets": ["Answers", "Summary"]},
            ),
        ),
        "form-sheet/text": Message("A text file has no sheets.", "Omit {option sheet}."),
        "form-not-a-table": Message(
            "The first 20 rows contain no column headings.",
            "Check that you exported the responses, not a summary.",
            about="None of the first rows of the file contains headings. Either a summary was"
            " exported instead of the responses, or the headings were removed.",
            example=Example("summary.csv"),
        ),
        "form-no-answers": Message(
            "The file has column headings, but no responses yet.",
            "Download it again when there are some.",
            about="The export has headings, but no responses below them.",
            example=Example("export.csv"),
        ),
        "form-older": Message(
            "The newest response is from {day}, but one from {newest} was imported before.",
            "This may be an older file: download the responses again.",
            "warning",
            about="The file was downloaded before one that has already been imported. It does not"
            " change anything that a newer response has said.",
            example=Example("export.csv", {"day": "2026-11-03", "newest": "2026-11-05"}),
        ),
        "form-own-file": Message(
            "This looks like {file}, a file of a campaign, not a form export.",
            "Choose the file that you downloaded from the form or platform.",
            about="A campaign’s own workbook, list or register was chosen instead of the export. It"
            " contains no form responses.",
            example=Example("signers.xlsx", {"file": "signers.xlsx"}),
        ),
        "form-goes-to": Message(
            "“{goes_to}” is not a column of the list.",
            ("Did you mean “{near}”?", "Choose from the list in the cell."),
            about="In the *Forms* sheet, a *Goes to* cell is blank, or has something that is not a"
            " column of the list. To use a heading of your own, first add it to signers.xlsx or to"
            " the list.",
            example=Example(
                "signers from forms.xlsx, Forms!D5", {"goes_to": "Strett", "near": "Street"}
            ),
        ),
        "form-goes-to/blank": Message(
            "This cell is blank, so “{heading}” is not matched.",
            ("Did you mean “{near}”?", "Choose from the list in the cell."),
        ),
        "form-again": Message(
            "No one in the file has the name or ID “{name}”.",
            ("Did you mean “{near}”?", "Enter the name exactly as in the file."),
            about="The person to be added again is not in the file under that name or ID.",
            example=Example("export.csv", {"name": "An Lee", "near": "Ann Lee"}),
        ),
        "form-means-yes": Message(
            "“{word}” is not an answer to a consent question.",
            ("Did you mean “{near}”?", "Enter the answer exactly as in the file."),
            about="An answer was given as meaning yes, but the columns for consent do not contain"
            " it.",
            example=Example("export.csv", {"word": "count me", "near": "Count me in"}),
        ),
        "form-column": Message(
            "The file has no “{column}” column.",
            ("Did you mean “{near}”?", "Enter the heading exactly as in the file."),
            about="`--column` names a column that is not in the file, or a target that is neither a"
            " column of the list of signers nor a placeholder for signers in the template.",
            example=Example("export.csv", {"column": "PZL", "near": "PLZ"}),
        ),
        "form-column/target": Message(
            "“{target}” is neither a column of the list of signers nor a placeholder for signers.",
            ("Did you mean “{near}”?", "Enter a column of the Signers sheet."),
        ),
        "form-column/typed": Message(
            "“{typed}” does not match a column of the file to one of the list.",
            "If PLZ is the heading in the file, enter {option column=Postal code=PLZ}.",
        ),
        "form-which": Message(
            "The responses could belong to {forms:# form|# forms} with the same headings:"
            " “{forms}”.",
            (
                "Choose one: {options}.",
                "If one is a mistake, delete its rows in the Forms sheet of {list}.",
            ),
            about="At least two forms that you have imported before have these headings. Choose"
            " one.",
            example=Example(
                "export.csv",
                {
                    "forms": ["Spring", "Autumn"],
                    "options": Hint(
                        TaskOption("form", "Spring"), " or ", TaskOption("form", "Autumn")
                    ),
                    "list": _LIST,
                },
            ),
        ),
        "form-unconfirmed": Message(
            "The matched columns of the form “{form}” have not been confirmed.",
            "Check them, then confirm them.",
            about="The matched columns were changed in the *Forms* sheet, or never confirmed. They"
            " are shown as they are now and need to be confirmed once: until then no one is"
            " imported, not even with `--yes`.",
            example=Example("export.csv", {"form": "Spring"}),
        ),
        "form-no-name": Message(
            "No column is matched to Name.",
            "Match the column with the names, in the Forms sheet of {list} or on the page.",
            about="No heading says that the column contains names. Choose the column with the"
            ' names, or in the terminal use `--column "Name=Who are you?"`.',
            example=Example("export.csv", {"list": _LIST}),
        ),
        "form-unsure": Message(
            "{columns:# column is|# columns are} not matched yet: “{columns}”.",
            "Match {columns:it|them} in the Forms sheet of {list} or on the page.",
            about="It is not clear what a column should be used for. It is not imported until you"
            " match it.",
            example=Example("export.csv", {"columns": ["Conseiller_Nom"], "list": _LIST}),
        ),
        "form-consent": Message(
            "No column is matched to Consent.",
            "Did everyone in this file agree to have their name and address printed?",
            about="No heading says who agreed to have their name and address printed. A column that"
            " contains clear yes and no answers is named, with the number of each. A newsletter"
            " sign-up is not consent.",
            example=Example("export.csv"),
        ),
        "form-consent/columns": Message(
            "No column is matched to Consent. Columns with yes or no: {columns}.",
            "Does one of them show consent? If not: did everyone in this file agree to have their"
            " name and address printed?",
        ),
        "form-consent-words": Message(
            "“{column}” contains “{answers}”.",
            "Which of these answers mean yes?",
            about="You confirm the answers in a consent column once. Only a clear yes is proposed:"
            " *yes* alone, or a sentence that agrees to be printed or to take part, and to nothing"
            " else. You are asked about *I agree that you keep my name private*, and about any"
            " answer to *I agree to the privacy policy*.",
            example=Example(
                "export.csv",
                {"column": "Consent", "answers": ["Oui", "oui mais pas l'adresse", ""]},
            ),
        ),
        "form-consent-words/blank": Message(
            "“{column}” is blank in every row.", "Match another column to Consent."
        ),
        "form-writes-to": Message(
            (
                "“{typed}” is not the name or ID of one signer.",
                "No row of the Pairs sheet is for signers who are new.",
            ),
            (
                "To let them write to everyone: {option writes_to=everyone}.",
                "To the same recipients as another signer: {option writes_to=NAME}.",
                "To no one yet: {option writes_to=none}.",
            ),
            about="The campaign has a Pairs sheet, so no letters would be created for new signers"
            " without an answer. It is stored in the *Writes to* column of the list of signers, and"
            " applies to the next import from the same form, too.",
            example=Example("Petition spring.csv", {"typed": None}),
        ),
        "form-changed": Message(
            "“{new}” is new and “{old}” is missing.",
            "Is it the same question?",
            about="A question of a known form may have been reworded. Say whether it is the same"
            " question.",
            example=Example(
                "export (2).csv", {"new": "Full name (as you sign)", "old": "Full name"}
            ),
        ),
        "form-blank-in-letter": Message(
            "The letter uses {heading}, but no column of this form provides it.",
            "It will be blank for {people:the one person|all # people}. Match a column to it, or"
            " fill it in later.",
            "warning",
            about="The letter uses something that the form did not ask for. It is blank for"
            " everyone, unless another column contains it: match that column on the page, or with"
            ' `--column "Street=Where do you live?"`.',
            example=Example("export.csv", {"heading": "Street", "people": 18}),
        ),
        "form-ragged": Message(
            "Row {row} has {cells:# cell|# cells}, but there are {headings:# heading|# headings}:"
            " perhaps a comma is not in quotation marks.",
            "The person is imported with Include set to “no”: check the row in the list.",
            "warning",
            about="A row has more or fewer cells than there are headings, so its values may be in"
            " the wrong columns. Nothing is moved: review the person in the list.",
            example=Example("export.csv", {"row": 6, "cells": 9, "headings": 8}),
        ),
        "form-part": Message(
            "{missing} of {known} people from this form are not in the file.",
            "It may contain only some of the responses, so no one is treated as missing.",
            "warning",
            about="Fewer than four fifths of the people imported from this form are in the file: it"
            " was filtered, or contains only new responses. People who are missing in it are not"
            " listed as no longer in the form. What it does contain is imported as always.",
            example=Example("Petition spring.csv", {"missing": 180, "known": 214}),
        ),
        "form-meanwhile": Message(
            "The file was saved after it was read, so nothing was imported.",
            "Run the same command again.",
            about="The export was replaced by another file after you were shown the changes.",
            example=Example("Petition spring.csv"),
        ),
        "import-meanwhile": Message(
            "The workbook was saved after the export was read, so nothing was imported.",
            "Check the changes of the import again.",
            about="Someone saved signers.xlsx while you checked the changes of the import. Its"
            " people are compared again.",
            example=Example("signers.xlsx"),
        ),
    },
)
