"""A campaign with every kind of letter, for all screens of the page."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from support.browsers import Live
from support.campaigns import make, merge
from support.letters_to_start import start_steps, start_template
from support.staff_actions import add_line, save_again

SIGNERS = (
    *("Inés Álvarez", "Käthe Weißmüller", "Þórdís Jónsdóttir", "Олена Коваленко", "ليلى حداد"),
    *("נועה כהן", "Nguyễn Thị Hoa", "Ngozi Okafor", "佐藤 花子", "Maria-Luísa de Sá e Vasconcelos"),
    *("Aylin Yıldız", "Γιώργος Παππάς", "Siobhán O’Brien", "Zsófia Őry", "Мария Петрова"),
    *("Tomasz Żółć", "Amina Diallo", "Ravi Chandrasekhar", "Mele Tuʻipulotu", "Chidi Obi"),
)
RECIPIENTS = (
    *("Minister Li", "Consul Roy", "Ambassador Haddad", "President Berg", "General Ivanov"),
    *("Judge Tanaka", "Governor Müller", "Prosecutor N’Diaye", "Commissioner Lind", "Mayor Costa"),
)
TEMPLATE = (
    "{{ recipient.name }}\n{{ recipient.town }}\n{{ recipient.country }}\n"
    "Dear {{ recipient.salutation }},\nI ask you to let them go.\nYours,\n{{ signer.name }}"
)


def make_full_campaign(folder: Path) -> Path:
    """Make the campaign: 20 signers, 10 recipients; return the same folder.

    Some letters are edited, in a print file, printed, signed or posted. Then the data is changed.
    One letter is blocked, one has a duplicate, one is open. LibreOffice is not needed.
    """
    _workbook(folder)
    merge("letters", folder)
    letters = folder / "letters"
    for signer, recipient in ((5, 1), (6, 0), (7, 0), (8, 0)):
        add_line(letters / SIGNERS[signer] / f"{RECIPIENTS[recipient]}.docx", "In haste.")
    save_again(letters / SIGNERS[9] / f"{RECIPIENTS[0]}.docx")
    _on_paper(folder)
    add_line(letters / SIGNERS[3] / f"{RECIPIENTS[4]}.docx", "And once more.")
    shutil.copy2(letters / SIGNERS[10] / f"{RECIPIENTS[2]}.docx", letters / "again.docx")
    lock = letters / SIGNERS[11] / f".~lock.{RECIPIENTS[2]}.docx#"
    lock.write_text(",staff,", "utf-8")
    _workbook(folder, town="Peking", last_salutation="")
    return folder


def _workbook(folder: Path, town: str = "Beijing", last_salutation: str = "Mayor Costa") -> None:
    salutations = {name: name for name in RECIPIENTS} | {RECIPIENTS[-1]: last_salutation}
    towns = f"{town} Delhi Beirut Oslo Moscow Osaka Graz Dakar Turku Porto"
    countries = "China|India|Lebanon|Norway|Russia|Japan|Austria|Senegal|Finland|Portugal"
    places = zip(towns.split(), countries.split("|"), strict=True)
    make(
        folder,
        TEMPLATE,
        Signers=[["Name", "Notes"], *([name, "unused"] for name in SIGNERS)],
        Recipients=[
            ["Name", "Town", "Country", "Salutation"],
            *(
                [name, *place, salutations[name]]
                for name, place in zip(RECIPIENTS, places, strict=True)
            ),
        ],
    )


def _on_paper(folder: Path) -> None:
    """Print five signers' letters, and mark those of the first three."""
    people = [word for name in SIGNERS[:5] for word in ("--for", name)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", "")
        merge("print", folder, *people, "--per-signer")
    merge("mark", "printed", folder, *people[:6])
    merge("mark", "signed", folder, *people[:4])
    merge("mark", "posted", folder, *people[:2])


def screen_paths(page: Live) -> list[str]:
    """Return the paths of all screens of an open campaign."""
    about = page.session.snapshot.conflicts[0].about
    letter = f"letter/{about}"
    found = ["data", "letters", "letters?view=list", "letters?stopped=1", "letters/make", letter]
    found += [f"{letter}?show=changes", f"{letter}?show=data", f"{letter}?show=pages", "decide"]
    found += [f"decide/{about}", f"decide/{about}/kind", "proofread", "print", "paper"]
    found += ["progress", "erase", "help", "import", "../../", "../../campaigns/folders"]
    start_template(page.session, f"{RECIPIENTS[0]}\nDear {RECIPIENTS[0]},\n{RECIPIENTS[0]} knows.")
    assert list(start_steps(page))
    found += ["start/letters", "start/found", "../../start/letters", "../../start/found"]
    return found
