"""Messages about a template as a file."""

from merge.messages.message import MessageSection

SECTION = MessageSection("The template file", "", {})
