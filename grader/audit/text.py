"""A module's source beside its tree: where each node stands, and what is said of it there."""

from __future__ import annotations

import ast
import io
import keyword
import tokenize
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

Function = ast.FunctionDef | ast.AsyncFunctionDef
Definition = Function | ast.ClassDef
Span = tuple[int, int]

_PRIMARIES = (ast.Name, ast.Constant, ast.Attribute, ast.Subscript, ast.Call, ast.JoinedStr)
_DISPLAYS = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp, ast.GeneratorExp)
_WHOLE = (*_PRIMARIES, *_DISPLAYS)  # no operator tears them apart
_WORDS = (ast.expr_context, ast.operator, ast.unaryop, ast.cmpop, ast.boolop)  # shared objects
_SILENT = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)
_LIBRARIES = {"torch", "F", "functional", "nn.functional", "torch.nn.functional"}
_LIBRARIES |= {"torch.linalg", "torch.special", "math", "np", "numpy"}


@dataclass(frozen=True)
class Change:
    """The characters from `start` to `end` of a source become `text`."""

    kind: str
    start: int
    end: int
    text: str


class Text:
    """A source, its tree, and the places in the source, counted in characters."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.tree = ast.parse(source)
        self._lines = source.split("\n")
        self._offsets = list(accumulate((len(line) + 1 for line in self._lines), initial=0))
        self._tokens = [
            (self._offsets[token.start[0] - 1] + token.start[1], token.type, token.string)
            for token in tokenize.generate_tokens(io.StringIO(source, newline="\n").readline)
            if token.type not in _SILENT
        ]
        self._starts = [start for start, _, _ in self._tokens]
        self._above = {
            child: (node, field) for node in ast.walk(self.tree) for field, child in children(node)
        }
        self.definitions = {
            node.name: node for node in self.tree.body if isinstance(node, Definition)
        }

    # Where things stand.

    def start(self, node: ast.AST) -> int:
        return self._offset(getattr(node, "lineno", 1), getattr(node, "col_offset", 0))

    def end(self, node: ast.AST) -> int:
        return self._offset(getattr(node, "end_lineno", 1), getattr(node, "end_col_offset", 0))

    def _offset(self, line: int, column: int) -> int:
        text = self._lines[line - 1]
        if not text.isascii():
            column = len(text.encode()[:column].decode())  # the tree counts bytes
        return self._offsets[line - 1] + column

    def outer(self, node: ast.AST) -> Span:
        """The node with the parentheses around it that only group."""
        start, end = self.start(node), self.end(node)
        first, last = bisect_left(self._starts, start) - 1, bisect_left(self._starts, end)
        while first >= 0 and self._groups(first) and self._tokens[last][2] == ")":
            start, end = self._starts[first], self._starts[last] + 1
            first, last = first - 1, last + 1
        return start, end

    def _groups(self, index: int) -> bool:
        """Is this token a parenthesis that opens a group, not the arguments of a call?"""
        if self._tokens[index][2] != "(":
            return False
        _, kind, before = self._tokens[index - 1] if index else (0, tokenize.OP, "=")
        named = kind == tokenize.NAME and not keyword.iskeyword(before)
        return not (named or before in (")", "]", "}"))

    def operator(self, left: ast.AST, right: ast.AST) -> Span:
        """The operator, of one word or two, that stands between two operands."""
        first = bisect_left(self._starts, self.end(left))
        last = bisect_left(self._starts, self.start(right))
        between = [token for token in self._tokens[first:last] if token[2] not in ("(", ")")]
        return between[0][0], between[-1][0] + len(between[-1][2])

    def before(self, position: int, string: str) -> int:
        """Where the nearest token `string` before `position` begins."""
        index = bisect_left(self._starts, position) - 1
        while self._tokens[index][2] != string:
            index -= 1
        return self._starts[index]

    # What stands there.

    def of(self, node: ast.AST) -> str:
        """The node's text, for a place where any expression may stand."""
        start, end = self.outer(node)
        text = self.source[start:end]
        grouped = start < self.start(node)
        return f"({text})" if "\n" in text and not grouped else text

    def operand(self, node: ast.AST) -> str:
        """The node's text, in parentheses where an operator beside it could tear it apart."""
        text = self.of(node)
        if text.startswith("(") and (self.outer(node)[0] < self.start(node) or "\n" in text):
            return text
        return text if isinstance(node, _WHOLE) else f"({text})"

    # What is above a node.

    def place(self, node: ast.AST) -> tuple[ast.AST, str]:
        """The node's parent and the field of the parent that it is in."""
        return self._above[node]

    def parent(self, node: ast.AST) -> ast.AST:
        return self._above[node][0]

    def above(self, node: ast.AST) -> Iterator[tuple[ast.AST, str]]:
        """The place of a node, then that of its parent, and so on up to the module."""
        while node in self._above:
            node, field = self._above[node]
            yield node, field

    def function_around(self, node: ast.AST) -> Function | None:
        for ancestor, _ in self.above(node):
            if isinstance(ancestor, Function):
                return ancestor
            if isinstance(ancestor, ast.ClassDef):
                return None
        return None


def children(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """The nodes right below a node, each with the field that it is in."""
    for field, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not isinstance(child, _WORDS):
                yield field, child


def name_of(function: ast.AST) -> str:
    """What is called, without what is before the last dot: "sum" for torch.sum, x.sum and sum."""
    match function:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def is_library(node: ast.AST) -> bool:
    """Is this a library, so that what it holds are functions and no methods of a value?"""
    return isinstance(node, (ast.Name, ast.Attribute)) and ast.unparse(node) in _LIBRARIES


def is_layer(call: ast.Call) -> bool:
    """Does this make a layer of torch, such as nn.Linear(3, 4)?"""
    match call.func:
        case ast.Attribute(value=ast.Name("nn") | ast.Attribute(attr="nn"), attr=name):
            return name[:1].isupper()
    return False


def is_of_self(call: ast.Call) -> bool:
    """Is this `self.name(…)`, so that the name says nothing about what is done?"""
    return isinstance(call.func, ast.Attribute) and is_self(call.func.value)


def is_self(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id == "self"
