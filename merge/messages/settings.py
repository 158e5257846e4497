"""Messages about settings, languages and pairs."""

from merge.messages.message import MessageSection

SECTION = MessageSection("Settings, languages and pairs", "", {})
