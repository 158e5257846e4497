"""LibreOffice is not there, but for tests that are marked to need it: `libreoffice`."""

from support.office_programs import path_without_libreoffice, without_libreoffice

__all__ = ["path_without_libreoffice", "without_libreoffice"]
