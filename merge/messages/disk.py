"""Messages about files, folders and the disk."""

from merge.messages.message import MessageSection

SECTION = MessageSection("The disk", "", {})
