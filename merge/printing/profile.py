"""The settings that LibreOffice starts with: nothing is fetched, no macro runs."""

from __future__ import annotations

_SECURITY = "/org.openoffice.Office.Common/Security/Scripting"
_INTERNET = "/org.openoffice.Inet/Settings"
_EXPORT = "/org.openoffice.Office.Common/Filter/PDF/Export"

_NOWHERE = "127.0.0.1"
_DISCARD = 9
"""The port where nobody listens (RFC 863)."""

_SETTINGS: tuple[tuple[str, str, str | int | bool], ...] = (
    # Linked pictures and files, on other computers and on this one.
    (_SECURITY, "BlockUntrustedRefererLinks", True),
    (_SECURITY, "DisableMacrosExecution", True),
    # Whatever else might be fetched is asked of a proxy that is not there.
    (_INTERNET, "ooInetProxyType", 1),
    (_INTERNET, "ooInetHTTPProxyName", _NOWHERE),
    (_INTERNET, "ooInetHTTPProxyPort", _DISCARD),
    (_INTERNET, "ooInetHTTPSProxyName", _NOWHERE),
    (_INTERNET, "ooInetHTTPSProxyPort", _DISCARD),
    (_INTERNET, "ooInetNoProxy", ""),
    (_EXPORT, "ExportBookmarksToPDFDestination", True),
    # Tells headers and footers from the letter.
    (_EXPORT, "UseTaggedPDF", True),
)
"""DisableActiveContent is not among them: it leaves out charts."""

_ITEM = '<item oor:path="{}"><prop oor:name="{}" oor:op="fuse"><value>{}</value></prop></item>'
_ITEMS = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<oor:items xmlns:oor="http://openoffice.org/2001/registry">{}</oor:items>\n'
)


def profile(*, blank_pages: bool) -> str:
    """The text of a profile's registrymodifications.xcu.

    `blank_pages` keeps in a PDF those that stand empty before a front side.
    """
    settings = (*_SETTINGS, (_EXPORT, "IsSkipEmptyPages", not blank_pages))
    items = (_ITEM.format(path, name, str(value).lower()) for path, name, value in settings)
    return _ITEMS.format("".join(items))
