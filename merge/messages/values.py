"""Messages about values in cells that a placeholder cannot print."""

from merge.messages.message import MessageSection

SECTION = MessageSection("Values in cells", "", {})
