"""One letter: what lies there, how it will print, what was changed, what it is made from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import NotFound, RequestEntityTooLarge

from merge.campaign.letter_plan import LetterPlan
from merge.campaign.letter_versions import LetterVersions, letter_versions
from merge.errors import MergeError, StorageError
from merge.ooxml.package import parse_package
from merge.page.opening import open_file, show_in_folder
from merge.page.pdf_cache import PdfCache
from merge.page.routes.letters import current_letters, parse_filter
from merge.page.session import CampaignSession
from merge.page.view_models import LetterList, data_lines, neighbours, status_mark
from merge.page.web import redirect_to, static_url
from merge.printing.libreoffice import NO_LIBREOFFICE, find_libreoffice
from merge.problems import Problem
from merge.product import LETTERS_FOLDER
from merge.proofreading.text import read_paragraphs, read_parts

screen = Blueprint("letter", __name__, url_prefix="/c/<key>")

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_MAX_MARKUP = 60_000
"""Tags of a letter that is previewed: those of some sixty pages."""
_SECTIONS = ("words", "pages", "changes", "data")
_PDF_SECURITY = (
    "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self';"
    " base-uri 'none'; form-action 'none'"
)
"""What the browser's own viewer of PDFs needs."""


@screen.get("/letter/<letter_id>")
def show(desk: CampaignSession, letter_id: str) -> str:
    """Show one letter."""
    if current_letters(desk) is None:
        return render_template("letters.html", letters=None)
    letters, planned = _find_letter(desk, letter_id)
    wanted, section = parse_filter(request.args), request.args.get("show", "words")
    section = section if section in _SECTIONS else "words"
    versions = _safe_versions(desk, letters, planned)
    there = _readable_bytes(versions)
    can_choose = bool(there and versions.new and there != versions.new)
    is_made = (bool(request.args.get("made")) and can_choose) or not there
    data = versions.new if is_made else there
    before, behind = neighbours(letters.matching(wanted), letter_id)
    return render_template(
        "letter.html",
        letters=letters,
        planned=planned,
        mark=status_mark(planned.step),
        path=f"{LETTERS_FOLDER}/{planned.record.path}",
        wanted=wanted,
        section=section,
        versions=versions,
        can_choose=can_choose,
        is_made=is_made,
        data=data,
        text=_paragraph_texts(data) if section == "words" and data else (),
        lines=data_lines(letters.view, planned) if section == "data" else (),
        can_lay_out=section == "pages" and find_libreoffice() is not None,
        problems=_problems(letters, planned),
        tracking=letters.view.tracking_numbers.get(letter_id, ""),
        is_asked=any(one.about == letter_id for one in desk.snapshot.pending_decisions),
        is_changed=any(one.before != one.after for one in versions.edits or ()),
        before=before,
        behind=behind,
    )


def _find_letter(desk: CampaignSession, letter_id: str) -> tuple[LetterList, LetterPlan]:
    """Return a letter of the last look. Raise NotFound where it has none such."""
    letters = current_letters(desk)
    planned = letters.view.plans_by_id.get(letter_id) if letters else None
    if letters is None or planned is None:
        raise NotFound
    return letters, planned


def _problems(letters: LetterList, planned: LetterPlan) -> list[Problem]:
    """Return the errors that keep the letter from being made."""
    pair, findings = planned.step.letter.pair, letters.view.campaign.findings
    errors = (found for found in findings if found.problem.level == "error")
    return [*dict.fromkeys(found.problem for found in errors if found.affects(pair))]


def _paragraph_texts(data: bytes) -> tuple[str, ...]:
    """Return a letter's paragraphs, for whoever sees no preview; none where it is damaged."""
    try:
        read = read_paragraphs(read_parts(data, "letter.docx"))
    except MergeError:
        return ()
    return tuple(text for one in read if (text := one.text.replace("\ufffc", "").strip()))


# Its file.


def _letter_path(desk: CampaignSession, planned: LetterPlan) -> Path:
    """Return where the letter's file lies, or would lie."""
    known = planned.stored_record or planned.record
    return (
        Path(planned.file_path) if planned.file_path else desk.folder / LETTERS_FOLDER / known.path
    )


def _is_inside(desk: CampaignSession, planned: LetterPlan) -> bool:
    """Return whether the letter's file is below the campaign's folder, whatever links say."""
    try:
        place = _letter_path(desk, planned).resolve(strict=True)
    except (OSError, RuntimeError):
        return False
    return place.is_relative_to(desk.folder)


def _safe_versions(
    desk: CampaignSession, letters: LetterList, planned: LetterPlan
) -> LetterVersions:
    """Return what lies there and what would be made; of what lies outside the campaign nothing."""
    found = letter_versions(letters.view, planned.record.id)
    return found if _is_inside(desk, planned) else replace(_NO_VERSIONS, new=found.new)


_NO_VERSIONS = LetterVersions()


def _readable_bytes(versions: LetterVersions) -> bytes | None:
    """Return the file's bytes; None where they are damaged, or unpack to more than a letter may.

    Such a file goes neither to LibreOffice nor to the browser's preview.
    """
    return None if versions.problem else versions.existing


def _requested_bytes(desk: CampaignSession, letter_id: str) -> bytes:
    """Return the letter as it lies there, or as it would be made where that is asked for."""
    versions = _safe_versions(desk, *_find_letter(desk, letter_id))
    data = versions.new if request.args.get("made") else _readable_bytes(versions)
    if not data:
        raise NotFound
    return data


@screen.get("/letter/<letter_id>.docx")
def word(desk: CampaignSession, letter_id: str) -> Response:
    """Give a letter's bytes to the preview; what would hold up the browser is too large for it."""
    data = _requested_bytes(desk, letter_id)
    if _count_tags(data) > _MAX_MARKUP:
        raise RequestEntityTooLarge
    answer = Response(data, content_type=WORD)
    answer.headers["Content-Disposition"] = f'attachment; filename="{letter_id[:4]}.docx"'
    return answer


def _count_tags(data: bytes) -> int:
    """Return how many tags a letter's parts have."""
    members = parse_package(data, "letter.docx").members
    return sum(m.data.count(b"<") for m in members if m.name.lower().endswith(".xml"))


@screen.get("/letter/<letter_id>.pdf")
def pages(desk: CampaignSession, letter_id: str) -> Response:
    """Give a letter as it will print."""
    data, libreoffice = _requested_bytes(desk, letter_id), find_libreoffice()
    if libreoffice is None:
        raise StorageError(NO_LIBREOFFICE)
    made = desk.state(PdfCache).pdf(data, libreoffice, desk.raise_if_closing)
    answer = Response(made, content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{letter_id[:4]}.pdf"'
    answer.headers["Content-Security-Policy"] = _PDF_SECURITY
    return answer


@screen.get("/frame")
def frame(desk: CampaignSession) -> Response:  # noqa: ARG001 - it is in the path
    """Give the sandbox in which a letter is shown: an origin of its own, and nothing to fetch."""
    urls = {name: request.host_url.rstrip("/") + static_url(name) for name in _FRAME_FILES}
    scripts = " ".join(_without_query(urls[name]) for name in _FRAME_FILES if name.endswith(".js"))
    answer = Response(render_template("sandbox.html", urls=urls))
    answer.headers["Content-Security-Policy"] = (
        f"sandbox allow-scripts; default-src 'none'; script-src {scripts};"
        f" style-src 'unsafe-inline' {_without_query(urls['frame.css'])}; img-src data: blob:;"
        " font-src data: blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    )
    return answer


_FRAME_FILES = ("vendor/jszip.min.js", "vendor/docx-preview.min.js", "frame.js", "frame.css")


def _without_query(url: str) -> str:
    return url.partition("?")[0]


@screen.post("/letter/<letter_id>/open")
def open_in_word(desk: CampaignSession, letter_id: str) -> Response:
    """Open a letter in Word, or whatever the system has for it."""
    letters, planned = _find_letter(desk, letter_id)
    versions = letter_versions(letters.view, letter_id)
    if versions.problem and versions.problem.code not in _OPENABLE_PROBLEMS:
        raise StorageError(versions.problem)
    open_file(_letter_path(desk, planned), desk.folder)
    desk.opened_letters.add(str(_letter_path(desk, planned)))
    return redirect_to("letter.show", letter_id=letter_id, **parse_filter(request.form).arguments)


_OPENABLE_PROBLEMS = {"letter-damaged", "letter-unreadable"}
"""Word says best what is the matter with such a file."""


@screen.post("/letter/<letter_id>/folder")
def show_folder(desk: CampaignSession, letter_id: str) -> Response:
    """Show a letter in its folder; where it is not there, the folder of the letters."""
    _, planned = _find_letter(desk, letter_id)
    path = _letter_path(desk, planned)
    there = next(p for p in (path, desk.folder / LETTERS_FOLDER, desk.folder) if p.exists())
    show_in_folder(there, desk.folder)
    return redirect_to("letter.show", letter_id=letter_id, **parse_filter(request.form).arguments)
