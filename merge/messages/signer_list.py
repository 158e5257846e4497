"""Messages about the list of signers from forms."""

from merge.messages.message import Example, Message, MessageSection

_LIST = "signers from forms.xlsx"

SECTION = MessageSection(
    "The list of signers from forms",
    "The workbook `signers from forms.xlsx`, which has the people who were imported.",
    {
        "list-open": Message(
            "The list is open in another program, so nothing was saved.",
            (
                "Close it there and try again.",
                "If it is already closed, delete only the temporary file {note}.",
            ),
            about="Excel or LibreOffice has the list open, or the backup from the last import.",
            example=Example(_LIST, {"note": f"~${_LIST}"}),
        ),
        "list-changed": Message(
            "The list was saved after it was read, so nothing was changed.",
            "Try again with the new list.",
            about="Someone saved the list while the import was running. What they saved is kept;"
            " the changes are shown again.",
            example=Example(_LIST),
        ),
        "list-held": Message(
            "The list cannot be opened ({reason}).",
            "Close it in the other program, or ask its owner for access.",
            about="The list exists but cannot be read: another program is using it, or it belongs"
            " to someone else.",
            example=Example(_LIST, {"reason": "Permission denied"}),
        ),
        "list-not-saved": Message(
            "The list could not be saved ({reason}).",
            "If the disk is full, free up space. Otherwise ask its owner for write access.",
            about="The disk is full, or you have no permission to save there. The list was not"
            " changed.",
            example=Example(_LIST, {"reason": "No space left on device"}),
        ),
        "list-not-carried": Message(
            "The list cannot be saved without losing something ({reason}).",
            "In Excel, save it as Excel Workbook (.xlsx), not Strict Open XML, and try again.",
            about="Something in the list would be lost if the program saved it. The list was not"
            " changed.",
            example=Example(_LIST, {"reason": "a sheet would be lost"}),
        ),
        "list-too-long": Message(
            "There are too many people for one list, so the list was not updated.",
            "Divide the campaign into several smaller ones.",
            about="A list can have at most 100,000 rows.",
            example=Example(_LIST),
        ),
        "list-memory": Message(
            "The hidden Memory sheet is damaged.",
            "Restore an earlier copy of the file.",
            about="The hidden sheet *Memory* records what each form said last and who is known."
            " Without it, everyone could be imported again, even people who were deleted or"
            " declined, so nothing is read. If there is no earlier copy, clear the *ID* column:"
            " then all rows are your own, matched by name and address.",
            example=Example(f"{_LIST}, sheet Memory"),
        ),
        "list-memory/gone": Message(
            "The hidden Memory sheet is missing, so people from forms cannot be recognised.",
            "Restore an earlier copy of the file. If there is none, clear the ID column.",
        ),
        "list-id-gone": Message(
            "The ID of this row, {id}, is missing.",
            "Enter {id} in the ID column. Without it, this counts as a row of your own.",
            "warning",
            about="The *ID* cell of a person from a form is now empty, and the name is unchanged."
            " The ID connects people with their letters and with your corrections.",
            example=Example(f"{_LIST}, Signers!A3", {"id": "F7Q2MXD"}),
        ),
        "list-include-held": Message(
            "The Include cell {cell} is a formula or part of a merged cell, so nothing was"
            " changed.",
            "Enter “yes” or “no” in the cell itself, save, and import again.",
            about="Someone withdrew consent, and the program cannot write `no` in the *Include*"
            " cell of their row: it contains your formula, or it is merged with other cells.",
            example=Example(_LIST, {"cell": "E5"}),
        ),
        "list-rows-moved": Message(
            "The name next to {id} is another person’s: {id}’s name is next to {other}.",
            "IDs and names were sorted separately. Undo that, or restore an earlier copy.",
            about="Part of the list was sorted or moved without the *ID* column, so rows have the"
            " IDs of other people. A response would change the wrong person, so nothing is"
            " imported.",
            example=Example(f"{_LIST}, Signers!A2", {"id": "F7Q2MXD", "other": "FW4T9HC"}),
        ),
        "workbook-is-list": Message(
            "This is the list of signers from forms, not the workbook of a campaign.",
            "Restore signers.xlsx. The list is read automatically if it is next to it.",
            about="The workbook was replaced with the list of signers from forms, which has no"
            " recipients and no settings.",
            example=Example("signers.xlsx"),
        ),
        "list-column-gone": Message(
            "The form fills “{column}”, but the list no longer has a “{column}” column.",
            "Restore the “{column}” column. If it should stay removed, enter another column here,"
            " or “{leave_out}”.",
            "warning",
            about="A column of the list was renamed or deleted, but a form still fills it, so its"
            " values are not in any letter. To keep the new name, enter it under *Goes to* in the"
            " *Forms* sheet.",
            example=Example(
                f"{_LIST}, Forms!D3", {"column": "Street", "leave_out": "do not import"}
            ),
        ),
        "form-withdrawn": Message(
            "The latest form response of this person withdraws consent.",
            "Enter “no” under Include in this row; add the column if there is none.",
            "warning",
            about="A person whom you entered yourself declined in a form, after any other response"
            " of theirs. An import does not change your workbook, so letters are still created for"
            " them.",
            example=Example("signers.xlsx, Signers!A2"),
        ),
        "form-withdrawn/deceased": Message(
            "The latest form response about this person says that they have died.",
            "Enter “no” under Include in this row; add the column if there is none.",
            "warning",
        ),
        "form-to-decide": Message(
            "{people:# person needs|# people need} review, so Include is “no” in"
            " {people:this row|these rows}.",
            "If they should take part, clear Include. Otherwise delete the row.",
            "warning",
            about="Someone was imported with Include set to `no`, for the reason given under *To"
            " decide*: perhaps another person has the same name, or it is a test entry. No letters"
            " are created for people who have not been reviewed.",
            example=Example(f"{_LIST}, Signers!F", {"people": 1}),
        ),
        "list-undo-late": Message(
            "The import was not undone, because the list has been changed since.",
            (
                "Change or delete what was imported in the list itself.",
                "The previous list is {file}.",
            ),
            about="The list was saved after the last import. Restoring the previous list would"
            " lose what was done since.",
            example=Example(_LIST, {"file": "signers from forms (before the last import).xlsx"}),
        ),
        "list-undo-nothing": Message(
            "There is no previous list to restore.",
            "You can change or delete what was imported in the list itself.",
            about="There was no import, it was already undone, or the list was saved without a"
            " backup.",
            example=Example(_LIST),
        ),
    },
)
