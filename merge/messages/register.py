"""Messages about the register."""

from merge.messages.message import WAIT_FOR_SYNC, Example, Message, MessageSection

_FILE = "register.xlsx"
_ROY, _LI = "Ana Ruiz/Consul Roy.docx", "Ana Ruiz/Minister Li.docx"
_NO_ROOM = "There is no room below the table for {rows:# new row|# new rows}"
_ASK = "If the disk is full, free up space. Otherwise ask its owner for write access."
_OTHER_PEOPLE = (
    "The workbook and this register have different people under the same ID: {people}. Their dates"
    " in this register do not count."
)
_COPY_ROW = "Enter what only this row has in row {row}, then delete this row."
_WHO_IS_WHO = "Find out who is who, then give one of the two people a new ID in the workbook."

SECTION = MessageSection(
    "The register",
    "`register.xlsx` lists all letters. In it you record what was printed, signed, posted and"
    " answered.",
    {
        "register-open": Message(
            "The register is open in another program and was not updated.",
            (
                "Close it and try again.",
                "If it is already closed, delete only the temporary file {note}.",
            ),
            "warning",
            about="The register is open in Excel or LibreOffice. Letters and print files are"
            " created all the same: close the register, then run `merge letters`, which updates it."
            " Do not print again, which would create the same files again.",
            example=Example(_FILE, {"note": f"~${_FILE}"}),
        ),
        "register-open/later": Message(
            "The register is open in another program and was not updated.",
            (
                "Close it.",
                "If it is already closed, delete only the temporary file {note}.",
                "Then update it: {run letters}",
            ),
            "warning",
        ),
        "register-changed": Message(
            "Someone saved the register during the run, so it was not updated.",
            "Run again.",
            "warning",
            about="Someone saved the register during the run. What they saved is kept.",
            example=Example(_FILE),
        ),
        "register-changed/later": Message(
            "Someone saved the register during the run, so it was not updated.",
            "To update it: {run letters}",
            "warning",
        ),
        "register-not-saved": Message(
            "The register could not be saved ({reason}).",
            _ASK,
            about="The register could not be saved and was not changed.",
            example=Example(_FILE, {"reason": "No space left on device"}),
        ),
        "register-not-carried": Message(
            "The register was not changed: saving it would lose something ({reason}).",
            "In Excel, save it as Excel Workbook (.xlsx), not Strict Open XML, and try again.",
            "warning",
            about="The register contains something that the program would lose if it saved the"
            " file, or is in another format than Excel Workbook (.xlsx). It was not changed.",
            example=Example(_FILE, {"reason": "it has contents that the program cannot write"}),
        ),
        "register-too-long": Message(
            "There are too many letters for one register, so the register was not updated. The"
            " letters"
            " themselves are not affected.",
            "Divide the campaign into several smaller ones.",
            "warning",
            about="A register of this length could not be read again.",
            example=Example(_FILE),
        ),
        "register-losses": Message(
            "The register was saved, but this may be lost or look different: {lost}.",
            "The previous version is {backup}. Keep such things in a separate workbook.",
            "warning",
            about="The program had to save the register, and something in it cannot be kept. The"
            " previous version is saved next to it.",
            example=Example(
                _FILE, {"lost": "charts", "backup": "register (until 25 Nov 2026).xlsx"}
            ),
        ),
        "register-rows-gone": Message(
            "{letters:# letter has|# letters have} no row any more, and {letters:its|their} notes"
            " are lost: {letters}.",
            f"{WAIT_FOR_SYNC} {{run letters}} adds the rows again, with their dates and tracking"
            " numbers. If you need the notes, restore the register from a backup.",
            "warning",
            about="Someone deleted rows of letters. The program adds the rows again: dates and"
            " tracking numbers are in its records, but notes and your own columns are not.",
            example=Example(_FILE, {"letters": [_LI]}),
        ),
        "register-cleared": Message(
            "The last dates of {letters:# letter|# letters} were deleted: {letters}. They count"
            " until you decide.",
            (
                "If {letters:it is|they are} not printed: {run letters release}.",
                "If the dates were deleted by mistake: {run letters restore_dates}.",
            ),
            about="Someone cleared the last date of these letters in the register. A letter without"
            " a date is not printed, and can be created and printed again. Until you decide, their"
            " dates count, and they are neither created nor printed.\n\n"
            "- *They are not printed:* `merge letters --release`, or *Release them* on *Data*."
            " When such a letter is created again, its old file goes to `letters/Old versions/`.\n"
            "- *The dates were deleted by mistake:* `merge letters --restore-dates`, or *Deleted by"
            " mistake: write the dates again*.",
            example=Example(_FILE, {"letters": [f"{_ROY} (Posted)", f"{_LI} (Signed, Posted)"]}),
        ),
        "register-other-people": Message(
            _OTHER_PEOPLE,
            f"{_WHO_IS_WHO} Enter the right dates in register.xlsx, then move this file out of the"
            " campaign folder.",
            about="A register has another name than the workbook for the same ID: two computers"
            " gave one ID to two people, or it is the register of another year. Its dates for these"
            " letters do not count, and nothing is printed until this is resolved. Until then the"
            " person in the workbook cannot be deleted with `merge delete-person`. In"
            " `register.xlsx` itself a corrected name is not a different person. In a conflict"
            " copy every difference is, except accents, capitals, word order and titles.",
            example=Example("register-DESKTOP-B.xlsx", {"people": ["Ada New and Bo Other (S7)"]}),
        ),
        "register-other-people/own": Message(
            _OTHER_PEOPLE, f"{_WHO_IS_WHO} If this is an older copy, restore the current register."
        ),
        "register-copies": Message(
            "{files:There is a conflict copy|There are # conflict copies} of the register:"
            " {files}. Its dates and tracking numbers are in register.xlsx now, its notes are not.",
            "Copy notes that only {files:it has|they have}, then delete {files:it|them}.",
            "warning",
            about="Two people saved the register at the same time, and the program that syncs the"
            " folder saved the work of one in a separate file (*conflicted copy*). Dates that were"
            " entered or cleared there count like those in `register.xlsx`.",
            example=Example(_FILE, {"files": ["register (Ana's conflicted copy).xlsx"]}),
        ),
        "register-gone": Message(
            "The register was here at the last run and is missing. It is written again with the"
            " dates and tracking numbers from the program’s records, but without notes and your own"
            " columns.",
            "If it was deleted by mistake, restore it from the Recycle Bin. If it was renamed,"
            " rename it back. In both cases let it replace the new one.",
            "warning",
            about="`merge letters` and `merge print` write a missing register again. Notes, columns"
            " of your own and formats are only in the old file: you can put it back later, and"
            " nothing that was entered since is lost.",
            example=Example(_FILE),
        ),
        "register-unreadable": Message(
            "{problem}",
            (
                "{remedy}",
                "If that does not help, restore an older copy.",
                "If there is none, move this file elsewhere, then run {run letters}.",
            ),
            about="The register exists but cannot be read. Nothing is created, because it is not"
            " known which letters are printed. If you cannot repair it and have no older copy, move"
            " it to another folder: `merge letters` then writes a new one from the records.",
            example=Example(
                _FILE,
                {"problem": "The file is damaged.", "remedy": "Open it in Excel and save it."},
            ),
        ),
        "register-unreadable/held": Message(
            "The register cannot be opened ({reason}).", "Ask its owner for access and try again."
        ),
        "register-unknown": Message(
            "This workbook has neither a “Register” sheet nor a “Letters” table.",
            "Rename its sheet to “Register”, or rename the file to start a new register.",
            about="The file with this name is no longer a register. Nothing is created until this"
            " is resolved.",
            example=Example(_FILE),
        ),
        "register-heading": Message(
            "There is no “{heading}” column, so it is not known which letters are printed.",
            "Enter “{heading}” above its column, or restore an older copy of the register.",
            about="A heading that shows which letters are printed is missing. Nothing is created.",
            example=Example(f"{_FILE}, Register!1", {"heading": "Posted"}),
        ),
        "register-heading/none": Message(
            "The column headings are not in row {row}, so it is not known which letters are"
            " printed.",
            "Move the titles above them to another sheet and remove their rows, or restore an older"
            " copy of the register. The headings must be in row {row}.",
        ),
        "register-sheet-back": Message(
            "The {sheet} sheet was missing. It has been added again, without its notes.",
            "The program needs it to update the register. If you do not want to see it, hide it.",
            "warning",
            about="A sheet of the register was deleted. Dates that it had still count.",
            example=Example(_FILE, {"sheet": "By signer"}),
        ),
        "register-column-back": Message(
            "Deleted columns have been added again on the right: {columns}.",
            "The program needs them to update the register. If you do not want to see them, hide"
            " them.",
            "warning",
            about="A column that the program fills in was deleted.",
            example=Example(f"{_FILE}, Register!1", {"columns": "Status"}),
        ),
        "register-no-room": Message(
            f"{_NO_ROOM}: the cells {{first}} to {{last}} are merged.",
            "Unmerge them, enter their value in each row that it applies to, and try again.",
            "warning",
            about="There is something where new rows or columns would be added, or cells are merged"
            " there. When you unmerge cells, only the first row keeps their value: enter it in the"
            " others, too.",
            example=Example(f"{_FILE}, Register!I2", {"rows": 12, "first": "I2", "last": "I100"}),
        ),
        "register-no-room/below": Message(
            f"{_NO_ROOM}: the cells {{first}} to {{last}} are merged.",
            "Unmerge them and try again.",
            "warning",
        ),
        "register-no-room/rows": Message(
            f"{_NO_ROOM}.", "Move the cells of this row to another sheet and try again.", "warning"
        ),
        "register-no-room/column": Message(
            "There is no room for the “{column}” column.",
            "Clear the columns to the right of the table.",
            "warning",
        ),
        "register-twice": Message(
            "Row {row} already has this ID. This row is not updated.",
            _COPY_ROW,
            "warning",
            about="A row was copied. The program updates the first, and the dates of both count.",
            example=Example(f"{_FILE}, Register!9", {"row": 4}),
        ),
        "register-deleted": Message(
            "The register has {people:a row|# rows} of someone whose data was deleted: {people}.",
            "Delete that person’s data again.",
            "warning",
            about="The register of another computer, which still had the person, has replaced this"
            " one. Delete the data once more: `merge delete-person`.",
            example=Example(_FILE, {"people": ["Ana Ruiz to Minister Li"]}),
        ),
        "register-stranger": Message(
            "This row is for a letter that the program does not know. It is not changed.",
            f"{WAIT_FOR_SYNC} You can keep the row for your own use. Delete it only if no one needs"
            " its dates and notes.",
            "warning",
            about="This is a row of your own, or of a letter of another campaign, or of a letter"
            " that another computer created and that has not arrived here yet.",
            example=Example(f"{_FILE}, Register!9"),
        ),
        "register-stranger/no-id": Message(
            "This row has no letter ID. It is not changed.",
            "If it has dates of a letter, enter them in the letter’s own row. You can keep this row"
            " for your own use.",
            "warning",
        ),
        "register-own-row": Message(
            "The program did not add this row, so its dates count only for exactly this name.",
            "Enter them in the row that the program added for this person.",
            "warning",
            about="You added a row to By signer or By recipient yourself.",
            example=Example(f"{_FILE}, By signer!9"),
        ),
        "register-no-date": Message(
            "This is not a date, but it counts: the letter is treated as printed.",
            "Enter a date, or clear the cell.",
            "warning",
            about="Anything in these columns except *no*, *n/a* or a dash means that the letter is"
            " printed, a word as well as a date. If cells are merged, their value counts for each"
            " of their rows. Five or more in one column are reported once, at the first, with the"
            " number of the others.",
            example=Example(f"{_FILE}, Register!I4"),
        ),
        "register-no-date/several": Message(
            "This cell and {more} more in this column are not dates, but they count: the letters"
            " are treated as printed.",
            "Enter dates, or clear the cells.",
            "warning",
        ),
        "register-too-early": Message(
            "This date counts for no letter: those of this row were created later, the last on"
            " {day}.",
            "Enter {day} or a later date, or enter the dates in the Register sheet.",
            "warning",
            about="A date in *By signer* or *By recipient* counts for the letters that were created"
            " on that day or before. Here all were created later, so none of them counts as"
            " printed. Five or more in one column are reported once, at the first, with a date that"
            " is late enough for all of them.",
            example=Example(f"{_FILE}, By signer!E2", {"day": "26 Nov 2026"}),
        ),
        "register-too-early/several": Message(
            "The dates here and in {more} more rows of this column count for no letter: those of"
            " these rows were created later, the last on {day}.",
            "Enter {day} or a later date, or enter the dates in the Register sheet.",
            "warning",
        ),
    },
)
