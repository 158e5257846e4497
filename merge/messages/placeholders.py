"""Messages about placeholders, conditions, loops and merge fields."""

from collections.abc import Mapping

from merge.messages.message import Example, Message, MessageSection
from merge.messages.wording import FieldValue


def _place(words: str, paragraph: int = 1) -> str:
    return f"appeal.docx, line “{words}” (paragraph {paragraph})"


_GUIDE = "See “Write a template in Word” for what a placeholder can do."
_REINSERT = "Delete it, and insert it again in Word: Mailings > Insert Merge Field."
_REINSERT_FIELD = "Delete it in Word (Alt+F9 shows fields) and insert it again."
_WRITE_IF = "Write {instead} instead."
_NO_EFFECT = "Word’s {kind} field has no effect in these letters."
_IN_CODE = "A merge field is inside the code of the {kind} field."
_NUMBER_FORMAT = "Use a plain one such as \\# “#,##0.00”, or format the cells in Excel."
_NEAR = (
    "Did you mean {ours}?",
    "Add a “{column}” column, then write {missing}.",
    "Add a “{setting}” row to the Settings sheet, then write {missing}.",
    "Use _ instead of spaces.",
)
_FOREIGN = (
    "To fill it in, write {ours}.",
    "To fill it in, add a “{column}” column, then write {missing}.",
    "To fill it in, add a “{setting}” row to the Settings sheet, then write {missing}.",
    "If it is text, write {text}.",
)
_LOOKS_FOREIGN = (
    "“{tag}” looks like a placeholder of another program ({programs}) and is not filled in.",
    "“{odd}” looks like a placeholder of another program and is not filled in.",
)
_QUOTED = "«{tag}» is plain text here, not a merge field, and is not filled in."
_QUOTED_REMEDY = (
    *_FOREIGN[:3],
    "If it is a quotation, use other quotation marks: “{tag}”.",
)
_NOT_FOREIGN: Mapping[str, FieldValue] = {
    "column": None,
    "setting": None,
    "missing": None,
}

_SUGGESTIONS = (
    "Did you mean {near}?",
    "Did you mean {field}? Right-click the field in Word and select Edit Field.",
)

SECTION = MessageSection(
    "Placeholders",
    "What is in curly brackets in the template. [Write a template in Word](templates.md) explains"
    " how to"
    " write placeholders.",
    {
        "name-unknown": Message(
            (
                "{tag}: the {sheet} sheet has no “{column}” column.",
                "{tag}: “{name}” does not exist.",
            ),
            (
                *_SUGGESTIONS,
                "Only the {other} sheet has it: add the column, or restore its old heading.",
                "Add the column, or import {responses} that contain it.",
                "For all names, run {names}.",
                "Or is the heading “{heading}” ({at}) misspelt?",
            ),
            about="No column has this name. A misspelt name never leaves a blank. Correct the"
            " placeholder, or add the column. `merge placeholders` lists all names. If the heading"
            " is the misspelt one (*Salutaiton*), the place is the heading’s cell: correct it"
            " there, and the template stays as it is.",
            example=Example(
                _place("Dear {{ recipient.nmae }},"),
                {
                    "tag": "{{ recipient.nmae }}",
                    "sheet": "Recipients",
                    "column": "nmae",
                    "name": None,
                    "near": "recipient.name",
                    "field": None,
                    "other": None,
                    "responses": None,
                    "names": None,
                    "heading": None,
                    "at": None,
                },
            ),
        ),
        "name-unknown/setting": Message(
            "{tag}: there is no “{setting}” setting.",
            (*_SUGGESTIONS, "Add it to the Settings sheet, or run {names} for all names."),
        ),
        "name-unknown/heading": Message(
            "The heading “{heading}” may be misspelt: {tag} needs “{instead}”.",
            (
                "Did you mean “{instead}”?",
                "If the heading is right, write {near} in the template.",
            ),
        ),
        "name-unknown/no-value": Message(
            "{tag}: no value is given for “{name}”.",
            ("Did you mean {near}?", "Pass a value, or None for a blank."),
        ),
        "name-unknown/undefined": Message(
            "A name in this placeholder has no value.", "Check its spelling."
        ),
        "tag-unclosed": Message(
            "A placeholder that starts with {opening} is not closed.",
            "Add {closing} in the same paragraph.",
            about="A placeholder starts and does not end in its paragraph. Add the missing"
            " brackets.",
            example=Example(_place("Dear {{ recipient.name,"), {"opening": "{{", "closing": "}}"}),
        ),
        "tag-unclosed/comment": Message(
            "A comment that starts with {# is not closed before the next one.",
            "Add #} after the comment, or write { # with a space.",
        ),
        "tag-unopened": Message(
            "{closing} ends a placeholder that does not start in its paragraph.",
            "Write {near}.",
            about="The end of a placeholder has no beginning in its paragraph. Add the missing"
            " brackets. If they are text, write them with a space between them.",
            example=Example(
                _place("Dear recipient.name }},"),
                {"closing": "}}", "near": "{{ recipient.name }}"},
            ),
        ),
        "tag-unopened/text": Message(
            "{closing} ends a placeholder that does not start in its paragraph.",
            "Start it with {opening}, or write {spaced} with a space if it is text.",
        ),
        "tag-unopened/condition": Message(
            "{closing} ends a placeholder that does not start in its paragraph.",
            "Start a condition with {% if, or write {spaced} with a space if it is text.",
        ),
        "tag-unopened/comment": Message(
            "{closing} ends a comment that does not start in its paragraph.",
            "Delete the #, or write {spaced} with a space.",
        ),
        "tag-empty": Message(
            "The placeholder is empty.",
            "Enter the name of a column in it, or delete it.",
            about="There is nothing between the brackets. Enter a name, or delete them.",
            example=Example(_place("Dear {{ }},")),
        ),
        "tag-dash": Message(
            "{tag} has a - or + next to its curly brackets, which is not allowed.",
            "Delete the - or +.",
            about="Some programs use a minus or plus next to the brackets; here it has no"
            " meaning. Delete it.",
            example=Example(
                _place("Dear {{- recipient.name }},"), {"tag": "{{- recipient.name }}"}
            ),
        ),
        "tag-broken": Message(
            "The placeholder contains a tab, line break or picture.",
            "Delete it, or type the placeholder again.",
            about="There is a tab, a line break or a picture inside the placeholder. Type the"
            " placeholder again in one piece.",
            example=Example(_place("Dear {{ recipient. name }},")),
        ),
        "tag-broken/pieces": Message(
            "The placeholder is split into pieces with different formats.",
            "Type the complete placeholder again.",
        ),
        "tag-syntax": Message(
            "{tag} is not valid.",
            _NEAR,
            about="The text in the placeholder is not valid. The message says what was probably"
            " meant. If it is a placeholder of another program, such as `{{#items}}` of Mustache,"
            " the message says how to write it here.",
            example=Example(
                _place("Dear {{ recipient full name }},"),
                {
                    "tag": "{{ recipient full name }}",
                    "ours": "{{ recipient.full_name }}",
                    "column": None,
                    "setting": None,
                    "missing": None,
                },
            ),
        ),
        "tag-syntax/near": Message("{tag} is not valid.", "Did you mean {near}?"),
        "tag-syntax/capitals": Message(
            "{tag} is not valid.", "Write the words and, or, not, in and is in lower case."
        ),
        "tag-syntax/equals": Message(
            "{tag} is not valid.", "To compare, write == with two equals signs."
        ),
        "tag-syntax/complex": Message("{tag} is not valid.", "Use a simpler placeholder."),
        "tag-syntax/other": Message(
            "{tag} is not valid.", "See “Write a template in Word” for how to write placeholders."
        ),
        "tag-syntax/foreign": Message(
            "{tag} is a placeholder of another program.",
            "Write a value as {{ signer.name }}. Write a condition as"
            " {% if signer.title %}…{% endif %}, and a list as"
            " {% for line in signer.notes|lines %}…{% endfor %}.",
        ),
        "tag-too-long": Message(
            "The placeholder is longer than {most} characters.",
            "Use several shorter placeholders.",
            about="The placeholder is far longer than any that people write. Use several.",
            example=Example(
                _place("Dear {{ recipient.name|trim|trim|trim|trim|trim|trim|trim|t…"),
                {"most": 1000},
            ),
        ),
        "tag-too-long/nested": Message(
            "{tag} is too deeply nested.", "Use several shorter placeholders."
        ),
        "tag-not-allowed": Message(
            "{tag}: {sign} is not allowed in a placeholder.",
            _GUIDE,
            about="A placeholder can print, a condition can choose, and a loop can repeat. They"
            " cannot calculate or run anything, so a template from a stranger can do no harm.",
            example=Example(
                _place("Dear {{ recipient.name.upper() }},"),
                {"tag": "{{ recipient.name.upper() }}", "sign": "( )"},
            ),
        ),
        "tag-not-allowed/other": Message(
            "{tag} does something that is not allowed in a placeholder.", _GUIDE
        ),
        "tag-not-allowed/name": Message(
            "{tag}: the name {name} is not allowed in a placeholder.", _GUIDE
        ),
        "tag-not-allowed/loop-value": Message(
            "{tag}: loop.{name} does not exist.", "Use one of {known}."
        ),
        "tag-not-allowed/item": Message("{tag}: only a number or a name can be in [ ].", _GUIDE),
        "tag-not-allowed/character": Message(
            "{tag} contains a character that a letter cannot contain.", "Delete it."
        ),
        "tag-not-allowed/number": Message("{tag} contains a number that is too large.", _GUIDE),
        "tag-not-allowed/filter": Message(
            "{tag}: there is no {filter} filter.",
            ("Did you mean |{near}?", "The filters are {filters}."),
        ),
        "tag-not-allowed/filter-use": Message(
            "{tag}: the {filter} filter cannot be used like this.", _GUIDE
        ),
        "tag-not-allowed/filter-count": Message(
            "{tag}: the {filter} filter takes from {least} to {most} texts in brackets.", _GUIDE
        ),
        "tag-not-allowed/filter-text": Message(
            "{tag}: the {filter} filter takes only texts in quotation marks.", _GUIDE
        ),
        "tag-not-allowed/test": Message(
            "{tag}: the test “is {name}” does not exist.", "Use “is defined”."
        ),
        "tag-not-allowed/test-none": Message(
            "{tag}: the test “is none” does not exist.", "To check for a blank, write if not."
        ),
        "tag-not-allowed/loop": Message(
            "{tag} is not a valid loop.", "Write {% for line in recipient.address|lines %}."
        ),
        "tag-not-allowed/loop-name": Message(
            "{tag}: a loop cannot use the name {name}.", "Use another name, such as line."
        ),
        "tag-not-allowed/truth": Message(
            "{tag} would print True or False.", "Write {% if … %} instead."
        ),
        "tag-not-allowed/call": Message("A placeholder cannot call anything.", "Delete the ( )."),
        "tag-not-allowed/keyword": Message(
            "{tag} is not a valid placeholder.",
            ("Did you mean {near}?", "Use if, elif, else or for, or delete it."),
        ),
        "tag-not-allowed/loop-here": Message(
            "A loop cannot be used here.", "Write a placeholder for the value instead."
        ),
        "tag-not-usable": Message(
            "The placeholder cannot be filled in.",
            "Write it in another way.",
            about="The placeholder is valid, but it cannot be filled in for this person. Write it"
            " in a simpler way.",
            example=Example(_place("Dear {{ … }}")),
        ),
        "tag-foreign": Message(
            _LOOKS_FOREIGN,
            _FOREIGN,
            about="This looks like a placeholder of another program, such as `{name}`, `[[name]]`,"
            " `%name%` or `<<name>>`, and would be printed unchanged. It is an error if a column"
            " has this name, and otherwise a warning. To fill it in, use double curly brackets."
            " `«Name»`"
            " typed by hand is only text; to insert a merge field, use *Insert*, *Quick Parts*,"
            " *Field*. A quotation in these marks is reported only if it is written exactly like a"
            " heading: use other quotation marks there. Text such as `[sic]`, `50 %` or"
            " `<name@example.org>` is not reported.",
            example=Example(
                _place("Dear {name},"),
                {
                    "tag": "{name}",
                    "programs": "docxtemplater, Carbone",
                    "odd": None,
                    "ours": "{{ signer.name }} or {{ recipient.name }}",
                    **_NOT_FOREIGN,
                    "text": None,
                },
            ),
        ),
        "tag-foreign/perhaps": Message(_LOOKS_FOREIGN, _FOREIGN, "warning"),
        "tag-foreign/quoted": Message(_QUOTED, _QUOTED_REMEDY),
        "tag-foreign/quoted-perhaps": Message(_QUOTED, _QUOTED_REMEDY, "warning"),
        "tag-in-field": Message(
            "{tag} is inside the code of a field.",
            "Move the placeholder into the text.",
            about="A placeholder is inside the hidden code of one of Word’s fields. Press Alt+F9"
            " to see it, and write the placeholder into the text instead.",
            example=Example("appeal.docx, body", {"tag": "{{ date }}"}),
        ),
        "tag-out-of-place": Message(
            "{tag} is in a place where nothing can be filled in.",
            "Move it into the text.",
            about="A placeholder is in something that is not text, such as the name of a bookmark."
            " Write it into the text.",
            example=Example("appeal.docx, body", {"tag": "{{ date }}"}),
        ),
        "field-shared": Message(
            "{fields} {fields:is|are} ambiguous: {fields:it is|they are} in the {sheets} sheets.",
            (
                "In Word, right-click the field, select Edit Field and name it {own}.",
                "Or set “Merge fields” to {people} in the Settings sheet.",
            ),
            about="A field of Word’s mail merge, such as `«Name»`, does not say whether it is the"
            " signer’s or the recipient’s, and both sheets have this column. See"
            " [Word’s own merge fields](templates.md#words-own-merge-fields).",
            example=Example(
                _place("Dear x"),
                {
                    "fields": ["«Name»"],
                    "sheets": "Signers and Recipients",
                    "people": "recipient or signer",
                    "own": "Recipient_Name",
                },
            ),
        ),
        "field-unclosed": Message(
            "The field {code} is not closed.",
            _REINSERT_FIELD,
            about="One of Word’s fields is broken: the mark at its end is missing. Press Alt+F9 to"
            " see it, delete it and insert it again. For a merge field this is an error. For any"
            " other field, such as a page number, it is a warning, and the message says where the"
            " field ends in the letters.",
            example=Example(_place("Dear x"), {"code": "{ MERGEFIELD recipient_name }"}),
        ),
        "field-unclosed/text": Message(
            "The field {code} is not closed.",
            f"{_REINSERT_FIELD} In the letters it ends after “{{last}}”.",
            "warning",
        ),
        "field-unclosed/code": Message(
            "The field {code} is not closed.",
            f"{_REINSERT_FIELD} In the letters it ends after its code.",
            "warning",
        ),
        "field-unclosed/empty": Message(
            "A field without a code is not closed.",
            f"{_REINSERT_FIELD} It is removed from the letters.",
            "warning",
        ),
        "field-switch": Message(
            "The number format {picture} of a merge field has other digits for negative numbers.",
            _NUMBER_FORMAT,
            about="A merge field has a format that cannot be reproduced exactly. Format the cell"
            " in Excel instead.",
            example=Example(_place("Dear x"), {"picture": "\\# “0.00;(0.000)”"}),
        ),
        "field-switch/zero": Message(
            "The number format {picture} of a merge field has a format of its own for zero.",
            _NUMBER_FORMAT,
        ),
        "field-switch/drops": Message(
            "The number format {picture} of a merge field drops digits with x.", _NUMBER_FORMAT
        ),
        "field-switch/between": Message(
            "The number format {picture} of a merge field has text between its digits.",
            _NUMBER_FORMAT,
        ),
        "field-switch/no-digits": Message(
            "The number format {picture} of a merge field has no digits.", _NUMBER_FORMAT
        ),
        "field-switch/format": Message(
            "The number format {picture} of a merge field is not supported.", _NUMBER_FORMAT
        ),
        "field-switch/unknown": Message(
            "The switch {switch} of a merge field is not supported.", "Delete it."
        ),
        "field-switch/two": Message(
            "A merge field has one format for dates and one for numbers.", "Delete \\@ or \\#."
        ),
        "field-switch/paragraphs": Message(
            "The text of a merge field’s switch contains several paragraphs.",
            "Remove the switch, and put the merge field on a separate line: blank lines are"
            " removed.",
        ),
        "field-switch/empty": Message(
            "The switch {switch} of a merge field has no value.",
            "Complete the switch, or delete it.",
        ),
        "field-switch/case": Message(
            "The switch \\* {word} of a merge field is not supported.",
            "Use Upper, Lower, FirstCap or Caps, or add a column with that text.",
        ),
        "field-not-usable": Message(
            _NO_EFFECT,
            "Delete it. To choose who writes to whom, use the Include column or the Pairs sheet.",
            about="One of Word’s mail-merge fields is not supported. The message says what to use"
            " instead.",
            example=Example(_place("Dear x"), {"kind": "NEXTIF"}),
        ),
        "field-not-usable/setting": Message(
            _NO_EFFECT,
            "Add the text to the Settings sheet and use its placeholder, such as {{"
            " settings.deadline }}.",
        ),
        "field-not-usable/number": Message(
            _NO_EFFECT,
            "Number the rows in a column of the sheet and use that column’s placeholder.",
        ),
        "field-not-usable/next": Message(
            _NO_EFFECT, "Delete it: each letter has only one recipient."
        ),
        "field-not-usable/address": Message(
            _NO_EFFECT,
            "Write one placeholder per line, such as {{ recipient.name }}, {{ recipient.street }},"
            " {{ recipient.city }}. Blank lines are removed.",
        ),
        "field-not-usable/greeting": Message(
            _NO_EFFECT, "Write Dear {{ recipient.salutation }}, instead."
        ),
        "field-not-usable/compare": Message(
            _NO_EFFECT, 'Write {% if recipient.country == "France" %}…{% endif %} instead.'
        ),
        "field-not-usable/barcode": Message(
            "The barcode {code} would be the same in all letters.",
            "Delete it. Write the column’s placeholder, such as {{ recipient.code }}, in a barcode"
            " font.",
        ),
        "field-not-usable/in-code": Message(
            _IN_CODE, "Move the merge field into the text, outside that field."
        ),
        "field-not-usable/in-quote": Message(
            _IN_CODE, "Move the merge field into the text, without QUOTE."
        ),
        "field-not-usable/in-link": Message(
            _IN_CODE,
            "In Word, select Insert > Link, and enter the placeholder, such as"
            " {{ recipient.link }}, as its address.",
        ),
        "field-not-usable/in-calculation": Message(
            "A merge field is inside the code of a calculation.",
            "Calculate it in Excel, in a separate column, and use that column’s placeholder.",
        ),
        "field-not-usable/nested": Message(
            "More than {most} fields are nested.",
            "Separate them, or write {% if … %} instead.",
        ),
        "field-not-usable/no-name": Message("A merge field has no name.", _REINSERT),
        "field-not-usable/name-is-field": Message(
            "The name of a merge field is itself a field.", _REINSERT
        ),
        "field-not-usable/split": Message(
            "A merge field spans several table cells or sections.", _REINSERT
        ),
        "field-not-usable/picture": Message(
            "The text of a field contains a picture or break.",
            "Move it into the text, outside the field.",
        ),
        "field-not-usable/inner": Message(
            "The field {kind} is inside a merge field or IF.",
            "Move it into the text, outside the field.",
        ),
        "field-not-usable/if-form": Message(
            "Word’s IF needs a field, a comparison sign, a text, and two texts to choose from.",
            _WRITE_IF,
        ),
        "field-not-usable/if-sign": Message(
            "Word’s IF has no comparison sign before “{text}”.", _WRITE_IF
        ),
        "field-not-usable/if-paragraphs": Message(
            "Word’s IF spans several paragraphs.",
            f"{_WRITE_IF} Lines that contain only blank placeholders are removed anyway.",
        ),
        "field-not-usable/if-inner": Message(
            "Word’s IF has the field {kind} in its texts.", _WRITE_IF
        ),
        "field-not-usable/if-field": Message("Word’s IF compares the field {kind}.", _WRITE_IF),
        "field-not-usable/if-text": Message(
            "Word’s IF compares “{text}”, which is not a merge field.", _WRITE_IF
        ),
        "field-not-usable/if-wildcard": Message(
            "Word’s IF compares with * or ?, which stand for any characters.", _WRITE_IF
        ),
        "field-not-usable/if-format": Message(
            "Word’s IF compares a merge field that has a format.", _WRITE_IF
        ),
        "text-beside-tag": Message(
            "{tag} applies to its complete {unit}, which also contains {beside}.",
            "Put the placeholder into a {unit} of its own, or write {plain}.",
            about="A placeholder with `p`, `tr` or `tc` applies to its complete paragraph, row or"
            " cell, and there is other text in it. Put it into a paragraph, row or cell of its"
            " own.",
            example=Example(
                _place("Dear {%p if recipient.name %}"),
                {
                    "tag": "{%p if recipient.name %}",
                    "unit": "paragraph",
                    "beside": "“Dear”",
                    "plain": "{% if recipient.name %}",
                },
            ),
        ),
        "scope-outside": Message(
            "{tag} is not in a {unit}.",
            "Write {plain}, or move it into a table.",
            about="A placeholder with `tr` or `tc` is not in a table. Move it into the table, or"
            " delete `tr` or `tc`.",
            example=Example(
                _place("{%tr if recipient.name %}"),
                {
                    "tag": "{%tr if recipient.name %}",
                    "unit": "table row",
                    "plain": "{% if recipient.name %}",
                },
            ),
        ),
        "block-unclosed": Message(
            "{tag} is not closed.",
            "Add {end}.",
            about="An `if` or `for` has no end. Write `{% endif %}` or `{% endfor %}` where it"
            " should end.",
            example=Example(
                _place("{% if recipient.name %}Dear"),
                {"tag": "{% if recipient.name %}", "end": "{% endif %}"},
            ),
        ),
        "block-unclosed/unclear": Message(
            "The conditions and loops do not fit together.",
            "Check that each if has an endif and each for an endfor.",
        ),
        "block-unopened": Message(
            "{tag} has no open {opener} before it.",
            "Delete it, or add the {opener}.",
            about="There is an end, or an `else`, without a beginning. Delete it, or write the"
            " `if` before it.",
            example=Example(_place("Dear {% endif %}"), {"tag": "{% endif %}", "opener": "if"}),
        ),
        "block-unopened/crossed": Message(
            "{tag} has no open {opener} before it.",
            "Close {first} first, or delete this placeholder.",
        ),
        "block-unopened/after-else": Message(
            "{tag} comes after the else of {first}.", "Only endif can follow an else."
        ),
        "block-scope": Message(
            "{tag} belongs to {opener}, but the characters after the curly brackets differ.",
            "Write {near}.",
            about="The beginning and the end do not have the same characters after the brackets."
            " Write both with `p`, or both without.",
            example=Example(
                _place("Dear {% endif %}", 2),
                {
                    "tag": "{% endif %}",
                    "opener": "{%p if recipient.name %}",
                    "near": "{%p endif %}",
                },
            ),
        ),
        "block-elsewhere": Message(
            "{tag} belongs to {opener}, but is in another part of the layout.",
            "Put both in the same table cell or text box, or both in the text outside them.",
            about="The beginning and the end are in different cells, tables or text boxes, so the"
            " document would be damaged. Put them into the same one.",
            example=Example(
                _place("{% endif %}", 2),
                {"tag": "{% endif %}", "opener": "{% if date %}"},
            ),
        ),
        "block-elsewhere/loop": Message(
            "{tag} is not in a table cell that a loop repeats.",
            "Put it between {start} and {end}.",
        ),
        "blocks-too-deep": Message(
            "{tag} is inside {most} other conditions and loops.",
            "Use fewer nested conditions and loops.",
            about="No one understands so many nested conditions. Use fewer.",
            example=Example(
                _place("{% if date %}{% if date %}{% if date %}{% if date %}{% if d…"),
                {"tag": "{% if date %}", "most": 10},
            ),
        ),
        "blocks-too-deep/branches": Message(
            "{tag} has more than {most} elifs.", "Use a column in the workbook instead."
        ),
        "loops-too-deep": Message(
            "Three loops are nested; the maximum is two.",
            "Delete one of the loops.",
            about="A loop can be inside another loop, but no deeper. Delete one of them.",
            example=Example(_place("{% for a in recipient.name|lines %}{% for a in recipient.na…")),
        ),
    },
)
