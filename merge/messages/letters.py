"""Messages about creating letters again."""

from merge.advice import DecisionRemedy
from merge.messages.message import WAIT_FOR_SYNC, Example, Message, MessageSection

_LETTER = "Ana Ruiz/Minister Li.docx"
_FILE = f"letters/{_LETTER}"
_COMPARE_RECREATED = (
    "Compare it with the printed letter, or with an earlier version of the file in your sync"
    " service."
)
_SETTLE_RECREATED = (
    "If the present file may stay, keep it: {decide keep=NAME}. If the letter must be printed"
    " again, delete its dates in register.xlsx, then run {run letters release} and"
    " {decide new=print-file}, and print."
)
_PUT_BACK = "If you have a copy of the printed letter, put it back."
_NO_LONGER = "This signer and recipient are no longer paired in the workbook."
_NOT_CHANGED = "It is left unchanged and will not be printed."
_MOVE_IT = "If you do not need it any more, move it out of the campaign folder."
_NAME_FACTS = ("Other changed cells: {changed}.", "Letters: {letters}.")
_WHO = ("Same person: run {same}.", "Someone else: run {other}, or give this row a new ID.")
_FILLED_IN = "“{value}” was in the “{heading}” column, which the program fills in."


def _no_longer_paired(reason: str) -> Message:
    return Message(f"{_NO_LONGER} {reason}", _MOVE_IT, "warning")


SECTION = MessageSection(
    "Creating letters again",
    "What a run finds about letters that already exist. Only `who-is-who`,"
    " `register-people`, `letters-gone`, `campaign-closed` and `not-confirmed` stop the run.",
    {
        "name-corrected": Message(
            "“{before}” is now “{name}”, who keeps {count:# letter|# letters}.",
            "If these are two people, give each an ID in an “ID” column and try again.",
            "warning",
            about="Someone left the workbook, someone else was added, and all other filled cells of"
            " the two rows are the same. So this is one person whose name was corrected. The"
            " letters remain that person’s, and files that no one edited get the new name. If it is"
            " a different person after all, give both an ID in an *ID* column.",
            example=Example(
                "signers.xlsx, Signers!A5", {"before": "Ana Ruis", "name": "Ana Ruiz", "count": 8}
            ),
        ),
        "name-corrected/unknown": Message(
            "“{name}” had another name before and keeps {count:# letter|# letters}.",
            "If these are two people, give each an ID in an “ID” column and try again.",
            "warning",
        ),
        "id-changed": Message(
            "“{name}” has a different ID or none, but all other cells are the same. The"
            " {count:# letter remains|# letters remain} this person’s.",
            "Do not change IDs.",
            "warning",
            about="Someone has a different *ID* than at the last run, or none any more, and the"
            " name and all other filled cells are the same. So it is the same person: the letters,"
            " and what is printed, remain that person’s.",
            example=Example("signers.xlsx, Signers!A5", {"name": "Ana Ruiz", "count": 8}),
        ),
        "name-changed": Message(
            ("“{before}” is now “{name}”.", *_NAME_FACTS),
            _WHO,
            about="The name of a person was changed by more than capitals, accents, order, spaces"
            " and forms of address, such as Mr or Dr. Letters of this person are printed, signed,"
            " posted, answered, in a print file or edited, or their rows in the register have cells"
            " of yours. Perhaps someone typed the successor over the previous name. Until you"
            " decide, no letters of this person are created, printed or counted; other letters are."
            " You are also asked if the country, the region or the organisation of a recipient"
            " changes: The Minister of Justice may be another person then.\n\n"
            "- *Someone else:* run `merge letters --other-person` with the ID or the name. The"
            " letters of the previous person are kept, and the new person gets new ones. You can"
            " also give the row a new ID, and add a row for the previous person with the old ID and"
            " *Include* `no`.\n"
            "- *Same person under a new name:* run `merge letters --same-person` with the ID or the"
            " name.\n\n"
            "On the page, the *Conflicts* screen has all changed names in one table. Your decision"
            " is remembered.",
            example=Example(
                "signers.xlsx, Recipients!B2",
                {
                    "before": "Embassy of Austria",
                    "name": "Embassy of Australia",
                    "changed": ["City in Recipients"],
                    "letters": ["12 posted", "1 edited"],
                    "same": DecisionRemedy("same", "R1"),
                    "other": DecisionRemedy("other", "R1"),
                },
            ),
        ),
        "name-changed/unknown": Message(("“{name}” had another name before.", *_NAME_FACTS), _WHO),
        "name-changed/office": Message(
            ("“{name}” now has another country, region or organisation.", *_NAME_FACTS), _WHO
        ),
        "register-people": Message(
            "The program’s records are lost. The register lists letters of"
            " {people:# person|# people} not in the workbook: {people}.",
            "If a name was corrected: enter the old one, run {run letters}, then correct it again."
            " If they are no longer included: {run letters people_left}. If this is the wrong"
            " register, restore the right one.",
            about="The program’s records in the folder *Appeal Merge records* are lost. The"
            " register lists letters of people that the workbook does not have under a name or ID"
            " that the program knows. Decide before letters are created a second time:\n\n"
            "- *A name was corrected:* enter the old one in the workbook, run `merge letters`, then"
            " correct it again.\n"
            "- *They left:* `merge letters --people-left`; their letters and rows are kept.\n"
            "- *It is another campaign’s register:* restore the right one.",
            example=Example("register.xlsx", {"people": ["Tom Bailey (5 letters, 2 printed)"]}),
        ),
        "id-lost": Message(
            "Someone called “{name}”, with a different ID or none, has left, so this person counts"
            " as new.",
            "If it is the same person, restore the old ID before you run {run letters}.",
            "warning",
            about="Someone left, and someone of the same name was added who has a different *ID*"
            " or none, and other cells differ. The program assumes that they are two people: the"
            " letters are created again, and printed again.",
            example=Example("signers.xlsx, Signers!B5", {"name": "Ana Ruiz"}),
        ),
        "id-lost/asked": Message(
            "Perhaps “{name}” is the person whose ID another row has now.",
            "Answer the question about the row with that ID first, or give each person the ID that"
            " they had.",
        ),
        "person-deleted": Message(
            "The data of “{name}” was deleted, perhaps on another computer.",
            "Delete this row. If the person takes part again, or another person got this ID, enter"
            " a new ID in the “ID” column.",
            about="The data of the person in this row was deleted in the last 90 days. The row may"
            " have come back with another computer’s workbook.",
            example=Example("signers.xlsx, Signers!A5", {"name": "Ana Ruiz"}),
        ),
        "who-is-who": Message(
            "“{name}” may be new, or {left:the corrected name of someone|one of # people} who left:"
            " the other cells are the same.",
            "Give new people an ID in an “ID” column, and correct one name at a time.",
            about="Several people left or were added whose other cells are the same, so it is not"
            " clear whose name was corrected and who is new. Give new people an ID in an *ID*"
            " column; correct one name, run, then the next.",
            example=Example("signers.xlsx, Signers!A5", {"name": "Ana Ruiz", "left": 2}),
        ),
        "letter-other-format": Message(
            "{files:A file has|# files have} the name of a letter but another format: {files}."
            " Changes made there are not in the letter and will not be printed.",
            "If this is the version to send, save it as a Word document (.docx) in place of the"
            " letter. Then move the file to another folder.",
            "warning",
            about="Someone saved a letter as an OpenDocument text, an older Word document or in"
            " another format (LibreOffice asks whether to *Use ODF format*). The program uses only"
            " the .docx: work done in the other file would be lost.",
            example=Example("letters", {"files": ["Ana Ruiz/Minister Li.odt"]}),
        ),
        "letter-copied": Message(
            f"This is a copy of the letter {{letter}}. {_NOT_CHANGED}",
            "Compare the two, then move the copy to another folder. If the copy is the version to"
            " send, move the letter instead, and give the copy its name.",
            "warning",
            about="A second file is a copy of this letter. It is never changed and never printed."
            " If it has the name of a *conflicted copy* of a sync service, two people probably"
            " changed the letter at the same time: copy what is right from the copy to the letter"
            " before you move the copy out of the campaign folder.",
            example=Example("letters/Ana Ruiz/Copy of Minister Li.docx", {"letter": _LETTER}),
        ),
        "letter-copied/conflict": Message(
            "This is probably a conflict copy of the letter {letter}, changed on another computer."
            f" {_NOT_CHANGED}",
            "Copy what is right to the letter, then move this file out of the campaign folder.",
            "warning",
        ),
        "letter-copied/unreadable": Message(
            "This file has the name of a conflict copy of the letter {letter}, and cannot be read."
            " Until this is resolved, the letter will not be printed.",
            "Wait until the sync has finished. If it still cannot be read, check it in Word, then"
            " move it out of the campaign folder.",
            "warning",
        ),
        "letter-copies-moved": Message(
            "{letters:# conflict copy of a letter was|# conflict copies of letters were} moved"
            " here: {letters}.",
            "No one edited {letters:it|them}, so you need not do anything.",
            "warning",
            about="Two computers created the same letters before the folder had synced, for example"
            " with another date, so the sync service kept both. The program knows both as its own:"
            " no one edited them. So it keeps one, and moves the other to `letters/Old versions`.",
            example=Example(
                "letters/Old versions", {"letters": ["Ana Ruiz/Minister Li-DESKTOP-B.docx"]}
            ),
        ),
        "letter-copies-moved/planned": Message(
            "{letters:# conflict copy of a letter that no one edited|# conflict copies of letters"
            " that no one edited} would be moved here: {letters}.",
            "To move {letters:it|them}: {run letters}.",
            "warning",
        ),
        "letter-other-person": Message(
            (
                "Two people have the same ID: {name} in the workbook and {other}.",
                "The ID is {id}.",
                "The letter does not name {name}, so it is left unchanged and not printed.",
            ),
            "Find out whose letter it is, then give one of the two people a new ID. If that is the"
            " person of this letter, copy what was edited to the new letter, then move this file"
            " out of the campaign folder.",
            about="A letter has the ID of a letter of this campaign but does not name the person"
            " whose letter that is. Usually two computers gave the same ID to two new people. The"
            " file is left unchanged and does not count as a copy of the other letter. Nothing is"
            " printed until one of the two people has a new ID. Until then neither can be deleted"
            " with `merge delete-person`, because it is not certain whose letters are whose. `merge"
            " delete-person` also reports this error if the workbook no longer has the person and"
            " two letters with one ID name different people: first move the letters of the other"
            " person to another folder.",
            example=Example(
                "letters/Bo Other/Minister Li.docx",
                {"name": "Ada New", "other": "Bo Other here", "id": "S7"},
            ),
        ),
        "letter-other-person/deleting": Message(
            "This letter has the ID of a letter of {name} but does not name {name}. It may be"
            " someone else’s.",
            "Find out whose letter it is. If it is someone else’s, move it to another folder;"
            " otherwise delete it. Then try again.",
        ),
        "letter-torn": Message(
            "This letter is damaged and cannot be opened.",
            "It is created again, and the damaged file is kept in {folder}.",
            "warning",
            about="A letter that no one edited cannot be opened any more: a disk or a cloud lost"
            " part of it, or the power failed. It is created again, and the damaged file is kept."
            " A letter that you edited is kept unchanged: [`letter-damaged`](#letter-damaged).",
            example=Example(_FILE, {"folder": "Old versions"}),
        ),
        "decided-before": Message(
            "{letters:# letter has|# letters have} changed since you decided, and"
            " {letters:was|were} kept: {letters}.",
            "Check {letters:it|them} and decide again.",
            "warning",
            about="You made a decision about a letter, and someone saved it after it was shown to"
            " you.",
            example=Example("letters", {"letters": [_LETTER]}),
        ),
        "letters-unwanted": Message(
            "{letters:# letter that is|# letters that are} no longer needed {letters:was|were}"
            " moved here: {letters}.",
            "You can delete them. If a letter is needed again, it is restored.",
            "warning",
            about="The people of these letters are no longer in the workbook, or no longer write"
            " to each other. No one edited the letters, so they were moved out of the way.",
            example=Example(
                "letters/No longer wanted", {"letters": ["Ana Ruiz/Consul Roy.docx", _LETTER]}
            ),
        ),
        "letters-unwanted/planned": Message(
            "{letters:# letter that is|# letters that are} no longer needed would be moved here:"
            " {letters}.",
            "Nothing is deleted. If a letter is needed again, it is restored.",
            "warning",
        ),
        "letter-unwanted": Message(
            f"{_NO_LONGER} The letter was edited, so it is kept.",
            _MOVE_IT,
            "warning",
            about="The workbook no longer has this pair of signer and recipient, but the letter"
            " was edited or printed, so it stays where it is.",
            example=Example(_FILE),
        ),
        "letter-unwanted/printed": _no_longer_paired("The letter is printed, so it is kept."),
        "letter-unwanted/open": _no_longer_paired(
            "The letter is open in a program, so it is kept."
        ),
        "letter-unwanted/format": _no_longer_paired(
            "The letter was also saved in another format, so it is kept."
        ),
        "letter-unwanted/closed": _no_longer_paired(
            "The folder of the letter is write-protected, so it is kept."
        ),
        "letter-unwanted/moved": _no_longer_paired("The letter was moved, so it is kept."),
        "letter-unwanted/copied": _no_longer_paired(
            "The letter is a copy that someone made, so it is kept."
        ),
        "letter-unwanted/deleted": Message(
            "The data of a person in this letter was deleted, but the letter is here again.",
            "Delete that person’s data again.",
            "warning",
        ),
        "letter-unwanted/unknown": Message(
            "The workbook does not need this letter, and the program has no record of it, so it is"
            " kept.",
            f"{WAIT_FOR_SYNC} {_MOVE_IT}",
            "warning",
        ),
        "letter-unwanted/excluded": Message(
            "“{name}” is no longer included, but this letter is printed, so it is kept.",
            "If it is not posted yet, do not post it.",
            "warning",
        ),
        "campaign-closed": Message(
            "This campaign was closed on {day}, and its letters were deleted.",
            "Enter late replies in register.xlsx. For more letters: {run new}. To reopen this one:"
            " {run close undo}.",
            about="The campaign was ended with `merge close`: the letters are deleted, the register"
            " is kept. No letters are created, so that none is sent twice. `merge status` and"
            " `merge report` use the register.",
            example=Example(".", {"day": "26 Nov 2026"}),
        ),
        "letters-gone": Message(
            "The register lists {count:# letter|# letters}, but the letters folder has none.",
            f"{WAIT_FOR_SYNC} If the folder was moved or renamed, move it back. To create all"
            " letters again: {run letters anyway}.",
            about="The register lists letters, but the folder *letters* is empty or missing."
            " Perhaps the sync has not finished yet. Or the folder was renamed or moved: move it"
            " back. To create all letters again: `merge letters --anyway`.",
            example=Example("letters", {"count": 40}),
        ),
        "letters-gone/campaign": Message(
            "The campaign folder is missing.", "Restore it, and open it again."
        ),
        "ledger-lost": Message(
            "The program’s records of these letters are lost.",
            "Letters that differ from what would be created now count as edited and are kept. Mark"
            " the letters that have been printed: which letters are in print files is not known"
            " any more.",
            "warning",
            about="The folder *Appeal Merge records*, which records what the program created,"
            " is missing. No letter is lost, but if the template or the workbook has"
            " changed since, the program does not know whether you edited a letter.",
            example=Example("letters"),
        ),
        "cloud-folder": Message(
            "This folder syncs to {cloud}, including the letters.",
            "If the signers’ data must not be stored there, move the campaign to another folder.",
            "warning",
            about="Reported once, at the first run. See [Signers at risk](signers-at-risk.md).",
            example=Example("/home/ana/Dropbox/my-campaign", {"cloud": "Dropbox"}),
        ),
        "sign-unknown": Message(
            "No current warning has this ID.",
            "The warning may have changed. Run {run check} to see the current IDs.",
            about="`merge check --ignore` needs the warning ID, which is in brackets after the"
            " warning. It changes when the warning’s data changes.",
            example=Example("--ignore 5bce"),
        ),
        "not-confirmed": Message(
            "This would replace letters that were edited.",
            "Add {option yes} to allow it.",
            about="`--replace` would replace edited letters, and with `--json` there is no one to"
            " confirm it.",
            example=Example("--replace"),
        ),
        "register-typed": Message(
            _FILLED_IN,
            "Change {cell} instead.",
            "warning",
            about="The columns *Signer*, *Recipient*, *File*, *Status*, *Created on* and"
            " *Print file* of the register show what the program has recorded. Anything"
            " typed there is replaced, and the message says which cell to change instead. If ID,"
            " Signer and Recipient of a row are all three another letter’s, no one typed them: the"
            " cells were moved, and from then on the row is that letter’s, with the dates in it.",
            example=Example(
                "register.xlsx, Register!B7",
                {
                    "value": "Ana Ruiz-Gómez",
                    "heading": "Signer",
                    "cell": "signers.xlsx, Signers!A5",
                },
            ),
        ),
        "register-typed/stage": Message(
            _FILLED_IN, "Enter a date in Printed, Signed, Posted or Answered instead.", "warning"
        ),
        "register-typed/file": Message(
            _FILLED_IN, "Move or rename the file itself; it will be found.", "warning"
        ),
        "register-typed/date": Message(
            _FILLED_IN,
            "Set “Date” in the Settings sheet instead (add the row if it is missing).",
            "warning",
        ),
        "register-typed/other": Message(_FILLED_IN, "Use a column of your own.", "warning"),
        "paper-replaced": Message(
            "This letter is printed, but the file in its place is now another letter.",
            _PUT_BACK,
            "warning",
            about="Someone replaced this letter with another one after it was printed. The program"
            " keeps both the date and the file, but the printed version is no longer there.",
            example=Example(_FILE),
        ),
        "paper-replaced/earlier": Message(
            "This letter is printed, but the file in its place is now an earlier version of it.",
            _PUT_BACK,
            "warning",
        ),
        "paper-recreated": Message(
            "This letter is printed, but it was created again on another computer, after its print"
            " file {batch}.",
            ("Compare it with the letter in that print file.", _SETTLE_RECREATED),
            "warning",
            about="Another computer had not got the print file or the date yet when it created the"
            " letter again. So the file is not what was printed, perhaps signed and posted. What"
            " was printed is in the print file in `print/`. Your sync service may also keep earlier"
            " versions of the letter: right-click the file, *Version history*. This is reported"
            " until you decide that the present file may stay: `merge letters my-campaign --keep"
            " NAME`, or *Keep my version* on the Conflicts screen.",
            example=Example(_FILE, {"batch": "02, 26 Nov 2026, 14.05"}),
        ),
        "paper-recreated/marked": Message(
            "This letter is printed, but another computer, which did not know that, has created it"
            " again.",
            (_COMPARE_RECREATED, _SETTLE_RECREATED),
            "warning",
        ),
        "paper-twice": Message(
            "There is more than one copy of this printed letter: {files}.",
            "In this folder, keep only the file that was printed. Move the others to another"
            " folder.",
            "warning",
            about="A printed letter was moved and copied: there are two copies, and neither is in"
            " the original place. In this folder, keep only the file that was printed."
            " Move the other to another folder.",
            example=Example(
                "letters/Done/Final.docx", {"files": ["Done/Final.docx", "Done/Final (1).docx"]}
            ),
        ),
    },
)
