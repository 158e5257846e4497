"""The page's Flask application: screens, templates, error pages."""

from __future__ import annotations

from typing import Any

from flask import Flask, render_template
from jinja2 import StrictUndefined
from werkzeug.exceptions import HTTPException, InternalServerError

from merge.campaign.ignored_warnings import group_warning_ids
from merge.errors import MergeError, crash_report_lines
from merge.messages.groups import group_problems
from merge.page import remedies, web
from merge.page.folders import KnownFolders
from merge.page.lifetime import ProgramLifetime
from merge.page.manual import anchor
from merge.page.routes import SCREENS
from merge.page.routes.tasks import progress_words
from merge.page.session import BusyError, CampaignSessions
from merge.page.view_models import last_stage, letter_mark


def create_app(
    sessions: CampaignSessions, lifetime: ProgramLifetime, folders: KnownFolders | None = None
) -> Flask:
    """Return the Flask application; its paths are below the prefix of `guard`.

    `folders` are the folders that were opened and may be opened, usually the user's.
    """
    app = Flask("merge.page", static_folder=None)
    app.extensions["sessions"], app.extensions["lifetime"] = sessions, lifetime
    app.extensions["folders"] = folders or KnownFolders()
    _set_up_templates(app)
    app.before_request(web.choose_language)
    app.url_value_preprocessor(web.find_session)
    app.url_defaults(web.add_campaign_key)
    app.context_processor(web.template_context)
    app.add_url_rule("/static/<path:name>", "static", web.static_file)
    for screen in SCREENS:
        app.register_blueprint(screen)
    app.register_error_handler(BusyError, _campaign_busy)
    app.register_error_handler(web.CampaignFolderMissingError, _folder_gone)
    app.register_error_handler(MergeError, _request_refused)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(InternalServerError, _unsent_answer)
    app.register_error_handler(Exception, _internal_error)
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
    env.filters.update(format_hint=remedies.format_hint, format_place=remedies.format_place)
    env.globals.update(letter_mark=letter_mark, last_stage=last_stage, manual_anchor=anchor)
    env.globals.update(progress_words=progress_words, warning_ids=group_warning_ids)


# Error pages


def _message_page(status: int, **context: Any) -> tuple[str, int]:  # noqa: ANN401 - what templates take
    context = {"problems": (), "fault": ()} | context
    return render_template("message.html", **context), status


def _campaign_busy(_error: BusyError) -> tuple[str, int]:
    return _message_page(409, kind="busy")


def _folder_gone(_error: web.CampaignFolderMissingError) -> tuple[str, int]:
    return _message_page(410, kind="gone")


def _request_refused(error: MergeError) -> tuple[str, int]:
    return _message_page(422, kind="refused", problems=error.problems)


def _http_error(error: HTTPException) -> tuple[str, int]:
    return _message_page(error.code or 500, kind="missing")


def _unsent_answer(error: InternalServerError) -> tuple[str, int]:
    """Return the error page for an answer that Flask could not send."""
    return _internal_error(error.original_exception or error)


def _internal_error(error: BaseException) -> tuple[str, int]:
    return _message_page(500, kind="fault", fault=crash_report_lines(error))
