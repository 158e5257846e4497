"""Messages about proofreading."""

from merge.advice import Hint
from merge.messages.message import Example, Message, MessageSection
from merge.messages.wording import fill_template

_FILE = "Ana Ruiz/Minister Li.docx"
_CORRECT = "Correct it in Word, or create the letter again: {decide new=ID}."

CORRECT = fill_template(_CORRECT, {})
"""The remedy for a letter that says something wrong."""
CORRECT_OUTDATED = fill_template(
    "The letter is older than its data or its template: update it with {run letters}.", {}
)
"""The same for a letter that is unchanged and out of date."""
CORRECT_PRINTED = fill_template(
    "It is printed: delete its dates in register.xlsx, run {run letters release}, correct"
    " the letter in Word, and print it again.",
    {},
)
"""The same for a printed letter."""


def correct_conflict(letter_id: str) -> Hint:
    """Return the remedy for an edited letter whose data has changed."""
    return fill_template(_CORRECT.replace("new=ID", f"new={letter_id}"), {})


SECTION = MessageSection(
    "Proofreading",
    "What `merge proofread` finds in finished letters. A letter with an *error* must not be sent.",
    {
        "proof-another": Message(
            "This is the data of another {kind}, {person}: {values}.",
            _CORRECT,
            about="The letter contains something that belongs to another person.",
            example=Example(
                f"{_FILE}, line “Storgatan 12” (paragraph 9)",
                {"kind": "signer", "person": "Bo Berg", "values": "Street “Storgatan 12”"},
            ),
        ),
        "proof-another/one-word": Message(
            "This is the data of another {kind}, {person}: {values}.", _CORRECT, "warning"
        ),
        "proof-missing": Message(
            "The letter does not contain the {kind}’s {values}.",
            _CORRECT,
            about="Something that should be in the letter is missing.",
            example=Example(_FILE, {"kind": "recipient", "values": "Salutation “Minister Li”"}),
        ),
        "proof-missing/no-name": Message(
            "The letter does not contain the {kind}’s {values}.", _CORRECT, "warning"
        ),
        "proof-missing/fewer": Message(
            "The {kind}’s {values} appears fewer times than in a newly created letter.",
            "Check whether it was replaced by another person’s.",
            "warning",
        ),
        "proof-missing/others": Message(
            "The letter does not contain the {kind}’s Name “{name}”; other letters contain theirs.",
            "Check the template and its conditions.",
            "warning",
        ),
        "proof-leftover": Message(
            "A placeholder was not filled in: “{text}”.",
            _CORRECT,
            about="A placeholder, a merge field, `None` or an Excel error was left in the letter."
            " It is a warning if the letter contains the prompt of an empty content control or of a"
            " field to click on.",
            example=Example(
                f"{_FILE}, line “Dear None,” (paragraph 4)", {"text": "None"}, "no-value"
            ),
        ),
        "proof-leftover/merge-field": Message(
            "A merge field was not filled in: “{text}”.", _CORRECT
        ),
        "proof-leftover/no-value": Message("A value is missing: “{text}”.", _CORRECT),
        "proof-leftover/prompt": Message(
            "The letter contains a prompt that was not replaced: “{text}”.",
            "Replace it in Word. If all letters contain it, replace it in the template and create"
            " them again.",
            "warning",
        ),
        "proof-empty-line": Message(
            "The address has a blank line after this one.",
            "Delete the blank line in Word.",
            about="An address has a blank line in it.",
            example=Example(f"{_FILE}, line “Minister Li” (paragraph 1)"),
        ),
        "proof-blank": Message(
            "There are two spaces: “{text}”.",
            "Check whether a word is missing.",
            "warning",
            about="The letter has two spaces, or a space before a comma, that are neither in the"
            " template nor in the cells.",
            example=Example(
                f"{_FILE}, line “I ask you to release everybody.” (paragraph 5)", {"text": "I  ask"}
            ),
        ),
        "proof-blank/extra": Message(
            "There is an extra space: “{text}”.", "Check whether a word is missing.", "warning"
        ),
        "proof-blank/missing": Message(
            "Something is missing at “{text}”.", "Check whether a word is missing.", "warning"
        ),
        "proof-changed": Message(
            "{count:# paragraph differs|# paragraphs differ} from a newly created letter.",
            "See the Differences sheet of the report.",
            "warning",
            about="The letter was edited. The report shows each paragraph as it was created and as"
            " it is now.",
            example=Example(_FILE, {"count": 1}, "edited"),
        ),
        "proof-changed/edited": Message(
            "Edited: {count:# paragraph differs|# paragraphs differ} from a newly created letter.",
            "See the Differences sheet of the report.",
            "warning",
        ),
        "proof-salutation": Message(
            "This salutation names {other}, not {person}.",
            "Check whether the cell belongs to another row.",
            "warning",
            about="The salutation in the workbook is another recipient’s.",
            example=Example(
                "signers.xlsx, Recipients!E3",
                {"other": "Minister Wei Li", "person": "Consul Asha Roy"},
            ),
        ),
        "proof-comments": Message(
            "The letter has comments, which Word would print.",
            "In Word, delete all comments (Review tab).",
            about="Word prints comments beside the letter.",
            example=Example(f"{_FILE}, body"),
        ),
        "proof-unreadable": Message(
            "The file cannot be read as a Word document.",
            "Open it in Word. If that fails too, move it to another folder and create the letter"
            " again.",
            about="The file is no longer a Word document, or has no text apart from headers and"
            " footers.",
            example=Example(_FILE),
        ),
        "proof-unreadable/no-text": Message(
            "The document has no text apart from headers and footers.",
            "Write the letter there, or move the file to another folder and create the letter"
            " again.",
        ),
        "proof-nowhere": Message(
            "{count:The letter does not contain|None of the # letters contains} the {kind}’s Name.",
            "If it should, check the placeholders of the template.",
            "warning",
            about="No letter contains a name from this column. The template may use the wrong"
            " column.",
            example=Example("signers.xlsx, Recipients!B", {"count": 6, "kind": "recipient"}),
        ),
        "proof-template": Message(
            "All letters contain “{text}”, the {column} of one {kind} ({cell}).",
            "If it should change with each {kind}, replace it with {placeholder}.",
            "warning",
            about="The template itself contains the value of one person’s cell, so every letter"
            " has it; see [template-says](#template-says). The report calls no letter correct until"
            " this has been checked.",
            example=Example(
                "appeal.docx, line “Ana Ruiz” (paragraph 8)",
                {
                    "text": "Ana Ruiz",
                    "column": "Name",
                    "kind": "signer",
                    "cell": "Signers!B2",
                    "placeholder": "{{ signer.name }}",
                },
            ),
        ),
        "proof-nobody": Message(
            "The letter does not name its recipient, {name}, and has no salutation.",
            "Check whether the template has placeholders for them.",
            "warning",
            about="The letter contains neither the recipient’s Name, nor a word of it, nor the"
            " salutation. A petition “to whom it may concern” is meant to be like this; otherwise"
            " check the placeholders of the template.",
            example=Example(_FILE, {"name": "Minister Li"}),
        ),
    },
)
