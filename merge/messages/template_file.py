"""Messages about a template as a file."""

from merge.messages.message import WAIT_FOR_SYNC, Example, Message, MessageSection

_TEMPLATE = "appeal.docx"
_SAVE_AS = "In Word, save it as Word Document (.docx)."
_IF_TRUSTED = (
    "Do not open it unless you know and trust the sender.",
    "If you do, open it in Word and save it as Word Document (.docx).",
)
_SAVE_AGAIN = "Open it in Word, save and close it."
_NOT_FOUND = "Template {name} not found in {folder}/."
_FILE_NOT_FOUND = "File not found in {folder}."
_MOVE_COPY = (
    "Then move the copy out of the campaign folder, or rename it if it is a template of its own."
)

SECTION = MessageSection(
    "The template file",
    "The Word documents in `templates/`, from which the letters are created.",
    {
        "template-missing": Message(
            _NOT_FOUND,
            "Did you mean {near}?",
            about="A letter needs a template that is not in `templates/`, or there is none that can"
            " be used. Add it, correct its name, or save the file there as a Word document.",
            example=Example(
                "signers.xlsx, Recipients!B2",
                {"name": "apeal.docx", "folder": "templates", "near": "appeal.docx"},
            ),
        ),
        "template-missing/convertible": Message(
            _NOT_FOUND, ("There is {near}.", "In Word, save it as Word Document (.docx).")
        ),
        "template-missing/others": Message(_NOT_FOUND, "Use one of these: {others}."),
        "template-missing/add": Message(_NOT_FOUND, "Save it as {path}."),
        "template-missing/none": Message(
            "There is no Word template (.docx) in this folder.",
            "Save your letter there as a Word document (.docx).",
        ),
        "template-missing/only-others": Message(
            "There is no Word template (.docx) in this folder, only {others}.", _SAVE_AS
        ),
        "template-missing/file": Message(_FILE_NOT_FOUND, "Did you mean {near}?"),
        "template-missing/file/convertible": Message(
            _FILE_NOT_FOUND, ("There is {near}.", "In Word, save it as Word Document (.docx).")
        ),
        "template-missing/file/elsewhere": Message(
            _FILE_NOT_FOUND, "Use {there:the one|one of those} in {there}."
        ),
        "template-missing/file/nowhere": Message(_FILE_NOT_FOUND, "Check the name and the folder."),
        "template-missing/file/near-folder": Message(
            "Folder not found: {folder}.", "Did you mean {near}?"
        ),
        "template-missing/file/no-folder": Message(
            "Folder not found: {folder}.", "Check the name of the folder."
        ),
        "template-missing/file/below-file": Message(
            "{folder} is a file, not a folder.", "Enter the folder that contains it."
        ),
        "template-unclear": Message(
            "There are several templates: {templates}.",
            (
                "In the Settings sheet, add a “Template” row with the name of the one to use.",
                "If there is no such sheet, add one with two columns, Name and Value.",
                "Or move the other templates out of the folder.",
            ),
            about="There are several templates, and no setting says which one to use: .docx, .dotx,"
            " .docm and .dotm all count. Enter it in the Settings sheet, or keep only one in the"
            " folder. If two files differ only in their extensions, enter the extension too.",
            example=Example("my-campaign/templates", {"templates": ["appeal.docx", "short.docx"]}),
        ),
        "template-unclear/extension": Message(
            "There are several templates: {templates}.",
            "Enter the full name, with its extension.",
        ),
        "template-copy": Message(
            "This is probably a conflict copy of {template}, changed on another computer. It is not"
            " used, and {count:# paragraph differs:|# paragraphs differ, the first:} “{text}”",
            f"Copy what is right to {{template}}. {_MOVE_COPY}",
            "warning",
            about="There is another file next to a template, with the name that a sync service"
            " gives to a *conflicted copy*. Usually two people changed the template at the same"
            " time. No letter uses the copy, so a correction may be missing in the letters. Nothing"
            " is printed while there is a copy that differs. If it is a template of its own, name"
            " it in the *Template* setting or in the *Template* column, or give it another name."
            " See [Two people, one folder](two-people.md#a-template).",
            example=Example(
                "templates/appeal-DESKTOP-B.docx",
                {"template": "appeal.docx", "count": 1, "text": "Please release Ana Ruiz at once."},
            ),
        ),
        "template-copy/same-text": Message(
            "This is probably a conflict copy of {template}, changed on another computer. It has"
            " the same text, but the files differ.",
            f"Compare pictures and formatting, and correct {{template}}. {_MOVE_COPY}",
            "warning",
        ),
        "template-copy/same": Message(
            "This copy of {template} does not differ from it.",
            "Move it out of the campaign folder.",
            "warning",
        ),
        "template-copy/unreadable": Message(
            "This is probably a conflict copy of {template}, and one of the two cannot be read.",
            f"Wait until the sync has finished, and compare the two in Word. {_MOVE_COPY}",
            "warning",
        ),
        "template-folder": Message(
            "This is a folder, not a Word document.",
            "Name a Word document (.docx) instead, or rename this folder.",
            about="A folder has the name of a template, or was entered as one. Name the .docx file"
            " instead, or rename the folder.",
            example=Example(_TEMPLATE),
        ),
        "template-locked": Message(
            "The file cannot be opened ({why}).",
            "Close it in Word, or ask its owner for access.",
            about="The file exists but cannot be read. Close it in Word, or ask its owner for"
            " access.",
            example=Example(_TEMPLATE, {"why": "Permission denied"}),
        ),
        "template-locked/folder": Message(
            "The folder cannot be opened ({why}).", "Ask its owner for access."
        ),
        "template-empty": Message(
            "The file is empty.",
            "If it is in a cloud folder, wait until it has downloaded, or use a copy.",
            about="The file has no content. A cloud folder often shows files before they have"
            " downloaded: open it once in Word.",
            example=Example(_TEMPLATE),
        ),
        "template-doc": Message(
            "This is an older Word format (.doc).",
            _SAVE_AS,
            about="It was saved in the format used before Word 2007. Open it in Word and save it as"
            " *Word Document (.docx)*.",
            example=Example(_TEMPLATE),
        ),
        "template-odt": Message(
            "This is a LibreOffice file (OpenDocument).",
            "Save it as .docx (in LibreOffice: File > Save As).",
            about="It was created by LibreOffice or Google Docs. Save or download it as *.docx*.",
            example=Example(_TEMPLATE),
        ),
        "template-strict": Message(
            "Save this document as Word Document (.docx): it is a Strict Open XML Document.",
            "In Word, choose File > Save As.",
            about="It was saved as *Strict Open XML Document*. Save it as a normal *Word Document"
            " (.docx)*.",
            example=Example(_TEMPLATE),
        ),
        "template-not-word": Message(
            "This is {kind}, not a Word document.",
            "Choose the Word document (.docx).",
            about="It is another kind of file with the name of a Word document. Choose the right"
            " one.",
            example=Example(_TEMPLATE, {"kind": "a PDF"}),
        ),
        "template-not-word/convertible": Message("This is {kind}, not a Word document.", _SAVE_AS),
        "template-not-word/macros": Message(
            "This is {kind}.", "In Word, save it as Word Document (.docx), which has no macros."
        ),
        "template-not-word/apple": Message(
            "This is a Pages or Numbers file.", "In Pages, choose File > Export To > Word."
        ),
        "template-not-word/binary": Message(
            "This is not a Word document, or it is damaged.", _SAVE_AS
        ),
        "template-protected": Message(
            "The document is password-protected.",
            "In Word, remove the password: File > Info > Protect Document.",
            about="It cannot be opened without its password. Remove the password.",
            example=Example(_TEMPLATE),
        ),
        "template-protected/zip": Message(
            "The zip file is password-protected.", "Ask the sender for one without a password."
        ),
        "template-unreadable": Message(
            "The document is damaged or incomplete ({why}).",
            f"{WAIT_FOR_SYNC} Otherwise open it in Word, save and close it.",
            about="The file is damaged. Word may repair it: open it there and save it. Otherwise"
            " use an older copy.",
            example=Example(_TEMPLATE, {"why": "a part of it is missing or damaged"}),
        ),
        "template-unreadable/old": Message(
            "The document is damaged: it is an older Office file without a document in it.",
            _SAVE_AGAIN,
        ),
        "template-unreadable/untyped": Message(
            "The document is damaged: it is not marked as a Word document.", _SAVE_AGAIN
        ),
        "template-unreadable/device": Message(
            "This is a device or a pipe, not a file.", "Enter a file."
        ),
        "template-unreadable/part": Message(
            "This part of the template is damaged or harmful.", _SAVE_AGAIN
        ),
        "template-too-large": Message(
            "The document is too large: {why}.",
            "Reduce its pictures in Word: Picture Format > Compress Pictures.",
            about="It is larger than any letter should be. Compress its pictures in Word, or split"
            " the paragraph or table row at the place shown.",
            example=Example(_TEMPLATE, {"why": "more than 50 MB"}),
        ),
        "template-too-large/text": Message(
            "The document is too large: {why}.", "Shorten its text, or split the document."
        ),
        "template-too-large/marks": Message(
            "The document is too long for a letter.", "Shorten its text."
        ),
        "template-too-large/piece": Message(
            "A paragraph or table row is too long for a letter.", "Split it."
        ),
        "template-too-large/paragraph": Message(
            "A paragraph has more than {most} characters.", "Split it."
        ),
        "template-too-large/placeholders": Message(
            "This part has more placeholders or errors than any letter needs.",
            "Split it, or fix the errors shown first.",
        ),
        "template-odd": Message(
            "The document may be harmful: {why}.",
            _IF_TRUSTED,
            about="Word never creates files with such a structure, but harmful files can have it."
            " Do not open the file unless you trust the person who sent it.",
            example=Example(_TEMPLATE, {"why": "Word does not create files like this"}),
        ),
        "template-odd/character": Message(
            "This part has a character that no text uses (U+FDD0 to U+FDD5).", _SAVE_AGAIN
        ),
        "template-odd/other-program": Message(
            "Another program saved this part in a way that Word does not use.", _SAVE_AGAIN
        ),
        "template-cleaned": Message(
            "Removed from the letters: {removed}.",
            "No action is needed unless you want this in the letters.",
            "warning",
            about="A letter should contain only the letter, so some things in the template are not"
            " copied. Usually no action is needed.",
            example=Example(_TEMPLATE, {"removed": "comments"}),
        ),
        "template-cleaned/hidden": Message(
            "Removed from the letters: {removed}.",
            "No action is needed unless you want this in the letters. To keep hidden text, add"
            " “Hidden text: keep” to the Settings sheet.",
            "warning",
        ),
        "field-prompt": Message(
            "The letters contain the prompt of a click-and-type field: “{prompts}”.",
            "Replace it with the text that the letters need.",
            "warning",
            about="Old Word templates have fields (MACROBUTTON) where you click and type. Until"
            " you do, they show a prompt, which the letters contain as plain text. The prompt of a"
            " content control that is not filled in, such as “Click or tap here to enter text.”,"
            " is reported in the same way. Proofreading reports each letter that still contains"
            " it.",
            example=Example(
                "appeal.docx, line “Dear [Click here and type address]” (paragraph 1)",
                {"prompts": ["[Click here and type address]"]},
            ),
        ),
        "field-prompt/control": Message(
            "{prompts:A content control is|# content controls are} empty, so the letters contain"
            " {prompts:its prompt|their prompts}: “{prompts}”.",
            "Enter the text there, or delete the {prompts:control|controls} in Word.",
            "warning",
        ),
        "control-bound": Message(
            "The text of {texts:a content control|# content controls} is stored elsewhere in the"
            " file: “{texts}”.",
            "The letters contain the text shown here. Check it in Word, and enter it as plain"
            " text.",
            "warning",
            about="A content control shows data that is stored elsewhere in the file, for example"
            " in a document property, and letters do not have that. Its value is copied into the"
            " letters if it is plain text. If it is not (a blank, a date in an unknown format, the"
            " author’s name), the letters contain the text saved in the control, which may differ"
            " from what Word shows.",
            example=Example(_TEMPLATE, {"texts": ["Open"]}),
        ),
        "inserted-file": Message(
            "Another file is inserted in the template, and its text would be missing from the"
            " letters.",
            "Open the template in Word and save it, so that the text becomes part of it. Check the"
            " text before you continue.",
            about="Some programs insert an entire file into a document, which Word converts to text"
            " when it opens the document. The letters would lack that text.",
            example=Example(_TEMPLATE),
        ),
        "picture-unreadable": Message(
            "The picture {picture} cannot be read and may contain its author’s details.",
            "Open the original picture, save it again as PNG or JPEG, and insert that in Word.",
            about="Pictures can contain where they were taken, and by whom. The program removes"
            " that from PNG, JPEG and GIF. This picture is damaged.",
            example=Example(_TEMPLATE, {"picture": "image1.png"}),
        ),
        "picture-not-cleaned": Message(
            "{pictures:A picture is|# pictures are} not PNG, JPEG or GIF, so letters may contain"
            " {pictures:its author’s|their authors’} details: {pictures}.",
            "In Word, right-click {pictures:it and select|each, and select} Save as Picture with"
            " the type PNG. Insert the saved file instead.",
            "warning",
            about="Pictures can contain where they were taken, and by whom. The program removes"
            " that from PNG, JPEG and GIF. A picture of another kind (EMF, WMF, TIFF, WebP, BMP) is"
            " copied into the letters with everything that it contains: names, paths, photographs"
            " inside a drawing. If a picture has no such menu, such as that of an Excel table, cut"
            " it, and insert it again as PNG with *Paste Special*.",
            example=Example(
                "appeal.docx, line “Yours” (paragraph 1)", {"pictures": ["image1.emf"]}
            ),
        ),
        "tracked-changes": Message(
            "{count:There is a tracked change here|There are # tracked changes, the first one"
            " here}.",
            "In Word, accept or reject {count:it|them} (Review tab), then save.",
            about="Recipients could read what was deleted, and who deleted it. Accept or reject all"
            " changes.",
            example=Example("appeal.docx, line “Dear” (paragraph 1)", {"count": 1}),
        ),
    },
)
