"""Messages about print files."""

from merge.messages.message import MessageSection

SECTION = MessageSection("Printing", "", {})
