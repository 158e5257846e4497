"""Messages about form responses and other exports."""

from merge.messages.message import MessageSection

SECTION = MessageSection("Form responses", "", {})
