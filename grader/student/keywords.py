"""What pytest's -k says of a test's names, known before the test is imported.

pytest decides itself which tests are selected; this only tells beforehand that a file has none of
them. It answers "yes" wherever it is not sure.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping

_WORD = re.compile(r"(?:\w|[-:+.\[\]\\/])+")
_OPERATORS = {"(", ")", "and", "or", "not"}
_MOST_TOKENS = 200  # an expression as deep as Python's parser goes is nobody's


def may_select(expression: str, names: Iterable[str], doubtful: Iterable[str]) -> bool:
    """Whether -k `expression` can select a test that has all of `names` and any of `doubtful`."""
    parsed = _parse(expression)
    if parsed is None:
        return True
    tree, words = parsed
    found = {key: _is_part(word, names) for key, word in words.items()}
    if any(_is_part(words[key], doubtful) for key, known in found.items() if not known):
        return True
    held = _holds(tree, found)
    return held is None or held


def _parse(expression: str) -> tuple[ast.expr, dict[str, str]] | None:
    """The expression as Python's, and what each name in it stands for; None for any that is odd."""
    tokens = re.findall(r"[()]|[^\s()]+", expression)
    words = {f"word{place}": token for place, token in enumerate(tokens) if token not in _OPERATORS}
    if len(tokens) > _MOST_TOKENS or not all(map(_WORD.fullmatch, words.values())):
        return None
    python = [f"word{place}" if f"word{place}" in words else t for place, t in enumerate(tokens)]
    try:
        return ast.parse(f"({' '.join(python)})", mode="eval").body, words
    except SyntaxError:
        return None


def _is_part(word: str, names: Iterable[str]) -> bool:
    return any(word.lower() in name.lower() for name in names)


def _holds(node: ast.expr, found: Mapping[str, bool]) -> bool | None:
    """The expression's value; None where it is more than names, `and`, `or` and `not`."""
    if isinstance(node, ast.Name):
        return found[node.id]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        inner = _holds(node.operand, found)
        return None if inner is None else not inner
    if isinstance(node, ast.BoolOp):
        values = [_holds(value, found) for value in node.values]
        if None in values:
            return None
        return all(values) if isinstance(node.op, ast.And) else any(values)
    return None
