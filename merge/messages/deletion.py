"""Messages about deleting a person's data and closing a campaign."""

from merge.messages.message import MessageSection

SECTION = MessageSection("Deleting data and closing", "", {})
