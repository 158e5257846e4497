"""The catalogue of messages: code, level and sentences of each problem.

Each message is written once. Other code creates a problem from its code and its fields. The
sentences are in the module of this package that has the name of the section in docs/problems.md,
which is generated from the catalogue.
"""

from merge.messages.message import Example, Message, MessageSection, fault, problem

__all__ = ["Example", "Message", "MessageSection", "fault", "problem"]
