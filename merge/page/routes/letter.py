"""Letter screen: text, print preview, edits and source data of a letter."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import NotFound, RequestEntityTooLarge

from merge.campaign.letter_plan import LetterPlan
from merge.campaign.letter_versions import LetterVersions, letter_versions
from merge.errors import MergeError, StorageError
from merge.ooxml.container import FilePolicy
from merge.ooxml.kinds import WORD
from merge.ooxml.package import parse_package
from merge.page.opening import open_file, show_in_folder
from merge.page.pdf_cache import PdfCache
from merge.page.routes.letters import current_letters, parse_filter
from merge.page.session import CampaignSession
from merge.page.view_models import LetterList, data_lines, letter_mark, neighbours
from merge.page.web import redirect_to, static_url
from merge.printing.libreoffice import NO_LIBREOFFICE, find_libreoffice
from merge.problems import Problem
from merge.product import LETTERS_FOLDER
from merge.proofreading.text import read_paragraphs, read_parts

screen = Blueprint("letter", __name__, url_prefix="/c/<key>")

WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_MAX_MARKUP = 60_000
"""Most XML elements of a previewed letter, about sixty pages."""
_SECTIONS = ("words", "pages", "changes", "data")
_PDF_SECURITY = (
    "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self';"
    " base-uri 'none'; form-action 'none'"
)
"""Content security that the browser's own PDF viewer needs."""


@screen.get("/letter/<letter_id>")
def show(session: CampaignSession, letter_id: str) -> str:
    """Show the screen of one letter, or only what its preview says."""
    if current_letters(session) is None:
        return render_template("letters.html", letters=None)
    letters, planned = _find_letter(session, letter_id)
    letter_filter, section = parse_filter(request.args), request.args.get("show", "words")
    if request.args.get("preview"):
        return render_template(
            "preview.html", letters=letters, planned=planned, letter_filter=letter_filter
        )
    section = section if section in _SECTIONS else "words"
    versions = _safe_versions(session, letters, planned)
    existing = _readable_bytes(versions)
    can_choose = bool(existing and versions.new and existing != versions.new)
    is_made = (bool(request.args.get("made")) and can_choose) or not existing
    data = versions.new if is_made else existing
    previous, following = neighbours(letters.matching(letter_filter), letter_id)
    return render_template(
        "letter.html",
        letters=letters,
        planned=planned,
        mark=letter_mark(planned),
        path=f"{LETTERS_FOLDER}/{planned.record.path}",
        letter_filter=letter_filter,
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
        notes=letters.view.notes.get(letter_id, ""),
        is_asked=any(
            decision.about == letter_id for decision in session.snapshot.pending_decisions
        ),
        is_changed=any(change.before != change.after for change in versions.edits or ()),
        previous=previous,
        following=following,
    )


def _find_letter(session: CampaignSession, letter_id: str) -> tuple[LetterList, LetterPlan]:
    """Return a letter of the latest snapshot; raise NotFound if it is unknown."""
    letters = current_letters(session)
    planned = letters.view.plans_by_id.get(letter_id) if letters else None
    if letters is None or planned is None:
        raise NotFound
    return letters, planned


def _problems(letters: LetterList, planned: LetterPlan) -> list[Problem]:
    """Return the errors that block a letter."""
    pair, findings = planned.step.letter.pair, letters.view.campaign.findings
    errors = (finding for finding in findings if finding.problem.level == "error")
    return [*dict.fromkeys(finding.problem for finding in errors if finding.affects(pair))]


def _paragraph_texts(data: bytes) -> tuple[str, ...]:
    """Return a letter's paragraphs, for browsers without a preview.

    A damaged letter has none.
    """
    try:
        paragraphs = read_paragraphs(read_parts(data, "letter.docx"))
    except MergeError:
        return ()
    return tuple(
        text for paragraph in paragraphs if (text := paragraph.text.replace("\ufffc", "").strip())
    )


# The letter's file


def _letter_path(session: CampaignSession, planned: LetterPlan) -> Path:
    """Return the path that the letter's file has or would have."""
    known = planned.stored_record or planned.record
    return (
        Path(planned.file_path)
        if planned.file_path
        else session.folder / LETTERS_FOLDER / known.path
    )


def _is_inside(session: CampaignSession, planned: LetterPlan) -> bool:
    """Return whether the letter's file is inside the campaign's folder.

    Links to it are followed.
    """
    try:
        place = _letter_path(session, planned).resolve(strict=True)
    except (OSError, RuntimeError):
        return False
    return place.is_relative_to(session.folder)


def _safe_versions(
    session: CampaignSession, letters: LetterList, planned: LetterPlan
) -> LetterVersions:
    """Return the existing and the new version of a letter.

    A file outside the campaign's folder is omitted.
    """
    versions = letter_versions(letters.view, planned.record.id)
    return versions if _is_inside(session, planned) else replace(_NO_VERSIONS, new=versions.new)


_NO_VERSIONS = LetterVersions()


def _readable_bytes(versions: LetterVersions) -> bytes | None:
    """Return the bytes of a letter's file, or None if they cannot be shown.

    Such a file goes neither to LibreOffice nor to the browser's preview.
    """
    return None if versions.problem else versions.existing


def _requested_bytes(session: CampaignSession, letter_id: str) -> bytes:
    """Return the letter's bytes: of its file, or of the new version.

    With `or_made`, the new version replaces a file that does not exist or cannot be shown.
    """
    versions = _safe_versions(session, *_find_letter(session, letter_id))
    data = versions.new if request.args.get("made") else _readable_bytes(versions)
    if request.args.get("or_made"):
        data = data or versions.new
    if not data:
        raise NotFound
    return data


@screen.get("/letter/<letter_id>.docx")
def word(session: CampaignSession, letter_id: str) -> Response:
    """Return a letter's .docx for the preview in a browser that can show it."""
    return previewable_response(_requested_bytes(session, letter_id), f"{letter_id[:4]}.docx")


def previewable_response(data: bytes, name: str, policy: FilePolicy = WORD) -> Response:
    """Return a .docx for the preview; refuse one that is too large for it."""
    if _count_tags(data, policy) > _MAX_MARKUP:
        raise RequestEntityTooLarge
    response = Response(data, content_type=WORD_TYPE)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _count_tags(data: bytes, policy: FilePolicy) -> int:
    """Return the number of XML elements in a letter's parts."""
    members = parse_package(data, "letter.docx", policy).members
    return sum(m.data.count(b"<") for m in members if m.name.lower().endswith(".xml"))


@screen.get("/letter/<letter_id>.pdf")
def pages(session: CampaignSession, letter_id: str) -> Response:
    """Return a letter as a PDF, for the preview in the browser."""
    data, libreoffice = _requested_bytes(session, letter_id), find_libreoffice()
    if libreoffice is None:
        raise StorageError(NO_LIBREOFFICE)
    pdf = session.state(PdfCache).pdf(data, libreoffice, session.raise_if_closing)
    response = Response(pdf, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{letter_id[:4]}.pdf"'
    response.headers["Content-Security-Policy"] = _PDF_SECURITY
    return response


@screen.get("/frame")
def frame(session: CampaignSession) -> Response:  # noqa: ARG001 - it is in the path
    """Return the sandbox document in which the browser shows a letter."""
    urls = {name: request.host_url.rstrip("/") + static_url(name) for name in _FRAME_FILES}
    scripts = " ".join(_without_query(urls[name]) for name in _FRAME_FILES if name.endswith(".js"))
    response = Response(render_template("sandbox.html", urls=urls))
    response.headers["Content-Security-Policy"] = (
        f"sandbox allow-scripts; default-src 'none'; script-src {scripts};"
        f" style-src 'unsafe-inline' {_without_query(urls['frame.css'])}; img-src data: blob:;"
        " font-src data: blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    )
    return response


_FRAME_FILES = ("vendor/jszip.min.js", "vendor/docx-preview.min.js", "frame.js", "frame.css")


def _without_query(url: str) -> str:
    return url.partition("?")[0]


@screen.post("/letter/<letter_id>/open")
def open_in_word(session: CampaignSession, letter_id: str) -> Response:
    """Open a letter in Word or another program."""
    open_letter(session, letter_id)
    return redirect_to("letter.show", letter_id=letter_id, **parse_filter(request.form).arguments)


def open_letter(session: CampaignSession, letter_id: str) -> None:
    """Open a letter's file, which is then watched for changes."""
    letters, planned = _find_letter(session, letter_id)
    versions = letter_versions(letters.view, letter_id)
    if versions.problem and versions.problem.code not in _OPENABLE_PROBLEMS:
        raise StorageError(versions.problem)
    open_file(_letter_path(session, planned), session.folder)
    session.opened_letters.add(str(_letter_path(session, planned)))


_OPENABLE_PROBLEMS = {"letter-damaged", "letter-unreadable"}
"""Problems with which a file is opened: Word explains them best."""


@screen.post("/letter/<letter_id>/folder")
def show_folder(session: CampaignSession, letter_id: str) -> Response:
    """Show a letter's file in the file manager, or the letters folder."""
    _, planned = _find_letter(session, letter_id)
    path = _letter_path(session, planned)
    existing_path = next(
        p for p in (path, session.folder / LETTERS_FOLDER, session.folder) if p.exists()
    )
    show_in_folder(existing_path, session.folder)
    return redirect_to("letter.show", letter_id=letter_id, **parse_filter(request.form).arguments)
