"""Messages about the page in the browser."""

from merge.messages.message import MessageSection

SECTION = MessageSection("The page", "", {})
