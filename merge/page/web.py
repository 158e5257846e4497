"""Shared parts of all screens: campaign, language, redirects, own files.

Access is checked by `guard`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from flask import Response, abort, current_app, g, redirect, request, url_for
from flask.globals import request_ctx
from werkzeug.exceptions import NotFound
from werkzeug.security import safe_join

from merge.campaign.overview import CampaignOverview
from merge.page.folders import KnownFolders
from merge.page.languages import CODES, NAMES, Language, best_language
from merge.page.languages import language as language_of
from merge.page.lifetime import ProgramLifetime
from merge.page.session import CampaignSession, CampaignSessions

STATIC_FOLDER = Path(__file__).parent / "static"
LANGUAGE_COOKIE = "merge_language"

CONTENT_TYPES: Mapping[str, str] = MappingProxyType(
    {
        ".css": "text/css; charset=utf-8",
        ".js": "text/javascript; charset=utf-8",
        ".svg": "image/svg+xml",
    }
)
"""Types of the program's own files.

Not the system's: in Windows, the registry may say that .js is text/plain, and no script would run.
"""


def campaign_sessions() -> CampaignSessions:
    """Return the campaigns that are open in this program."""
    campaign_sessions: CampaignSessions = current_app.extensions["sessions"]
    return campaign_sessions


def folders() -> KnownFolders:
    """Return the folders that users opened, and those that they may open."""
    known_folders: KnownFolders = current_app.extensions["folders"]
    return known_folders


def lifetime() -> ProgramLifetime:
    """Return the object that decides when the program ends."""
    program_lifetime: ProgramLifetime = current_app.extensions["lifetime"]
    return program_lifetime


def language() -> Language:
    """Return the language of the response."""
    chosen_language: Language = g.language
    return chosen_language


def redirect_to(endpoint: str, **values: Any) -> Response:  # noqa: ANN401 - what url_for takes
    """Return a redirect to a screen, the response to a form."""
    return redirect(url_for(endpoint, **values), 303)  # type: ignore[return-value]


def readable_view(session: CampaignSession) -> CampaignOverview:
    """Return the campaign's overview; redirect the browser if unreadable.

    The `show` screen of the blueprint says why.
    """
    view = session.snapshot.view
    if view is None or view.survey_error:
        abort(redirect_to(".show"))
    return view


def redirect_back() -> Response:
    """Return a redirect to the screen from which a form was sent.

    The form is on several screens.
    """
    path = request.form.get("next", "/")
    is_own_path = re.fullmatch(r"(/[\w-]+)+|/", path, re.ASCII)
    return redirect(request.script_root + (path if is_own_path else "/"), 303)  # type: ignore[return-value]


# Before a response: its language, its campaign, the variables of every template


def choose_language() -> None:
    """Use the language chosen in this browser, or one that it requests."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    requested = [tag for tag, _ in request.accept_languages]
    g.language = language_of(chosen if chosen in CODES else best_language(requested))


def gettext(text: str) -> str:
    """Return a text of the page in the language of the response."""
    return language().translations.gettext(text)


def ngettext(singular: str, plural: str, number: int) -> str:
    """Return a text of the page that depends on a number."""
    return language().translations.ngettext(singular, plural, number)


class CampaignFolderMissingError(Exception):
    """The campaign's folder is missing: no screen shows it, no form writes."""


def find_session(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Give a route the campaign's session in place of the key in the path."""
    if values and "key" in values:
        g.key = values.pop("key")
        session = campaign_sessions().get(g.key)
        if session is None:
            raise NotFound
        g.session = values["session"] = session
        if endpoint != "tasks.news" and not session.folder_exists:  # an open page continues to poll
            raise CampaignFolderMissingError


def add_campaign_key(endpoint: str, values: dict[str, Any]) -> None:
    """Add the key of the current campaign to the address of a screen."""
    is_of_campaign = current_app.url_map.is_endpoint_expecting(endpoint, "key")
    if "key" in g and "key" not in values and is_of_campaign:
        values["key"] = g.key


_MAIN_SCREENS: Mapping[str, str] = MappingProxyType({"importing": "data"})
"""Screens that are parts of another one, which shows the results of tasks."""


SAVED_ARGUMENT = "saved"
"""The argument in the address of the screen that follows a decision.

The result of the decision is shown there, and not on conflicts that the user opens later: the
screen that is open meanwhile may be loaded again first.
"""
_DECISION_TASKS = {"decide", "ask"}


def template_context() -> dict[str, Any]:
    """Return the variables that every Jinja template of the page gets."""
    if "language" not in g:  # no route matched the path
        choose_language()
    session: CampaignSession | None = g.get("session")
    context: dict[str, Any] = {"language": language(), "languages": NAMES, "session": session}
    context["has_address"] = _has_address()
    if session:
        context |= {"snapshot": session.snapshot, "status": session.status, "task_result": None}
        if request.blueprint and request.endpoint != "letter.frame":  # a letter inside a screen
            screen = _MAIN_SCREENS.get(request.blueprint, request.blueprint)
            result = session.task_result_for(screen)
            is_of_decision = result and result.name in _DECISION_TASKS and not result.fault
            if SAVED_ARGUMENT in request.args or not is_of_decision:
                context["task_result"] = result
    return context


def _has_address() -> bool:
    """Return whether a browser can load this screen again by its address.

    The answer to a form often has none, for example if the form is refused.
    """
    adapter = request_ctx.url_adapter
    return request.method == "GET" or bool(adapter and "GET" in adapter.allowed_methods())


# The program's own files


@cache
def _static_version() -> str:
    """Return a hash of all static files of the program."""
    files = (path for path in sorted(STATIC_FOLDER.rglob("*")) if path.is_file())
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:12]


def static_url(name: str) -> str:
    """Return the address of one of the program's own static files.

    It changes when any of the files does. The version is a folder, so a module that imports
    `./page.js` gets the one that the page has loaded, not a second copy.
    """
    return f"/static/{_static_version()}/{name}"


def static_file(name: str) -> Response:
    """Return a static file of the program; a version may precede its name."""
    inside = safe_join(str(STATIC_FOLDER), name.removeprefix(f"{_static_version()}/"))
    path = Path(inside or "")
    kind = CONTENT_TYPES.get(path.suffix)
    if kind is None or not path.is_file():
        raise NotFound
    response = Response(path.read_bytes(), content_type=kind)
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
