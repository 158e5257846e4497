"""The page's application, put together: the screens, the templates, what cannot be done."""

from __future__ import annotations

from typing import Any

from flask import Flask, render_template
from jinja2 import StrictUndefined
from werkzeug.exceptions import HTTPException

from merge.errors import MergeError, fault_lines
from merge.messages.groups import group_problems
from merge.page import remedies, web
from merge.page.desk import BusyError, Desks
from merge.page.folders import Folders
from merge.page.lifetime import Lifetime
from merge.page.routes import SCREENS
from merge.page.shown import last_stage, mark_of


def create_app(desks: Desks, lifetime: Lifetime, folders: Folders | None = None) -> Flask:
    """Return the application for these campaigns; its paths are below the prefix of `guard`.

    `folders` are those that may be opened, and that were: the user's.
    """
    app = Flask("merge.page", static_folder=None)
    app.extensions["desks"], app.extensions["lifetime"] = desks, lifetime
    app.extensions["folders"] = folders or Folders()
    _set_up_templates(app)
    app.before_request(web.choose_language)
    app.url_value_preprocessor(web.find_desk)
    app.url_defaults(web.name_desk)
    app.context_processor(web.shared)
    app.add_url_rule("/static/<path:name>", "static", web.static_file)
    for screen in SCREENS:
        app.register_blueprint(screen)
    app.register_error_handler(BusyError, _busy)
    app.register_error_handler(web.CampaignGoneError, _folder_gone)
    app.register_error_handler(MergeError, _refused)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _fault)
    return app


def _set_up_templates(app: Flask) -> None:
    env = app.jinja_env
    env.undefined = StrictUndefined
    env.trim_blocks = env.lstrip_blocks = env.policies["ext.i18n.trimmed"] = True
    env.add_extension("jinja2.ext.i18n")
    env.install_gettext_callables(  # type: ignore[attr-defined]
        web.gettext, web.ngettext, newstyle=True
    )
    env.globals.update(static=web.static_url, group_problems=group_problems)
    env.filters.update(worded=remedies.worded, place=remedies.place_worded)
    env.globals.update(mark_of=mark_of, last_stage=last_stage)


# What cannot be done.


def _page(status: int, **facts: Any) -> tuple[str, int]:  # noqa: ANN401 - what templates take
    facts = {"problems": (), "fault": ()} | facts
    return render_template("message.html", **facts), status


def _busy(_error: BusyError) -> tuple[str, int]:
    return _page(409, kind="busy")


def _folder_gone(_error: web.CampaignGoneError) -> tuple[str, int]:
    return _page(410, kind="gone")


def _refused(error: MergeError) -> tuple[str, int]:
    return _page(422, kind="refused", problems=error.problems)


def _http_error(error: HTTPException) -> tuple[str, int]:
    return _page(error.code or 500, kind="missing")


def _fault(error: Exception) -> tuple[str, int]:
    return _page(500, kind="fault", fault=fault_lines(error))
