"""Messages about the register."""

from merge.messages.message import MessageSection

SECTION = MessageSection("The register", "", {})
