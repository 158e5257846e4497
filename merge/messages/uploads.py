"""Messages about files added to a campaign."""

from merge.messages.message import MessageSection

SECTION = MessageSection("Added files", "", {})
