"""Mechanical changes of a solution, each a mistake that the checks of its exercise should notice.

A mutant differs from the solution in one place of its text: an operator, a number, a statement
left out. Nothing is run here. Which changes are made is decided by the modules beside this one;
they leave out what no check could notice and what any check would.
"""

from __future__ import annotations

import ast
import difflib
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from grader.audit import calls, dimensions, expressions, statements
from grader.audit.text import Change, Text
from grader.audit.visible import changeable

Kind = Callable[[Text, ast.AST], Iterator[Change]]

KINDS: tuple[Kind, ...] = (
    expressions.operators,
    expressions.signs,
    expressions.comparisons,
    expressions.logic,
    expressions.conditions,
    expressions.numbers,
    expressions.flags,
    expressions.strings,
    dimensions.dimensions,
    calls.swapped_arguments,
    calls.swapped_results,
    calls.removed_arguments,
    calls.other_calls,
    calls.not_in_place,
    calls.dropped_calls,
    calls.dropped_wrappers,
    statements.dropped_statements,
    statements.errors,
    statements.contexts,
    statements.decorators,
    statements.loops,
)


@dataclass(frozen=True)
class Mutant:
    """A solution with one change.

    `before` and `after` are the changed lines, from 1 on `line`, as `one_line` writes them.
    """

    function: str  # the top-level function, class or constant that the change stands in
    kind: str
    line: int  # of the original, from 1
    before: str
    after: str
    source: str = field(repr=False)  # the whole mutated module
    original: str = field(repr=False)
    nth: int = 1  # among the mutants of the function with this very `before` and `after`

    def diff(self, name: str) -> str:
        """The change as a unified diff of the file `name`, ending in a newline."""
        old, new = (text.removesuffix("\n").split("\n") for text in (self.original, self.source))
        lines = difflib.unified_diff(old, new, name, f"{name} (mutant)", n=2, lineterm="")
        return "\n".join(lines) + "\n"


def mutants(source: str) -> list[Mutant]:
    """The mutants of a module's source, in the order of its lines, no two with the same meaning.

    SyntaxError where the source is not Python; its lines end in "\\n", as `read_text` gives them.
    """
    seen = {ast.dump(ast.parse(source))}
    found = []
    alike: Counter[tuple[str, str, str]] = Counter()
    for function, change in changes(source):
        mutant = _mutant(source, function, change)
        meaning = _meaning(mutant.source)
        if meaning is None or meaning in seen:
            continue
        seen.add(meaning)
        what = (function, mutant.before, mutant.after)
        alike[what] += 1
        found.append(replace(mutant, nth=alike[what]))
    return found


def changes(source: str) -> list[tuple[str, Change]]:
    """Every change of every kind with its function, in the order of their places."""
    text = Text(source)
    found = [
        (function, change)
        for function, node in changeable(text.tree)
        for kind in KINDS
        for change in kind(text, node)
    ]
    return sorted(found, key=lambda entry: (entry[1].start, entry[1].end))


def one_line(text: str) -> str:
    """The text with every run of white space as one space, and none at its ends."""
    return " ".join(text.split())


def _mutant(source: str, function: str, change: Change) -> Mutant:
    start, end, put = change.start, change.end, change.text
    if put and source[:start] and _fuse(source[start - 1], put[0]):
        put = f" {put}"
    if _fuse((source[:start] + put)[-1:], source[end : end + 1]):
        put = f"{put} "
    first = source.rfind("\n", 0, start) + 1
    last = source.find("\n", end)
    last = len(source) if last < 0 else last
    return Mutant(
        function,
        change.kind,
        line=source.count("\n", 0, start) + 1,
        before=one_line(source[first:last]),
        after=one_line(source[first:start] + put + source[end:last]),
        source=source[:start] + put + source[end:],
        original=source,
    )


def _fuse(left: str, right: str) -> bool:
    """Would two characters that come together make one word: `return-x` → `returnx`?"""
    return (left + "_").isidentifier() and ("_" + right).isidentifier() and right != ""


def _meaning(source: str) -> str | None:
    """The tree of a module as text, without the places; None of what does not compile."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # SyntaxWarning: `0 is None` is what was wanted
        try:
            tree = ast.parse(source)
            compile(tree, "<mutant>", "exec")
        except SyntaxError:
            return None
    return ast.dump(tree)
