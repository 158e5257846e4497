"""Checks of templates and people before letters are created."""
