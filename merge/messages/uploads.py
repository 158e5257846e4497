"""Messages about files added to a campaign."""

from merge.messages.message import Example, Message, MessageSection

_BOOK = "signers.xlsx"
_EITHER = "Choose an Excel workbook (.xlsx) or a Word document (.docx)."
_NO_PEOPLE = "This workbook has neither a “Signers” sheet nor a “Recipients” sheet."

SECTION = MessageSection(
    "Added files",
    """
    The page takes a workbook and templates and copies them into the campaign. It recognises a file
    by its content, whatever its name. If there is a file of the same kind already, you see the
    differences before you replace it; the previous file goes to `Old versions/` in the campaign
    folder.
    """,
    {
        "file-unknown": Message(
            "This is {kind}, not a workbook or a template.",
            _EITHER,
            about="It is neither a workbook nor a template: a PDF, a web page, a zip file, an empty"
            " file, a password-protected one.",
            example=Example("appeal.pdf", {"kind": "a PDF"}),
        ),
        "file-unknown/zip": Message(
            "This is {kind}, not a workbook or a template.",
            "Unzip it first, then choose the file inside.",
        ),
        "file-unknown/empty": Message(
            "The file is empty.",
            "If it is in a cloud folder, wait until it has downloaded, or use a copy.",
        ),
        "file-unknown/protected": Message(
            "The file is password-protected.", "Remove the password in Word or Excel: File > Info."
        ),
        "file-unknown/binary": Message(
            "This is not a workbook or a template, or it is damaged.", _EITHER
        ),
        "file-unknown/old": Message(
            "This is an older Office file without a document in it.", _EITHER
        ),
        "file-unknown/apple": Message(
            "This is a Numbers or Pages file.",
            "In that program, choose File > Export To > Excel or Word.",
        ),
        "file-owner": Message(
            "This is a temporary file that Word or Excel keeps beside an open file.",
            "Choose the file of the same name without ~$.",
            about="Word and Excel put a small hidden file beside each open file, with the name of"
            " the person who opened it. It is not a document.",
            example=Example("appeal.docx"),
        ),
        "file-letter": Message(
            "This is a letter created for one person, not a template.",
            "Choose the template. To use this letter as one, copy its text into a new document.",
            about="A letter was added instead of a template. With it, all letters would contain one"
            " person’s data.",
            example=Example("Minister Li.docx"),
        ),
        "workbook-other": Message(
            (_NO_PEOPLE, "Sheets found: “{sheets}”."),
            "Rename the sheet with the signers to “Signers” and the one with the recipients to"
            " “Recipients”. Save the file and add it again.",
            about="It is an Excel workbook with other sheets, for example a list from another"
            " program, or the register.",
            example=Example("list.xlsx", {"sheets": ["Signatures", "To whom"]}),
        ),
        "workbook-other/one-sheet": Message(
            (_NO_PEOPLE, "Its only sheet is “{sheet}”."),
            "Create a “Signers” sheet and a “Recipients” sheet. Save the file and add it again.",
        ),
        "workbook-macros": Message(
            "This workbook has macros, or is an Excel template.",
            "In Excel, save it as Excel Workbook (.xlsx).",
            about="Excel would not open it with the name *signers.xlsx*. Save it as a normal"
            " workbook.",
            example=Example("signers.xlsm"),
        ),
        "file-held": Message(
            "The current file cannot be read ({why}).",
            "Close it in the program that has it open, then try again.",
            about="The current file cannot be compared with the new one: another program has it"
            " open.",
            example=Example(_BOOK, {"why": "Permission denied"}),
        ),
        "file-open": Message(
            "The file is open in another program and was not replaced.",
            "Close it and try again. If it is already closed, delete only the temporary file"
            " {owner}.",
            about="Excel or Word has the old file open and would overwrite the"
            " new one when it saves.",
            example=Example(_BOOK, {"owner": "~$signers.xlsx"}),
        ),
        "file-meanwhile": Message(
            "The file changed after you saw the differences and was not replaced.",
            "Check the differences again, then decide.",
            about="Someone saved the file after you saw the differences.",
            example=Example(_BOOK),
        ),
        "file-not-written": Message(
            "The file could not be saved ({why}). Nothing was changed.",
            "If the disk is full, free up space. Otherwise ask for write access.",
            about="The disk is full, or the folder is read-only. The existing files were not"
            " changed.",
            example=Example(_BOOK, {"why": "No space left on device"}),
        ),
    },
)
