"""Messages about creating letters again."""

from merge.messages.message import MessageSection

SECTION = MessageSection("Creating letters again", "", {})
