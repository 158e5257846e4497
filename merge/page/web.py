"""What every screen shares: its campaign, its language, answers to forms, our own files.

Who may ask at all is for `guard` to say.
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
from werkzeug.exceptions import NotFound

from merge.campaign.overview import CampaignOverview
from merge.page.folders import KnownFolders
from merge.page.languages import CODES, NAMES, Language, best_language
from merge.page.languages import language as language_of
from merge.page.lifetime import Lifetime
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
"""Ours, not the system's: where Windows' registry calls .js text/plain, the page would be dead."""


def campaign_sessions() -> CampaignSessions:
    """Return the campaigns that are open in this program."""
    found: CampaignSessions = current_app.extensions["desks"]
    return found


def folders() -> KnownFolders:
    """Return the folders that may be opened, and that were."""
    found: KnownFolders = current_app.extensions["folders"]
    return found


def lifetime() -> Lifetime:
    """Return what knows whether the program is needed any more."""
    found: Lifetime = current_app.extensions["lifetime"]
    return found


def language() -> Language:
    """Return the language of the answer."""
    found: Language = g.language
    return found


def redirect_to(endpoint: str, **values: Any) -> Response:  # noqa: ANN401 - what url_for takes
    """Return the answer to a form: the screen to be seen next."""
    return redirect(url_for(endpoint, **values), 303)  # type: ignore[return-value]


def readable_view(desk: CampaignSession) -> CampaignOverview:
    """Return what was seen of a campaign. If it cannot be read, lead to the screen, which says so.

    The screen of a blueprint is its `show`.
    """
    view = desk.snapshot.view
    if view is None or view.survey_error:
        abort(redirect_to(".show"))
    return view


def redirect_back() -> Response:
    """Return the answer to a form that stands on many screens: the one it was sent from."""
    path = request.form.get("next", "/")
    ours = re.fullmatch(r"(/[\w-]+)+|/", path, re.ASCII)
    return redirect(request.script_root + (path if ours else "/"), 303)  # type: ignore[return-value]


# Before an answer: its language, its campaign; what every template is given.


def choose_language() -> None:
    """Take the language that was chosen in this browser, else the one that it asks for."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    wanted = [tag for tag, _ in request.accept_languages]
    g.language = language_of(chosen if chosen in CODES else best_language(wanted))


def gettext(text: str) -> str:
    """Return words of ours in the language of the answer."""
    return language().translations.gettext(text)


def ngettext(one: str, many: str, number: int) -> str:
    """Return words of ours that hang on a number, in the language of the answer."""
    return language().translations.ngettext(one, many, number)


class CampaignFolderMissingError(Exception):
    """The folder of the campaign is not there any more: no screen shows it, no form writes."""


def find_session(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Give a route its campaign in the place of the key that stands in the path."""
    if values and "key" in values:
        g.key = values.pop("key")
        desk = campaign_sessions().get(g.key)
        if desk is None:
            raise NotFound
        g.desk = values["desk"] = desk
        if endpoint != "tasks.news" and not desk.folder_exists:  # an open page asks on
            raise CampaignFolderMissingError


def add_campaign_key(endpoint: str, values: dict[str, Any]) -> None:
    """Let `url_for` stay in the campaign of the path."""
    is_of_campaign = current_app.url_map.is_endpoint_expecting(endpoint, "key")
    if "key" in g and "key" not in values and is_of_campaign:
        values["key"] = g.key


def template_context() -> dict[str, Any]:
    """Return what every template is given."""
    if "language" not in g:  # the path was not found
        choose_language()
    desk: CampaignSession | None = g.get("desk")
    found: dict[str, Any] = {"language": language(), "languages": NAMES, "desk": desk}
    if desk:
        found |= {"sight": desk.snapshot, "news": desk.status, "outcome": None}
        if request.blueprint:
            found["outcome"] = desk.task_result_for(request.blueprint)
    return found


# Our own files.


@cache
def _static_version() -> str:
    """Return what stands for all our files as they are."""
    files = (path for path in sorted(STATIC_FOLDER.rglob("*")) if path.is_file())
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:12]


def static_url(name: str) -> str:
    """Return the address of one of our files; it is another one when any of them is.

    The version is a folder, so that a module that imports `./page.js` gets the very one that the
    page has loaded, not a second one that does everything once more.
    """
    return f"/static/{_static_version()}/{name}"


def static_file(name: str) -> Response:
    """Return one of our files; before its name may stand the version."""
    path = (STATIC_FOLDER / name.removeprefix(f"{_static_version()}/")).resolve()
    kind = CONTENT_TYPES.get(path.suffix)
    if kind is None or not path.is_relative_to(STATIC_FOLDER) or not path.is_file():
        raise NotFound
    answer = Response(path.read_bytes(), content_type=kind)
    answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return answer
