"""Messages about the list of signers from forms."""

from merge.messages.message import MessageSection

SECTION = MessageSection("The list of signers from forms", "", {})
