"""Makes exercises/NAME.py, what a student gets, from solutions/NAME.py, the one source.

    python -m grader.stubs [COURSE]            write the stub of every solution
    python -m grader.stubs [COURSE] --check    write nothing; list the stubs that are out of date

What the student writes stands between two comments, `### BEGIN SOLUTION` and `### END SOLUTION`,
each on a line of its own and indented like the statements between them. In a function or method the
block becomes one line that raises NotImplementedError; elsewhere (a helper function, say) it
vanishes. All else is the student's to read. A marker that is not quite one is refused, lest a
solution be given away.
"""

from __future__ import annotations

import argparse
import ast
import io
import re
import sys
import tokenize
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.writing import write_whole

BEGIN = "### BEGIN SOLUTION"
END = "### END SOLUTION"
_LIKE_A_MARKER = re.compile(r"#\W*(begin|end)\W*solution", re.IGNORECASE)


class StubError(ValueError):
    """A solution has no stub: says on which line and what to do."""


@dataclass(frozen=True)
class _Marker:
    text: str
    line: int  # from 1
    column: int


def stub_of(source: str) -> str:
    """The stub of a solution's source; StubError where its markers are not as they should be."""
    tree = _parse(source, "is not valid Python")
    lines = source.split("\n")
    for begin, end in reversed(_blocks(source)):
        _refuse_uneven(tree, begin, end)
        name = _enclosing_function(tree, begin)
        if name is None:
            _remove(lines, begin, end)
        else:
            todo = " " * begin.column + f'raise NotImplementedError("TODO: {name}")'
            lines[_first_blank_above(lines, begin.line - 1) : end.line] = [todo]
    stub = "\n".join(lines).strip("\n") + "\n"
    _parse(stub, "is not valid Python without its marked blocks: mark whole functions or bodies")
    return stub


def write_stubs(solutions: Path, exercises: Path) -> list[Path]:
    """Write the stub of every solution and return their paths; on a StubError none is written."""
    stubs = _stubs(solutions, exercises)
    exercises.mkdir(parents=True, exist_ok=True)
    for path, stub in stubs.items():
        write_whole(path, stub)
    return list(stubs)


def stale_stubs(solutions: Path, exercises: Path) -> list[str]:
    """The names of the stubs, such as "losses.py", that are missing or out of date."""
    stubs = _stubs(solutions, exercises)
    return [
        path.name
        for path, stub in stubs.items()
        if not path.is_file() or path.read_text(encoding="utf-8") != stub
    ]


def _stubs(solutions: Path, exercises: Path) -> dict[Path, str]:
    sources = sorted(solutions.glob("[!_]*.py"))
    if not sources:
        raise StubError(f"{solutions} has no solutions (NAME.py): name the course's folder")
    stubs = {}
    for source in sources:
        try:
            stubs[exercises / source.name] = stub_of(source.read_text(encoding="utf-8"))
        except StubError as error:
            raise StubError(f"{source}: {error}") from None
        except UnicodeDecodeError:
            raise StubError(f"{source}: is not UTF-8: save it as UTF-8") from None
    return stubs


def _parse(source: str, otherwise: str) -> ast.Module:
    try:
        return ast.parse(source)
    except SyntaxError as error:
        raise StubError(f"line {error.lineno}: {otherwise} ({error.msg})") from None


def _markers(source: str) -> list[_Marker]:
    found = []
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type != tokenize.COMMENT or not _LIKE_A_MARKER.match(token.string):
            continue
        text = token.string.rstrip()
        line, column = token.start
        if text not in (BEGIN, END) or token.line.strip() != text:
            raise StubError(
                f"line {line}: {text!r} is not quite a marker: write {BEGIN!r} or {END!r} "
                "on a line of its own"
            )
        found.append(_Marker(text, line, column))
    return found


def _blocks(source: str) -> list[tuple[_Marker, _Marker]]:
    """Each BEGIN with its END, in the order of the file."""
    blocks = []
    opened: _Marker | None = None
    for marker in _markers(source):
        if marker.text == BEGIN:
            if opened is not None:
                raise StubError(
                    f"line {marker.line}: {BEGIN!r} inside the block that begins on line "
                    f"{opened.line}: end that one first"
                )
            opened = marker
        elif opened is None:
            raise StubError(f"line {marker.line}: {END!r} without {BEGIN!r}: add it above")
        else:
            blocks.append((opened, marker))
            opened = None
    if opened is not None:
        raise StubError(f"line {opened.line}: {BEGIN!r} without {END!r}: add it below")
    return blocks


def _refuse_uneven(tree: ast.Module, begin: _Marker, end: _Marker) -> None:
    """A block holds whole statements of one body, and at least one."""
    spans = [
        (_first_line(node), node.end_lineno or node.lineno, node.col_offset)
        for node in ast.walk(tree)
        if isinstance(node, ast.stmt)
    ]
    inside = [span for span in spans if begin.line < span[0] < end.line]
    if not inside:
        raise StubError(
            f"line {begin.line}: nothing is marked here: put the solution between the markers, "
            "or take them away"
        )
    columns = {begin.column, end.column, min(column for _, _, column in inside)}
    if len(columns) > 1 or any(last > end.line for _, last, _ in inside):
        raise StubError(
            f"line {begin.line}: the block that ends on line {end.line} is uneven: let it hold "
            "whole statements of one body, and indent both markers like them"
        )


def _first_line(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def _enclosing_function(tree: ast.Module, begin: _Marker) -> str | None:
    """`name` or `Class.name` of the function that a block is in; None in a module or class body."""
    scopes = [
        node
        for node in ast.walk(tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
        and node.lineno < begin.line <= (node.end_lineno or node.lineno)
    ]
    scopes.sort(key=lambda scope: scope.lineno)
    if not scopes or isinstance(scopes[-1], ast.ClassDef):
        return None
    return ".".join(scope.name for scope in scopes)


def _remove(lines: list[str], begin: _Marker, end: _Marker) -> None:
    """Take a block out, and of the blank lines above and below it leave the larger number."""
    first, last = _first_blank_above(lines, begin.line - 1), end.line
    while last < len(lines) and not lines[last].strip():
        last += 1
    blank = max(begin.line - 1 - first, last - end.line)
    lines[first:last] = [""] * blank


def _first_blank_above(lines: list[str], index: int) -> int:
    while index > 0 and not lines[index - 1].strip():
        index -= 1
    return index


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit status: 1 where --check found something, 2 for an error."""
    parser = argparse.ArgumentParser(
        prog="python -m grader.stubs", description="Make the stubs of a course from its solutions."
    )
    parser.add_argument(
        "course", nargs="?", type=Path, default=Path(), help="its folder (default: this one)"
    )
    parser.add_argument(
        "--check", action="store_true", help="write nothing; list stubs that are out of date"
    )
    options = parser.parse_args(arguments)
    solutions, exercises = options.course / "solutions", options.course / "exercises"
    try:
        if options.check:
            stale = stale_stubs(solutions, exercises)
            for name in stale:
                print(f"{exercises / name} differs from its solution: run python -m grader.stubs")
            return 1 if stale else 0
        for path in write_stubs(solutions, exercises):
            print(path)
    except StubError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
