"""A Word template and an Excel sheet in, one editable letter per signer and recipient out."""

__version__ = "0.1.0"
