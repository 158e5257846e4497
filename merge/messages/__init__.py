"""The catalogue of messages: every problem's code, level, sentences and remedy, each written once.

Code raises a problem by its code and its fields; the sentences are in the module of this package
that has the section's name in docs/problems.md, which is generated from the catalogue.
"""

from merge.messages.message import Example, Message, MessageSection, fault, problem

__all__ = ["Example", "Message", "MessageSection", "fault", "problem"]
