"""Messages about print files."""

from merge.advice import DecisionRemedy, TaskRemedy
from merge.messages.message import WAIT_FOR_SYNC, Example, Message, MessageSection

_PLACE = "letters/Ana Ruiz/Minister Li.docx"
_FILE = "Ana Ruiz/Minister Li.docx"
_PAIR = "the letter from Ana Ruiz to Minister Li"

_AGAIN = "Run {run letters}, then print."
RELEASE = (
    "To create it again, delete its dates in its row of register.xlsx. Then run {run letters"
    " release} and print."
)
_IF_DAMAGED = (
    f"{WAIT_FOR_SYNC} Otherwise restore an undamaged copy, or move the file to another folder and"
    " create the letter again."
)
_LEAVE_ONE = (
    "In this folder, keep only the file that should be sent. Move the others to another folder."
)
MARK_PRINTED = TaskRemedy("mark printed")
UNMARKED = (
    "If the print file was printed, mark its letters: {mark}. If it was not, create"
    " them again: {decide new=print-file}."
)
RESTORE = "Restore it from the recycle bin or a backup."

SECTION = MessageSection(
    "Printing",
    "What `merge print` finds in the letters before it creates anything.",
    {
        "print-missing": Message(
            "Not created yet.",
            _AGAIN,
            about="The workbook asks for a letter that does not exist yet.",
            example=Example(_PLACE),
        ),
        "print-missing/printed": Message(
            "The file of this printed letter is missing.", (RESTORE, RELEASE)
        ),
        "print-outdated": Message(
            "Out of date: the workbook or the template has changed since.",
            _AGAIN,
            about="Letters are printed as they are. This one is older than the workbook or the"
            " template.",
            example=Example(_PLACE),
        ),
        "print-changed": Message(
            "Conflict: {why}, but the data has changed since: {changed}.",
            "To use the new version: {new}. To print yours: {accept}. For all such letters:"
            " {accept_all}.",
            about="The letter was edited, and its data changed afterwards. Only you can decide"
            " which version is right.",
            example=Example(
                _PLACE,
                {
                    "why": "edited",
                    "changed": ("Title in Recipients",),
                    "new": DecisionRemedy("new", "Ana Ruiz"),
                    "accept": DecisionRemedy("print", "Ana Ruiz"),
                    "accept_all": DecisionRemedy("print", "edited"),
                },
            ),
        ),
        "print-changed/printed": Message(
            "Printed, but the data has changed since: {changed}.",
            (RELEASE, "Print it as is: {accept}. For all such letters: {accept_all}."),
        ),
        "in-print-file": Message(
            "In print file {batch} and not marked as printed, but the data has changed since:"
            " {changed}. Not printed again.",
            UNMARKED,
            "warning",
            about="The letter is in a print file, so it may be printed already, perhaps by a"
            " colleague whose mark has not arrived yet. Only you can know. It stays as it is until"
            " you decide; the other letters are printed. See [Letters in a print"
            " file](letters.md#letters-in-a-print-file).",
            example=Example(
                _PLACE,
                {
                    "batch": "02, 26 Nov 2026, 14.05",
                    "changed": ("Title in Recipients",),
                    "mark": MARK_PRINTED,
                },
            ),
        ),
        "in-print-file/recreated": Message(
            "In print file {batch} and not marked as printed. Another computer created the letter"
            " again before this print file had arrived. Not printed again.",
            UNMARKED,
            "warning",
        ),
        "in-print-file/edited": Message(
            "Conflict: {why}, in print file {batch} and not marked as printed, but the data has"
            " changed since: {changed}. Not printed again.",
            "If the print file was printed, mark its letters: {mark}. If it was not, decide which"
            " version is right. To use the new version: {new}. To print yours: {accept}.",
            "warning",
        ),
        "proofread-errors": Message(
            "The last proofreading found errors in {letters:# letter|# letters}: {letters}.",
            "Run {run proofread} to see the errors. Correct them before you print.",
            "warning",
            about="Proofreading found errors in letters that are about to be printed, and their"
            " files have not changed since. They are printed nevertheless: only you can know"
            " whether they are right. The proofreading report in `print/` has the errors.",
            example=Example("letters", {"letters": [_PLACE]}),
        ),
        "print-unreadable": Message(
            "This is not a Word document, or it is damaged.",
            _IF_DAMAGED,
            about="A letter’s file cannot be read, or has no text apart from headers and footers.",
            example=Example(_PLACE),
        ),
        "print-unreadable/no-text": Message(
            "The document has no text apart from headers and footers.",
            _IF_DAMAGED,
        ),
        "print-unreadable/error": Message(
            "The file cannot be read ({error}).",
            _IF_DAMAGED,
        ),
        "print-two-files": Message(
            "{copy} is a copy of this letter.",
            "Compare the two. In this folder, keep only the file that should be sent. Move the"
            " other to another folder.",
            about="Two files are the same letter: one of them would be printed by mistake.",
            example=Example(_PLACE, {"copy": "letters/Ana Ruiz/Minister Li (2).docx"}),
        ),
        "print-two-files/conflict": Message(
            "{copy} is probably a conflict copy of this letter, changed on another computer.",
            "Copy what is right to this letter, then move the copy out of the campaign folder.",
        ),
        "print-two-files/unreadable": Message(
            "{copy} has the name of a conflict copy of this letter, and cannot be read.",
            "Wait until the sync has finished. If it still cannot be read, check it in Word, then"
            " move it out of the campaign folder.",
        ),
        "print-two-files/moved": Message(
            "Several files are copies of this letter: {files}.",
            _LEAVE_ONE,
        ),
        "print-files-unknown": Message(
            "This folder has print files, and the program has no record of them. Letters in them"
            " may be printed already.",
            "If this folder syncs, wait until the sync has finished. If not, enter in register.xlsx"
            " which letters have been printed. Then move these print files out of the campaign"
            " folder.",
            about="The records of print files are in the folder *Appeal Merge records*. They have"
            " not arrived yet, or were lost. To print no letter a second time, nothing is printed"
            " until you have decided: a letter that has been printed needs a date in the *Printed*"
            " column of the register. `merge mark printed --letter ID` enters it; the short IDs are"
            " on the cover sheets.",
            example=Example("print/"),
        ),
        "print-files-unknown/records": Message(
            "The internal records have not arrived completely, or are damaged. Another computer may"
            " have made print files that are unknown here.",
            "If this folder syncs, wait until the sync has finished. If this message stays, move"
            " the damaged files out of the folder “Appeal Merge records”: {run check} names them.",
        ),
        "print-foreign": Message(
            "Another file has the name of this letter.",
            "Move it out of the letters folder, run {run letters}, then print.",
            about="Another letter or file has this letter’s file name.",
            example=Example(_PLACE),
        ),
        "print-another": Message(
            ("This file is another letter{label}.",),
            "Move it back to its own folder, run {run letters}, then print.",
            about="A letter was copied or moved over another one. Every file is checked before it"
            " is printed, so that no letter ends up in another person’s pile.",
            example=Example(_PLACE, {"label": ", from Bo Berg to Minister Li"}),
        ),
        "print-meanwhile": Message(
            "This letter was changed, moved or deleted while print files were being created.",
            "Run {run print} again.",
            about="Counting pages and combining letters takes time, and someone else may be"
            " working in the folder. A print file that would contain a letter that was not checked"
            " is not created; the others are.",
            example=Example(_PLACE),
        ),
        "print-unseen": Message(
            "This letter was changed, but its size and its time stamp were not.",
            "Open it in Word and save it, then print.",
            about="Another program changed the letter and reset its time stamp, so `merge letters`"
            " treats it as unchanged.",
            example=Example(_PLACE),
        ),
        "batch-recovered": Message(
            "These files were complete when the last run was interrupted. They have been restored.",
            "Print them: their letters count as included in a print file.",
            "warning",
            about="A run was ended, or the computer switched off, after its files were complete and"
            " recorded.",
            example=Example("print/2026-11-25 10.00.00"),
        ),
        "batch-again": Message(
            "Print file {batch} already has {letters:# letter|# letters} that you are printing now,"
            " perhaps in an earlier version: {letters}.",
            "Do not print that file.",
            "warning",
            about="The letters are in an earlier print file and not marked as printed. If both"
            " files are printed, two versions of a letter may be signed.",
            example=Example("print", {"batch": "02, 26 Nov 2026, 14.05", "letters": [_PLACE]}),
        ),
        "batch-again/some": Message(
            "Print file {batch} already has {letters:# letter|# letters} that you are printing now,"
            " perhaps in an earlier version: {letters}.",
            "Do not print that file. To print all its letters again: {run print}.",
            "warning",
        ),
        "batch-not-placed": Message(
            "The files are complete but cannot be moved to this folder ({error}).",
            "To move them: {run print since_last}.",
            about="Print files are created in a hidden folder, which is renamed when everything has"
            " been recorded. Windows can prevent that while another program reads the new files.",
            example=Example("print/2026-11-25 10.00.00", {"error": "Permission denied"}),
        ),
        "print-open": Message(
            "The letter is open in another program, or cannot be read.",
            "Save and close it, then print.",
            about="The letter is open in Word or LibreOffice: unsaved changes would be missing"
            " from the printed letter.",
            example=Example(_PLACE),
        ),
        "letter-unreadable": Message(
            "The file cannot be read ({error}).",
            "Close it in Word, or ask its owner for access.",
            about="A letter in the folder is damaged or locked.",
            example=Example(_FILE, {"error": "Permission denied"}),
        ),
        "letter-unreadable/open": Message(
            "The file cannot be read.", "Close it in Word, or ask its owner for access."
        ),
        "letter-unreadable/damaged": Message(
            "The letter is damaged or incomplete ({why}).",
            f"{WAIT_FOR_SYNC} Otherwise open it in Word, save and close it.",
        ),
        "letter-damaged": Message(
            "This edited letter is damaged, is not a Word document, or has no text.",
            f"It is kept and will not be printed. {_IF_DAMAGED}",
            "warning",
            about="A letter’s file cannot be read as a Word document, or it has no text. A letter"
            " that you have edited is kept unchanged: `merge letters`, `merge status` and the page"
            " name it, and `merge print` skips it.",
            example=Example(_PLACE),
        ),
        "letter-damaged/shown": Message(
            "This is not a Word document, or it is damaged.",
            _IF_DAMAGED,
        ),
        "letter-foreign": Message(
            "Another file, not created by the program, has the name of this letter.",
            "Move it out of the letters folder, then run {run letters}.",
            about="Another file, or another person’s letter, has this letter’s file name. It is not"
            " shown, counted or printed as this letter.",
            example=Example(_PLACE),
        ),
        "letter-foreign/letter": Message(
            "This file is another letter, {label}.",
            "Move it back to its own folder, then run {run letters}.",
        ),
        "letter-several": Message(
            "Several files are copies of this letter: {files}.",
            _LEAVE_ONE,
            about="Several files are copies of one letter, so it is not clear which is the letter.",
            example=Example(_PLACE, {"files": ("mine.docx", "other.docx")}),
        ),
        "letter-too-long": Message(
            "There are {pages} pages in {letters}; the limit is {limit}.",
            "Shorten the text, make the margins smaller, or set Pages to a higher number in the"
            " Settings sheet (add the row if it is missing).",
            "warning",
            about="The letter has more pages than the *Pages* setting allows (one by default).",
            example=Example(_FILE, {"pages": "2", "letters": _PAIR, "limit": 1}),
        ),
        "signature-alone": Message(
            "The last page of {letters} contains only the signature.",
            "Shorten the text, or set “Keep with next” for the paragraphs above the name.",
            "warning",
            about="There is nothing but the signature on the last page.",
            example=Example(_FILE, {"letters": _PAIR}),
        ),
        "signature-room": Message(
            "There are only {room} mm above the typed name in {letters}; a signature needs"
            " {needed} mm.",
            "In the template, or in a single letter, increase the spacing before the name’s"
            " paragraph in Word: 2 cm is 57 pt.",
            "warning",
            about="There is not enough room for a signature.",
            example=Example(_FILE, {"room": 8, "letters": _PAIR, "needed": 20}),
        ),
        "mixed-papers": Message(
            "{letters:# letter is|# letters are} for {paper} paper, the others for {usual} paper:"
            " {letters}.",
            "In Word, select {usual} under Layout > Size in {letters:this letter|these letters},"
            " then check that the text still fits its pages.",
            "warning",
            about="A printer takes the paper of a whole print file from one tray. A letter for"
            " another paper size is cut off, moved or made smaller. This happens if a letter was"
            " edited before the template got another paper size, or if templates have different"
            " sizes: then print their letters separately.",
            example=Example(
                _FILE, {"letters": ["Ana Ruiz to Minister Li"], "paper": "Letter", "usual": "A4"}
            ),
        ),
        "letter-comments": Message(
            "The letter has comments, which are not printed.",
            "Check in Word whether any of them still needs action.",
            "warning",
            about="Comments in an edited letter are not printed.",
            example=Example(_FILE),
        ),
        "letter-tracked-changes": Message(
            "The letter has tracked changes, and Word prints the marks too.",
            "In Word, accept or reject them (Review tab), save the letter, and print again.",
            "warning",
            about="An edited letter still has changes that Word tracks.",
            example=Example(_FILE),
        ),
        "letter-linked-picture": Message(
            "A picture in the letter is only a link to a file, so it is not printed.",
            "Insert the picture itself: Insert > Pictures.",
            "warning",
            about="A picture was inserted into the letter as a link. Nothing is downloaded.",
            example=Example(_FILE),
        ),
        "letter-inserted-file": Message(
            "The letter links to another file, whose text is not printed.",
            "In Word, copy that text into the letter, save it, and print again.",
            "warning",
            about="The letter contains a link to another file, whose text Word would insert when"
            " the letter is opened.",
            example=Example(_FILE),
        ),
        "letter-settings": Message(
            "In one file with other letters, this letter loses its own {settings}.",
            "Check how it looks there, or print it from its own file.",
            "warning",
            about="Some settings apply to a whole Word file. In a print file, the letter has those"
            " of the other letters.",
            example=Example(_FILE, {"settings": "width of tabs"}),
        ),
        "too-many-lists": Message(
            "The file has more numbered lists than Word can number (2,000).",
            "Use fewer letters per file: {option sheets}.",
            about="Word cannot number so many lists in one file.",
            example=Example("Letters.docx"),
        ),
        "batch-too-thick": Message(
            "The file has {sheets} sheets of paper, more than {most}: it is the whole pile of"
            " {person}.",
            "No action is needed: one person’s letters stay in one file.",
            "warning",
            about="A print file has more sheets of paper than the limit, because one person’s"
            " letters are never divided between two files.",
            example=Example("02 Bo Berg.docx", {"sheets": 240, "most": 200, "person": "Bo Berg"}),
        ),
        "no-writer": Message(
            "LibreOffice is not installed, so no PDF can be created.",
            "Install it from libreoffice.org, or open the .docx in Word and save it as PDF.",
            about="PDFs are created by LibreOffice, which is free.",
            example=Example("LibreOffice"),
        ),
        "no-writer/computer": Message(
            "LibreOffice is not installed. Print previews, page counts and PDFs need it; everything"
            " else works without it.",
            "Install it from libreoffice.org if you want to use them.",
            "warning",
        ),
        "writer-broken": Message(
            "LibreOffice is installed but does not create PDFs.",
            "Try to save a document as PDF in LibreOffice. If that fails too, reinstall it.",
            about="LibreOffice is installed but does not work.",
            example=Example("/usr/bin/soffice"),
        ),
        "font-missing": Message(
            "No font on this computer has {script} characters, so the PDF shows boxes for {names}.",
            "Install a font that has them, such as Noto Sans {script}, and print again; or print"
            " the .docx from Word.",
            "warning",
            about="A PDF shows a box for every character that no font on the computer contains, in"
            " letters and on cover sheets. The message lists the people whose letters are"
            " affected.",
            example=Example("LibreOffice", {"script": "Devanagari", "names": ("आरव शर्मा",)}),
        ),
        "pdf-failed": Message(
            "LibreOffice cannot create a PDF of this file.",
            "Open it in Word, save it again, then try once more.",
            about="LibreOffice cannot read one of the files. `merge print --skip-errors` skips it"
            " and prints the others.",
            example=Example(_FILE),
        ),
        "pdf-odd": Message(
            "LibreOffice created a PDF that cannot be read.",
            "Update LibreOffice, or print the .docx from Word.",
            about="LibreOffice created a PDF that no other program can read.",
            example=Example(_FILE),
        ),
        "pdf-disk": Message(
            "No PDF can be created ({error}).",
            "Free up space on the disk, then try again.",
            about="There is no room for the PDF, which is created in the folder for temporary"
            " files.",
            example=Example("/tmp", {"error": "No space left on device"}),  # noqa: S108
        ),
        "pdf-misplaced": Message(
            "In the PDF, this letter does not start on a new page.",
            "Print the .docx from Word instead.",
            about="Every PDF is checked after it has been created. In this one, two letters would"
            " share a page.",
            example=Example(_FILE),
        ),
        "address-of-edited-letter": Message(
            "{letters:# letter was|# letters were} edited: {letters}. The addresses on envelopes,"
            " labels and parcels are those of the workbook.",
            "If you changed an address in a letter, change it in the Recipients sheet too, and"
            " create the files again.",
            "warning",
            about="Addresses are never read from letters. An address that was changed only in a"
            " letter is not on its envelope.",
            example=Example("letters", {"letters": [_PLACE]}),
        ),
        "address-without-town": Message(
            "The {address} of {who} has no town: {names}.",
            "Fill in these cells. If a cell is filled in, add its placeholder to “Envelope address”"
            " in the Settings sheet.",
            "warning",
            about="Post needs a town. The address on the envelope or label is checked, using the"
            " columns of the sheet.",
            example=Example(
                "signers.xlsx, Recipients!F3",
                {
                    "address": "address",
                    "who": "2 recipients",
                    "names": ("Minister Li (F3)", "Consul Roy (F4)"),
                },
            ),
        ),
        "address-without-town/column": Message(
            "The {address} of {who} has no town: {names}.",
            "Add a column for the town to the sheet, such as “City”.",
            "warning",
        ),
        "address-without-town/return": Message(
            "The return address has no town.",
            "Enter the complete address, and press Alt+Enter after each line.",
            "warning",
        ),
        "address-of-signer": Message(
            "This is the recipient’s address and must not contain anything of a signer’s.",
            "Remove the signer’s placeholders. To show the sender, use {option return_to_signer}.",
            about="*Envelope address* is the recipient’s address on the envelope. It must not"
            " contain the name or address of a signer.",
            example=Example("signers.xlsx, Settings!B5"),
        ),
        "address-tags": Message(
            "Placeholders are not filled in here: they would be printed on the envelopes.",
            "Enter the address itself. For each signer’s own: {run print return_to_signer}.",
            about="*Return address* is printed exactly as it is entered.",
            example=Example("signers.xlsx, Settings!B4"),
        ),
        "parcels-empty": Message(
            "No letters are waiting to be posted, so there is nothing for a parcel.",
            "Print the letters first: omit {option no_letters}.",
            "warning",
            about="No letters have been printed yet, or all have been posted.",
            example=Example("--parcels"),
        ),
        "address-too-long": Message(
            "The {address} does not fit on {stock}, even in small type, and is omitted.",
            "Write it by hand.",
            "warning",
            about="There is not enough space for the address on the envelope or label.",
            example=Example(_PLACE, {"address": "address", "stock": "the L7160 label"}),
        ),
        "label-start": Message(
            "A sheet of {stock} has labels 1 to {count}.",
            "Enter the number of the first unused label, counted from the top left, row by row.",
            about="The sheet has fewer labels than the number that you entered.",
            example=Example("--start 30", {"stock": "L7160", "count": 21}),
        ),
    },
)
