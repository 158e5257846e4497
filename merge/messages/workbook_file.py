"""Messages about the workbook as a file."""

from merge.messages.message import WAIT_FOR_SYNC, Example, Message, MessageSection

_BOOK = "signers.xlsx"
_SAVE_AS = "In Excel, save it as Excel Workbook (.xlsx)."
_CHOOSE = "Choose the Excel workbook (.xlsx)."
_NOT_FOUND = "File not found in {folder}."

SECTION = MessageSection(
    "The workbook file",
    "The file `signers.xlsx`. Nothing can be checked until it can be read.",
    {
        "workbook-missing": Message(
            _NOT_FOUND,
            "Did you mean {near}?",
            about="The file is not in the folder. Check its name, and whether this is the"
            " right folder.",
            example=Example(_BOOK, {"folder": "/home/ana/my-campaign", "near": "singers.xlsx"}),
        ),
        "workbook-missing/convertible": Message(
            _NOT_FOUND, ("There is {near}.", "In Excel, save it as Excel Workbook (.xlsx).")
        ),
        "workbook-missing/elsewhere": Message(
            _NOT_FOUND, "Use {there:the one|one of those} in {there}."
        ),
        "workbook-missing/nowhere": Message(
            _NOT_FOUND, "Check the name and the folder. To start a new campaign: {run new}."
        ),
        "workbook-missing/near-folder": Message(
            "Folder not found: {folder}.", "Did you mean {near}?"
        ),
        "workbook-missing/no-folder": Message(
            "Folder not found: {folder}.",
            "Check the name of the folder. To start a new campaign: {run new}.",
        ),
        "workbook-missing/below-file": Message(
            "{folder} is a file, not a folder.", "Enter the folder that contains it."
        ),
        "workbook-missing/add-first": Message(
            "This may be a list of people, but the campaign has no workbook yet.",
            "Add your workbook first: it lists the recipients.",
        ),
        "workbook-copy": Message(
            "This copy of {original} has data that {original} does not have: {entries}.",
            "Enter what is right in {original}, then move this copy to another folder.",
            "warning",
            about="There is another file next to the workbook, or next to the list of signers from"
            " forms, with a similar name. Usually two people changed the workbook at the same time,"
            " and the program that syncs the folder saved the work of one in a separate file"
            " (*conflicted copy*). Its people get no letters, its corrections are not used, and"
            " people who were deleted only there still get letters. So nothing is printed while"
            " there is a conflict copy that differs, or a damaged one. If this is not a conflict"
            " copy, rename it, or ignore the warning. See [Two people, one"
            " folder](two-people.md#the-workbook).",
            example=Example(
                "signers 2025.xlsx",
                {"original": "signers.xlsx", "entries": ["Ada New", "City of Bo Berg (“Bergen”)"]},
            ),
        ),
        "workbook-copy/conflict": Message(
            (
                "This is probably a conflict copy of {original}, changed on another computer.",
                "{original} does not have: {entries}.",
                "The copy does not have: {missing}.",
                "Both have {same}, under different IDs.",
            ),
            (
                "Enter what is right in {original}.",
                (
                    "Do not enter {same} again if that is the same {same:person|people}: two"
                    " letters would be printed."
                ),
                (
                    "If someone deleted {missing:that|those} on the other computer, do the same"
                    " in {original}."
                ),
                "Then move the copy out of the campaign folder.",
            ),
            "warning",
        ),
        "workbook-copy/deleted": Message(
            "This copy of {original} still has data of {people:someone|people} whose data was"
            " deleted: {people}.",
            "Do not enter {people:this person|these people} in {original} again. As soon as nothing"
            " else in this copy is needed, delete it.",
            "warning",
        ),
        "workbook-copy/same": Message(
            "This copy of {original} has nothing that {original} does not have.",
            "Move it to another folder.",
            "warning",
        ),
        "workbook-copy/unreadable": Message(
            "This file has a name like a copy of {original}, and cannot be read.",
            "Wait until the sync has finished. If it still cannot be read, check it in Excel, then"
            " move it out of the campaign folder.",
            "warning",
        ),
        "workbook-folder": Message(
            "This is a folder, not an Excel workbook.",
            "Choose the .xlsx file in this folder.",
            about="A folder was entered instead of the workbook. Enter the file.",
            example=Example("templates"),
        ),
        "workbook-locked": Message(
            "The file cannot be opened ({why}).",
            "Close it in Excel, or ask its owner for access.",
            about="The file exists but cannot be read: it is open in Excel, a colleague has it"
            " open, or you do not have permission.",
            example=Example(_BOOK, {"why": "Permission denied"}),
        ),
        "workbook-empty": Message(
            "The file is empty.",
            "If it is in a cloud folder, wait until it has downloaded, or use a copy.",
            about="The file has no content. A cloud folder often shows files before they have"
            " downloaded: open it once in Excel.",
            example=Example(_BOOK),
        ),
        "workbook-csv": Message(
            "This is a text file with separators (CSV), not a workbook.",
            _SAVE_AS,
            about="It is a text file, whatever its extension. Open it in Excel and save it as"
            " *Excel Workbook (.xlsx)*.",
            example=Example(_BOOK),
        ),
        "workbook-xls": Message(
            "This is an older Excel format (.xls).",
            _SAVE_AS,
            about="It was saved in the format used before Excel 2007. Open it in Excel and save it"
            " as *Excel Workbook (.xlsx)*.",
            example=Example(_BOOK),
        ),
        "workbook-xlsb": Message(
            "This is an Excel binary workbook (.xlsb).",
            _SAVE_AS,
            about="It was saved in Excel’s binary format. Open it in Excel and save it as *Excel"
            " Workbook (.xlsx)*.",
            example=Example(_BOOK),
        ),
        "workbook-ods": Message(
            "This is a LibreOffice file (OpenDocument).",
            "Save it as .xlsx (in LibreOffice: File > Save As).",
            about="It was created by LibreOffice or Google Sheets. Save or download it as *.xlsx*.",
            example=Example(_BOOK),
        ),
        "workbook-not-excel": Message(
            "This is {kind}, not an Excel workbook.",
            _CHOOSE,
            about="It is another kind of file with the name of a workbook. Choose the right one.",
            example=Example(_BOOK, {"kind": "a PDF"}),
        ),
        "workbook-not-excel/convertible": Message(
            "This is {kind}, not an Excel workbook.", _SAVE_AS
        ),
        "workbook-not-excel/apple": Message(
            "This is a Numbers or Pages file.", "In Numbers, choose File > Export To > Excel."
        ),
        "workbook-not-excel/binary": Message(
            "This is not an Excel workbook, or it is damaged.", _SAVE_AS
        ),
        "workbook-protected": Message(
            "The workbook is password-protected.",
            "In Excel, remove the password: File > Info > Protect Workbook.",
            about="It cannot be opened without its password. Remove the password, or use a copy"
            " that has none.",
            example=Example(_BOOK),
        ),
        "workbook-protected/zip": Message(
            "The zip file is password-protected.", "Ask the sender for one without a password."
        ),
        "workbook-unreadable": Message(
            "The workbook is damaged or incomplete ({why}).",
            f"{WAIT_FOR_SYNC} Otherwise open it in Excel, save and close it.",
            about="The file is damaged, often because a copy or download was interrupted. Excel may"
            " repair it: open it there and save it. Otherwise use an older copy.",
            example=Example(_BOOK, {"why": "a part of it is missing or damaged"}),
        ),
        "workbook-unreadable/old": Message(
            "The workbook is damaged: it is an older Office file without a workbook in it.",
            "Open it in Excel, save and close it.",
        ),
        "workbook-unreadable/device": Message(
            "This is a device or a pipe, not a file.", "Enter a file."
        ),
        "file-being-saved": Message(
            "The file is being saved.",
            f"Try again in a moment. {WAIT_FOR_SYNC} Otherwise, if this message persists, the file"
            " is damaged: open it in {program}, save and close it.",
            about="Excel, Word or a cloud service is saving the file: its end is missing, and it"
            " was saved seconds ago or is open in a program. If the message persists, the file is"
            " damaged.",
            example=Example(_BOOK, {"program": "Excel"}),
        ),
        "workbook-too-large": Message(
            "The workbook is too large: {why}.",
            "Copy the cells that you need into a new workbook.",
            about="The file is too large for a list of people, often because it contains a"
            " picture, or because formatting extends to the last row. Copy the cells that you need"
            " into a new workbook.",
            example=Example(_BOOK, {"why": "more than 50 MB"}),
        ),
        "workbook-too-large/columns": Message(
            "Cell {cell} has a value, but a sheet can have at most {most} columns.",
            "Clear {cell} and save the workbook.",
        ),
        "workbook-odd": Message(
            "The workbook may be harmful: {why}.",
            (
                "Do not open it unless you know and trust the sender.",
                "If you do, open it in Excel and save it as Excel Workbook (.xlsx).",
            ),
            about="Excel never creates files with such a structure, but harmful files can have it."
            " Do not open the file unless you trust the person who sent it.",
            example=Example(_BOOK, {"why": "Excel does not create files like this"}),
        ),
    },
)
