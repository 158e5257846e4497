"""Messages about the workbook as a file."""

from merge.messages.message import MessageSection

SECTION = MessageSection("The workbook file", "", {})
