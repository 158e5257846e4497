"""Messages about form responses and other exports."""

from merge.messages.message import Example, Message, MessageSection

_NOT_FOUND = "File not found in {folder}."
_SAVE_AS = "In Excel, save it as Excel Workbook (.xlsx)."

SECTION = MessageSection(
    "Form responses",
    "The file with the responses, as it was downloaded. Nothing is saved until it has been read and"
    " you have confirmed it.",
    {
        "form-missing": Message(
            _NOT_FOUND,
            "Did you mean {near}?",
            about="There is no such file. Check its name, and the folder for your browser's"
            " downloads.",
            example=Example(
                "Petition spring.csv",
                {"folder": "/home/ana/Downloads", "near": "Petition spring (2).csv"},
            ),
        ),
        "form-missing/convertible": Message(
            _NOT_FOUND, ("There is {near}.", "In its program, save it as Excel Workbook (.xlsx).")
        ),
        "form-missing/elsewhere": Message(_NOT_FOUND, "There is one in {there}."),
        "form-missing/nowhere": Message(_NOT_FOUND, "Check the name and the folder."),
        "form-missing/no-folder": Message(
            "Folder not found: {folder}.", "Check the name of the folder."
        ),
        "form-missing/below-file": Message(
            "{folder} is a file, not a folder.", "Enter the folder that contains it."
        ),
        "form-folder": Message(
            "This is a folder, not an export of a form.",
            "Enter the .csv file in it.",
            about="A folder was entered instead of the export. Enter the file in it.",
            example=Example("Downloads"),
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
            about="It was saved in the format used before Excel 2007, or in Excel's binary format."
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
            "This is {kind}, not an export of a form.",
            "Choose the file with the responses: CSV, Excel (.xlsx) or LibreOffice (.ods).",
            about="It is another kind of file: a PDF, a Word document, a Numbers file. Choose the"
            " one with the responses, or export it from the program that created it.",
            example=Example("answers.pdf", {"kind": "a PDF"}),
        ),
        "form-other-file/convertible": Message(
            "This is {kind}, not an export of a form.", _SAVE_AS
        ),
        "form-other-file/apple": Message(
            "This is a Numbers or Pages file.",
            "In Numbers, choose File > Export To > CSV or Excel.",
        ),
        "form-other-file/no-sheets": Message(
            "This is a LibreOffice file without sheets.", _SAVE_AS
        ),
        "form-other-file/binary": Message(
            "This is not an export of a form, or it is damaged.",
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
            "The file is damaged ({why}).",
            "Download it again, or save it again in the program that created it.",
            about="The file is damaged. Download it again.",
            example=Example("answers.zip", {"why": "File is not a zip file"}),
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
            "Download a part of the responses, or delete what you do not need and save it.",
            about="It is larger than the responses of any form should be: 50 MiB, 100,000 rows,"
            " 2,000 columns, or a cell longer than Excel allows. Usually something is wrong with"
            " its quotation marks.",
            example=Example("answers.csv", {"why": "more than 100,000 filled rows"}),
        ),
        "form-odd": Message(
            "The file may be harmful: {why}.",
            "Ask who sent it. In the program that created it, save it as Excel Workbook (.xlsx).",
            about="Its structure is one that no program creates and that harmful files have. Do not"
            " open it before you know who created it.",
            example=Example("answers.zip", {"why": "Excel does not build files like this"}),
        ),
    },
)
