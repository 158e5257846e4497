"""Messages about placeholders, conditions, loops and merge fields."""

from merge.messages.message import MessageSection

SECTION = MessageSection("Placeholders", "", {})
