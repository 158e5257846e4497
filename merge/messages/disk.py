"""Messages about files, folders and the disk."""

from merge.advice import TaskRemedy
from merge.messages.message import Example, Message, MessageSection

_LETTER = "my-campaign/letters/Ana Ruiz/Minister Li.docx"
_LETTERS = "my-campaign/letters"

SECTION = MessageSection(
    "The disk",
    "Files that were saved earlier are complete. Run the command again after fixing the problem.",
    {
        "disk-full": Message(
            "The disk is full.",
            "Free up space and try again.",
            about="There is no space left for the next letter.",
            example=Example(_LETTER),
        ),
        "disk-full/quota": Message(
            "Your share of the disk is full.", "Free up space and try again."
        ),
        "disk-error": Message(
            "The disk reports an error ({why}).",
            "Ask your IT support, and move the campaign to another disk.",
            about="The disk or the network drive failed. Check whether it is still connected.",
            example=Example(_LETTER, {"why": "Input/output error"}),
        ),
        "folder-closed": Message(
            "You do not have permission to write here.",
            "Choose one of your own folders.",
            about="The folder is read-only. Choose another one, or ask for write access.",
            example=Example(_LETTERS),
        ),
        "folder-closed/read-only": Message("This disk is read-only.", "Choose another folder."),
        "folder-closed/new": Message(
            "The folder cannot be created ({why}).", "Choose another location."
        ),
        "folder-closed/private": Message(
            "You do not have permission to write here ({why}).",
            "Ask your IT support for write access.",
        ),
        "folder-closed/others": Message(
            "This folder belongs to someone else.", "Ask your IT support for write access."
        ),
        "folder-closed/lock": Message(
            "No file can be locked here ({why}).", "Ask your IT support for write access."
        ),
        "locks-missing": Message(
            "Files cannot be locked on this disk, so the program does not notice if two people"
            " create or print letters at the same time.",
            "Take turns, or move the campaign to another disk.",
            "warning",
            about="Some network drives have no locks, or only pretend to lock a file. No letter is"
            " lost, but what two people do at the same time may be done twice.",
            example=Example("the campaign folder"),
        ),
        "folder-busy": Message(
            "Another run is writing to this folder.",
            "Wait until it has finished, then try again.",
            about="Another run is writing to the same folder, perhaps a colleague’s. Wait until it"
            " has finished.",
            example=Example(_LETTERS),
        ),
        "campaign-untitled": Message(
            "This is the title of the sample. It would appear on cover sheets, parcel sheets"
            " and reports.",
            "Enter the title of your campaign in this cell.",
            about="The Campaign setting still has the title of the sample. It"
            " would appear on cover sheets, parcel sheets and reports, so `merge print`"
            " and `merge report` stop. `merge new` enters the name of the new folder there.",
            example=Example("signers.xlsx, Settings!B2"),
        ),
        "campaign-missing": Message(
            "This folder is not a campaign: it has no signers.xlsx.",
            "Choose the campaign folder itself.",
            about="The folder does not contain a workbook. `merge new --from OLD` copies the"
            " workbook and the templates from OLD: choose the campaign folder itself,"
            " the one that contains `signers.xlsx`.",
            example=Example("letters-2025"),
        ),
        "campaign-missing/folder": Message("Folder not found.", "Check the name of the folder."),
        "files-not-arrived": Message(
            (
                "Not everything that {computer} saved in this campaign on {moment} is here yet.",
                "Missing: {missing}.",
                "Older here: {older}.",
            ),
            "Wait until the sync has finished, then try again. If you deleted a file or restored an"
            " older one on purpose: {go_on}.",
            about="Two computers share the campaign through a sync service, which transfers files"
            " one by one. The internal records have arrived, and files that the other computer"
            " used are missing here, or older. Letters would be created with old data, and marks"
            " would get into a conflict copy of the register. So `merge letters`, `merge print`,"
            " `merge import`, `merge mark` and `merge proofread` stop, and nothing is changed. Wait"
            " until the sync service says that it has finished, then try again.\n\n"
            "- *You deleted a file, or restored an older one from a backup:* `merge letters"
            " --anyway`, or *Continue anyway* on the page. The files are recorded as they are now,"
            " and you are not asked again. With `merge import`, `merge mark` and `merge proofread`,"
            " `--anyway` is valid for that time only.\n"
            "- *The sync has finished and the message remains:* the other computer may not have"
            " sent its files yet. It must be switched on and connected.\n\n"
            "The name of the computer is random. See [`merge page`](commands.md#merge-page) for how"
            " to choose another one.",
            example=Example(
                "my-campaign",
                {
                    "computer": "Computer 7K4Q",
                    "moment": "29 Nov 2026 at 14.05",
                    "missing": None,
                    "older": ["register.xlsx", "signers.xlsx"],
                    "go_on": TaskRemedy("letters", (("anyway", ""),)),
                },
            ),
        ),
        "files-not-arrived/import": Message(
            "The internal records of the last import are not here yet.",
            "Wait until the sync has finished, then try again. If you copied this list from another"
            " campaign: {go_on}.",
        ),
        "several-of-that-name": Message(
            "{people:# person has|# people have} the name “{name}” ({option}): {people}.",
            "Enter the ID of the person you mean, or all of the IDs.",
            about="Several people in the sheet have this name. Their IDs are different.",
            example=Example(
                "signers.xlsx",
                {
                    "option": "--for",
                    "name": "Marie Durand",
                    "people": ["S5 (signers.xlsx, Signers!B6)", "S9 (signers.xlsx, Signers!B10)"],
                },
            ),
        ),
        "nothing-unanswered": Message(
            "No letter of this campaign is posted and unanswered.",
            "Omit {option unanswered}, or enter in the campaign’s register.xlsx what was posted.",
            about="`--unanswered` copies the pairs whose letter has a value in Posted and none in"
            " Answered, in the register of the previous campaign. There are none.",
            example=Example("letters-2025"),
        ),
        "nothing-unanswered/gone": Message(
            "{count:# letter is|# letters are} unanswered, but the people are no longer in the"
            " workbook.",
            "Include them again, or omit {option unanswered}.",
        ),
        "folder-taken": Message(
            "There is already a file or folder with this name.",
            "Choose another name.",
            about="`merge new` creates a new folder and never changes an existing one. Choose"
            " another name.",
            example=Example("my-campaign"),
        ),
        "folder-name": Message(
            "Windows, macOS or a sync service cannot have a folder with this name.",
            "Use another name, for example “{name}”.",
            about="The name ends with a space or a full stop, has a character such as `:`, is very"
            " long, or is a word that Windows reserves for devices, such as `aux`. A campaign"
            " folder may be shared with other computers, so such names are refused on all systems.",
            example=Example("aux", {"name": "aux_"}),
        ),
        "device-refused": Message(
            "This is a device or a pipe, not a file.",
            "Delete it.",
            about="A pipe, a socket or a device of Linux or macOS has the name of the internal"
            " records, or of a file that locks them. Opening it could take forever, so nothing is"
            " read. Such items come from archives of other programs. Delete it.",
            example=Example("Appeal Merge records/8f3a12cd04.jsonl"),
        ),
        "link-refused": Message(
            (
                "This is a link to {target}.",
                "Links inside a campaign folder are not followed.",
            ),
            "Replace the link with the file or folder itself. To work on it together, share the"
            " entire campaign folder.",
            about="A file or folder of the campaign is a link (created with `ln -s`, or a junction"
            " in Windows). The program follows no links inside a campaign folder, because a folder"
            " from a zip file or a cloud could use one to overwrite your files or to copy them."
            " Nothing is read or written. Delete the link, and put the file or folder itself in its"
            " place. If you created the link to work on the register together, share the entire"
            " campaign folder instead. Links above the campaign folder are fine, for example a"
            " Documents folder on another drive. Files that OneDrive has not downloaded yet are not"
            " links.",
            example=Example("register.xlsx", {"target": "/media/office/register.xlsx"}),
        ),
        "letters-folder-closed": Message(
            "You do not have permission to write in this folder, so {count:# letter|# letters}"
            " could not be created.",
            "Ask the person who created the folder for write access, then try again.",
            about="You cannot write in one of the letters’ folders: someone else created it, or it"
            " is read-only. Letters in the other folders are created. Ask the person who created"
            " the folder, or your IT support, for write access. Then create the letters again.",
            example=Example("letters/Ana Ruiz", {"count": 2}),
        ),
        "path-outside": Message(
            "This is a link that leads outside the campaign.",
            "Remove the link.",
            about="A link in the folder leads outside the campaign, or has replaced a campaign that"
            " is open on the page. Nothing is written there. Remove the link, or open the campaign"
            " from its new location.",
            example=Example("Ana Ruiz"),
        ),
        "path-outside/campaign": Message(
            "A link to another place has replaced the campaign folder.",
            "Open the campaign from its new location.",
        ),
        "path-taken": Message(
            "A file has the name of a folder that is needed.",
            "Rename the file.",
            about="A file has the name that a folder for letters needs. Rename the file.",
            example=Example(_LETTER),
        ),
        "path-too-long": Message(
            "The path is too long.",
            "Use a folder with a shorter path.",
            about="The campaign is inside so many folders that the paths of letters become too"
            " long. Move it to a folder with a shorter path.",
            example=Example(_LETTER),
        ),
        "path-too-long/no-room": Message(
            "The path of this folder is too long: no space is left for file names.",
            "Move the campaign to a folder with a shorter path.",
        ),
        "path-too-long/name": Message(
            "A name in this path is too long.", "Use a folder with a shorter path."
        ),
        "folder-unreadable": Message(
            "You do not have permission to open this folder.",
            "Ask the person who created it for access, then try again.",
            about="The folder belongs to someone else, and its permissions do not let you open it.",
            example=Example(_LETTERS),
        ),
        "folder-unreadable/chosen": Message(
            "You do not have permission to open this folder.", "Choose another one."
        ),
        "folder-in-part": Message(
            "You do not have permission to open this folder. Its letters are skipped.",
            "Ask the person who created it for access.",
            "warning",
            about="One of the letters’ folders belongs to someone else, and its permissions do not"
            " let you open it. Letters in it are neither created nor printed; all others are.",
            example=Example("letters/Ana Ruiz"),
        ),
        "file-unnameable": Message(
            "The names of these Word files have unreadable characters: {names}. The files are"
            " ignored.",
            "Rename them, so that they can be recognised.",
            "warning",
            about="An old archive was unpacked with names in another alphabet, or a disk is"
            " damaged. The program cannot recognise these files, so it ignores them.",
            example=Example("letters", {"names": "Espa?a.docx"}),
        ),
        "records-incomplete": Message(
            "This file of the internal records has not arrived completely, or is damaged.",
            "If this folder syncs, wait until the sync has finished. If this message stays, move"
            " the file out of the campaign folder.",
            "warning",
            about="The folder *Appeal Merge records* has a file for each run of the program. A sync"
            " service may still be downloading this one, or a full disk may have cut it off. What"
            " another computer recorded in it is unknown here, so nothing is printed until the file"
            " is complete or gone.",
            example=Example("Appeal Merge records/8f3a12cd04.jsonl"),
        ),
        "records-foreign": Message(
            "This folder has records of another campaign. They are ignored.",
            "Move the files that were copied there out of the campaign folder.",
            "warning",
            about="Someone has copied files of another campaign into the folder *Appeal Merge"
            " records*. They say nothing about the letters of this campaign.",
            example=Example("Appeal Merge records"),
        ),
        "ledger-newer-version": Message(
            "This campaign needs version {version} of this program, or a newer one. This computer"
            " has version {own_version}. Nothing was changed.",
            "Install the newer version on this computer, then try again.",
            about="Someone has used the campaign with a newer version of the program, perhaps on"
            " another computer. Older versions cannot read what it has recorded, so this one"
            " changes nothing. Install the newer version on every computer that uses the campaign:"
            " see [Install](install.md#versions-and-upgrades).",
            example=Example(_LETTERS, {"version": "1.2.0", "own_version": "1.0.0"}),
        ),
        "ledger-newer-version/number": Message(
            "This campaign needs a newer version of this program (its internal records have format"
            " {number}). This computer has version {own_version}. Nothing was changed.",
            "Install the newer version on this computer, then try again.",
        ),
    },
)
