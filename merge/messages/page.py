"""Messages about the page in the browser."""

from merge.messages.message import Example, Message, MessageSection

_LETTER = "Ana Ruiz/Minister Li.docx"

SECTION = MessageSection(
    "The page",
    "`merge page`, and the campaign in the browser.",
    {
        "folder-missing": Message(
            "Folder not found.",
            (
                "Did you mean {near}?",
                "Choose a campaign folder, or start the page without one.",
            ),
            about="`merge page` was started with a folder that does not exist. Check its name.",
            example=Example("my-campagn", {"near": "my-campaign"}),
        ),
        "page-silent": Message(
            "The program is already running but does not answer.",
            "Wait a minute, then start it again. If that does not help, restart the computer.",
            about="The program is running but does not answer: it is starting, about to quit, or"
            " not responding.",
            example=Example("the page"),
        ),
        "page-not-started": Message(
            "The page cannot be started ({why}).",
            "If the disk is full, free up space. Otherwise ask your IT support.",
            about="The system did not give the page an address on this computer, or the disk is"
            " full.",
            example=Example("the page", {"why": "No space left on device"}),
        ),
        "browser-not-opened": Message(
            "Your browser could not be opened.",
            "Open it yourself within a minute, and enter this address in it: {link}",
            about="The program has started, but the system has no browser for web pages, or it does"
            " not start. The address works only once, and only for a minute. For a new one, start"
            " the program again.",
            example=Example("the page", {"link": "http://127.0.0.1:41234/in/Vb3xQ…"}),
        ),
        "program-incomplete": Message(
            "The program cannot start because one of its parts is missing ({what}).",
            "Perhaps a virus scanner removed it. Install the program again. If that does not help,"
            " ask your IT support to allow it.",
            about="Virus scanners sometimes remove files of programs that they do not know. Your"
            " campaigns are not affected. Your IT support finds the removed file in the scanner's"
            " quarantine and can allow it.",
            example=Example("Appeal Merge", {"what": "lxml.etree"}),
        ),
        "name-needed": Message(
            "The new campaign needs a name.",
            "Enter one, for example Appeal 2027.",
            about="A new campaign was created without a name. Its folder gets this name.",
            example=Example("the name"),
        ),
        "folder-gone": Message(
            "The folder is no longer here. Was it moved or renamed?",
            "Find the folder and try again there.",
            about="A folder in a list to choose from was moved, renamed or deleted. So was the"
            " folder of a campaign that is open on the page or used by a command. It is never"
            " created again: a folder with half of the files would be mistaken for the campaign.",
            example=Example("my-campaign/letters"),
        ),
        "folder-gone/chosen": Message("This folder no longer exists.", "Choose another one."),
        "list-not-written": Message(
            "The list of campaigns cannot be saved ({why}).",
            "If the disk is full, free up space. Otherwise ask your IT support.",
            about="The list of your campaigns is in a folder that only you can read. The disk is"
            " full or read-only. The campaigns themselves are not affected.",
            example=Example(
                "/home/ana/.local/state/appeal-merge/campaigns.json",
                {"why": "No space left on device"},
            ),
        ),
        "file-gone": Message(
            "The file is no longer here.",
            "Check whether it was moved or renamed.",
            about="The page could not open a file because it was moved, renamed or deleted. The"
            " page shows the change in a moment.",
            example=Example(_LETTER),
        ),
        "file-not-opened": Message(
            "The file could not be opened ({why}).",
            "Open it from its folder.",
            about="No program on this computer opens such a file, or its program could not be"
            " started.",
            example=Example(_LETTER, {"why": "no program for it was found"}),
        ),
        "file-not-opened/kind": Message(
            "The page opens only Word and Excel files, PDFs and CSV files.",
            "Open it from its folder.",
        ),
    },
)
