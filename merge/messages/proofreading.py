"""Messages about proofreading."""

from merge.messages.message import MessageSection

SECTION = MessageSection("Proofreading", "", {})
