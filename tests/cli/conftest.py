"""Hides LibreOffice, except for tests with the mark `libreoffice`."""

from support.office_programs import path_without_libreoffice, without_libreoffice

__all__ = ["path_without_libreoffice", "without_libreoffice"]
