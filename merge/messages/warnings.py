"""Messages that are warnings about the workbook and the templates."""

from merge.messages.message import MessageSection

SECTION = MessageSection("Warnings", "", {})
