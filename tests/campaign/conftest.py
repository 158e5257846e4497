"""Tests run without LibreOffice, except those marked `libreoffice`."""

from support.office_programs import path_without_libreoffice, without_libreoffice

__all__ = ["path_without_libreoffice", "without_libreoffice"]
