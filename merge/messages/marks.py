"""Messages about letters marked as printed, signed, posted or answered."""

from merge.messages.message import Example, Message, MessageSection

_LETTER = "letters/Ana Ruiz/Consul Roy.docx"
_CHANGE_IT = (
    "If that is wrong, change it in Excel, or first remove the mark of that letter:"
    " {option letter=ID} {option undo}."
)

SECTION = MessageSection(
    "Marks",
    "Letters that are marked as printed, signed, posted or answered.",
    {
        "letter-ambiguous": Message(
            "This is the beginning of several short IDs: {letters}.",
            "Enter more of the ID: {ids}.",
            about="Several letters have IDs that begin with what was entered. The register has the"
            " complete ID.",
            example=Example(
                "--letter 83",
                {
                    "letters": [_LETTER, "letters/Bo Berg/Consul Roy.docx"],
                    "ids": "832f1a or 83c04b",
                },
            ),
        ),
        "letter-unknown": Message(
            "No letter has this short ID.",
            "Check the ID: it is on the cover sheet and the envelope, and in full in the register.",
            about="No letter of this campaign has an ID that begins like this. Check the cover"
            " sheet again: IDs consist of the digits 0 to 9 and the letters a to f.",
            example=Example("--letter 9x2f"),
        ),
        "mark-id-as-number": Message(
            "Nothing was marked: this is the short ID of a letter, not a tracking number.",
            "Enter each letter separately: {option letter=ID}. A tracking number that looks like"
            " this can be entered in the register.",
            about="Two short IDs were entered where an ID and its tracking number are expected, so"
            " the second letter would not have been marked.",
            example=Example("--letter 8ef5f"),
        ),
        "mark-kept": Message(
            "{letters:# letter was|# letters were} not marked, because {stage} already has another"
            " date: {letters}.",
            _CHANGE_IT,
            "warning",
            about="The cells already have another value, which someone entered or an earlier mark"
            " wrote. `merge mark` never overwrites it, and `--undo` removes only what the program"
            " has written.",
            example=Example("register.xlsx", {"letters": [_LETTER], "stage": "Printed"}),
        ),
        "mark-kept/tracking": Message(
            "{letters:# letter was|# letters were} not marked, because {stage} or the tracking"
            " number already has another value: {letters}.",
            _CHANGE_IT,
            "warning",
        ),
        "mark-kept/undo": Message(
            "{letters:# letter was|# letters were} not changed, because {stage} was entered by hand"
            " or by another mark: {letters}.",
            "If that is wrong, clear it in Excel.",
            "warning",
        ),
        "mark-never-made": Message(
            "{letters:# letter has|# letters have} not been created and cannot be marked:"
            " {letters}.",
            "Run {run letters} first.",
            about="A letter that was never created cannot have been printed. The other letters were"
            " marked.",
            example=Example("letters", {"letters": [_LETTER]}),
        ),
        "mark-no-register": Message(
            "There are no letters yet, so nothing can be marked.",
            "Run {run letters} first.",
            about="No letters have been created yet. The first run of `merge letters` creates them"
            " and `register.xlsx`.",
            example=Example("register.xlsx"),
        ),
        "mark-other-version": Message(
            "{letters:# letter|# letters} changed after {letters:it was|they were} put into a print"
            " file, so an earlier version was printed: {letters}.",
            "If {letters:it|they} must be printed again, remove the mark: {option letter=ID}"
            " {option undo}. Then print {letters:it|them}.",
            "warning",
            about="The letters were edited in Word, or created again on another computer, after the"
            " print file was made. They are marked, but the paper does not have these changes. If"
            " you printed them from Word afterwards, you need not do anything.",
            example=Example("register.xlsx", {"letters": [_LETTER]}),
        ),
        "mark-print-file-gone": Message(
            "{letters:# letter was|# letters were} marked, but {letters:its|their} print file is"
            " not in print/: {letters}.",
            "If it was deleted before it was printed, remove the mark: {option letter=ID}"
            " {option undo}.",
            "warning",
            about="The print file was deleted, moved or renamed. `merge delete-person` deletes"
            " those that contain a letter of that person. The program cannot know whether it was"
            " printed before.",
            example=Example("register.xlsx", {"letters": [_LETTER]}),
        ),
        "mark-skipped": Message(
            "{letters:# letter is|# letters are} not marked as {stage} yet: {letters}.",
            "If {letters:it has|they have} been {stage}, mark {letters:it|them} as {stage} too.",
            "warning",
            about="A posted letter must have been printed and signed before; perhaps this was only"
            " never recorded. An answered letter counts as posted in every figure, even if it was"
            " never marked as posted.",
            example=Example("register.xlsx", {"letters": [_LETTER], "stage": "signed"}),
        ),
        "mark-skipped/answered": Message(
            "{letters:# letter is|# letters are} not marked as posted yet: {letters}.",
            "An answered letter counts as posted. To add the day, mark it as posted too.",
            "warning",
        ),
        "mark-to-come": Message(
            "This date is in the future, so nothing was marked.",
            "Enter the day on which it was done, today at the latest.",
            about="A letter cannot have been printed, signed, posted or answered after today. Check"
            " the year.",
            example=Example("--date 2099-11-26"),
        ),
        "mark-too-early": Message(
            "{letters:# letter is|# letters are} not {before} yet and {letters:was|were} not"
            " marked: {letters}.",
            "If they have been {stage} after all, name them: {option for=NAME},"
            " {option letter=ID}.",
            "warning",
            about="Unless you name letters, only letters that have reached the previous stage are"
            " marked: as printed, those in a print file; as signed, those that were printed; as"
            " posted, those that were signed. Name the others, or use `--all`.",
            example=Example(
                "register.xlsx",
                {"letters": [_LETTER], "before": "in a print file", "stage": "printed"},
            ),
        ),
        "mark-too-old": Message(
            "The year {year} looks wrong, so nothing was marked.",
            "Enter the right year, with all four digits.",
            about="Usually a year was entered with two digits. Excel has no dates before 1 March"
            " 1900: it counts 29 February 1900, a day"
            " that never existed, so earlier dates do not agree with other programs.",
            example=Example("--date 0026-11-29", {"year": "0026"}),
        ),
        "mark-before-letters": Message(
            "The first letter was created later, on {first}, so nothing was marked.",
            "Check the year. If the date is right, add {option yes}.",
            about="A letter that did not exist yet cannot have been printed, signed, posted or"
            " answered. Usually the year is wrong. Letters that were created elsewhere, before this"
            " campaign folder, can be marked with such a date.",
            example=Example("--date 2025-11-29", {"first": "29 November 2026"}),
        ),
        "mark-other-person": Message(
            "At the last run, the ID of this person belonged to “{before}”.",
            "If these are two people, give one a new ID. Otherwise run {run letters} first.",
            about="A row of the workbook has another name than at the last run, and the same ID:"
            " two people may have been given one ID. It is not certain whose letters are meant, so"
            " none is marked.",
            example=Example("signers.xlsx, Signers!B7", {"before": "Nuno Haddad"}),
        ),
        "mark-odd-tracking": Message(
            "Nothing was marked: the tracking number contains a line break or a control character.",
            "Type it instead of pasting it.",
            about="A number pasted from a web page or a scanner can contain characters that cannot"
            " be seen. It has at most 100 characters.",
            example=Example("--tracking"),
        ),
        "mark-odd-tracking/long": Message(
            "Nothing was marked: a tracking number has at most {most} characters.",
            "Enter the number alone.",
        ),
        "mark-tracking-digit": Message(
            "The check digit of the tracking number is wrong: {numbers}.",
            "Compare it with the receipt. If it is different, correct it in the register.",
            "warning",
            about="Numbers of registered letters and parcels, such as RR123456785DE, have a check"
            " digit: the last digit before the country. It shows that a digit was misread. The"
            " number was recorded as typed.",
            example=Example("register.xlsx", {"numbers": ["RR123456789DE"]}),
        ),
        "mark-tracking-shared": Message(
            "Letters to several recipients have the same tracking number: {numbers}.",
            "If they were not sent together, compare the receipts and correct the register.",
            "warning",
            about="A tracking number belongs to one letter or parcel. Perhaps it was entered twice,"
            " or for the wrong letter. The number was recorded as typed.",
            example=Example("register.xlsx", {"numbers": ["RR123456785DE"]}),
        ),
        "mark-two-numbers": Message(
            "Nothing was marked: this letter has another tracking number here, {number}.",
            "Enter each letter once, with its own number.",
            about="Two tracking numbers were entered for one letter at the same time. Only one of"
            " them can be recorded.",
            example=Example("--letter f6ea4 CP123456785DE", {"number": "RR123456785DE"}),
        ),
        "mark-whom": Message(
            "Select the letters that were answered.",
            "Name them: {option for=NAME}, {option letter=ID}.",
            about="It is very unlikely that all letters were answered at once, so answered letters"
            " are marked one by one.",
            example=Example("mark answered"),
        ),
    },
)
