"""Messages about deleting a person's data and closing a campaign."""

from merge.messages.message import Example, Message, MessageSection

SECTION = MessageSection(
    "Deleting data and closing",
    "What stops `merge delete-person` and `merge close`.",
    {
        "forget-open": Message(
            "A file in this folder is open in Word or Excel.",
            "Close it and try again. If it is already closed, delete only the temporary file"
            " {file}.",
            about="If a file is open, Word or Excel would save it again after it has been"
            " deleted. Temporary files are hidden: in Windows Explorer, select View > Show > Hidden"
            " items.",
            example=Example("my-campaign/letters/Ana Ruiz", {"file": "~$nsul Roy.docx"}),
        ),
        "close-changed": Message(
            "{files:# file has|# files have} been added since the list of files was made: {files}.",
            "Nothing was deleted. Close the campaign again to see the new list.",
            about="Another run created letters or print files after `merge close` had listed the"
            " files to delete.",
            example=Example("letters", {"files": ("letters/Ana Ruiz/Minister Li.docx",)}),
        ),
        "closed-files": Message(
            "{files:# letter or print file is|# letters and print files are} here although the"
            " campaign was closed: {files}.",
            "Delete {files:this file|these files}: {run close}.",
            "warning",
            about="The campaign was closed, which deletes its letters and print files. Afterwards"
            " some came back: from another computer that had not synced yet, or from a backup.",
            example=Example("letters", {"files": ["letters/Ana Ruiz/Minister Li.docx"]}),
        ),
        "deletion-unfinished": Message(
            "Deleting the data of {count:a person|# people} is not finished: something is left, or"
            " it was stopped.",
            "To continue, delete the data of the same {count:person|people} again.",
            "warning",
            about="`merge delete-person` was stopped, or it found data that only you can delete,"
            " such as a row of the workbook. Delete that, then enter the same command again: it"
            " deletes the rest, and says that no data is left.",
            example=Example(".", {"count": 1}),
        ),
        "batch-deleted": Message(
            "This print file has a letter of someone whose data was deleted.",
            "Do not print it. Delete that person’s data again: this deletes the print file. Then"
            " print its other letters again.",
            "warning",
            about="Another computer had created the print file before it had got the deletion. The"
            " records no longer have the person’s name: it is in the print file. Enter `merge"
            " delete-person` with that name.",
            example=Example("print/2026-11-26 14.05.30/02 Bo Berg.docx"),
        ),
        "forget-several": Message(
            "Several people have this name: {people}.",
            "Enter the ID of the person you mean.",
            about="Two people have this name, or names that differ only in capitals, accents or the"
            " order of their words. Each has a different ID in the workbook.",
            example=Example(
                "“Ana Ruiz”",
                {
                    "people": (
                        "Ana Ruiz (S1) (signers.xlsx, Signers!B2)",
                        "Ana Ruiz (S2) (signers.xlsx, Signers!B3)",
                    )
                },
            ),
        ),
        "forget-several/unfinished": Message(
            "The data of a person with this name is being deleted, and {person} ({place}) has the"
            " same name.",
            "Enter the ID of the person you mean.",
        ),
        "forget-stays": Message(
            "The file cannot be deleted ({error}).",
            "Close it, or ask someone who may delete files here, then try again.",
            about="The system does not let the program delete a file. The files before it have been"
            " deleted.",
            example=Example("letters/Ana Ruiz/Consul Roy.docx", {"error": "Permission denied"}),
        ),
    },
)
