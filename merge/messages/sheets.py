"""Messages about sheets, column headings and people."""

from merge.messages.message import MessageSection

SECTION = MessageSection("Sheets, headings and people", "", {})
