"""What a tag may say: names, the allow-list, filters. The only door to jinja2.

A template is data, never a program. Each tag is parsed for itself and refused unless every node
of it is on the list (grammar.py); behind that stands jinja2's sandbox, in an environment that
reaches columns of one signer and one recipient and nothing else (environment.py).
"""

from merge.language.asks import Ask, asks_of
from merge.language.environment import (
    FILLING_ERRORS,
    SYNTAX_ERRORS,
    PartTree,
    Program,
    compile_part,
    parse_part,
)
from merge.language.explained import explained
from merge.language.expressions import Expression, compile_text
from merge.language.grammar import Name, check_depth, check_tag, names_in, names_of
from merge.language.values import NotUsableError, Tree, TreeValue, freeze, is_blank

__all__ = [
    "FILLING_ERRORS",
    "SYNTAX_ERRORS",
    "Ask",
    "Expression",
    "Name",
    "NotUsableError",
    "PartTree",
    "Program",
    "Tree",
    "TreeValue",
    "asks_of",
    "check_depth",
    "check_tag",
    "compile_part",
    "compile_text",
    "explained",
    "freeze",
    "is_blank",
    "names_in",
    "names_of",
    "parse_part",
]
