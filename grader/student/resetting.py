"""`grader reset`: puts the stub of a function, or of a whole exercise, back where the student's is.

The rest of the file stays byte for byte as it is: encoding, line ends, other functions, helpers.
What was there is kept in `.grader/backups/`.
"""

from __future__ import annotations

import ast
import re
import tokenize
from pathlib import Path

from grader.course import Course, CourseError, Exercise
from grader.kept import keep_copy
from grader.student.naming import find
from grader.student.places import shown
from grader.student.pristine import definitions_to_write, pristine_name, pristine_stub
from grader.student.written import Written
from grader.writing import write_whole

_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")  # as Python counts lines


def reset(course: Course, name: str) -> Path | None:
    """Put a function's stub back (`l1_loss`, `losses.l1_loss`), or an exercise's (`losses`).

    Returns where the file as it was is kept; None where there was none. Raises CourseError, and
    changes nothing, where the name is none, where it is a stub already, and where the function
    alone cannot be replaced: says why, and that the whole exercise can be. OSError passes.
    """
    exercise, function = find(course, name)
    stub = pristine_stub(course, exercise)
    written = Written.read(course, exercise)
    if function is None:
        after = stub.encode("utf-8")
        if after == written.content:
            raise CourseError(f"{shown(written.file)} is the stub already: nothing to reset")
    else:
        after = _with_stub(written, exercise, function, stub)
    backup = None
    if written.unread != "is missing":
        if written.unread:
            raise CourseError(f"{written.file} {written.unread}")
        backup = keep_copy(course.root, exercise.file_name, written.content)
    write_whole(written.file, after)
    return backup


def _with_stub(written: Written, exercise: Exercise, function: str, stub: str) -> bytes:
    """The file with the stub in the place of the function; CourseError where that cannot be."""
    file, whole = shown(written.file), f"`grader reset {exercise.file_name}` resets the whole file"
    if written.problem:
        place = f"{file}:{written.problem_line}" if written.problem_line else file
        raise CourseError(f"{place}: {written.problem}. Mend that first; or {whole}")
    if function not in definitions_to_write(ast.parse(stub)):
        raise CourseError(f"{function} is no stub of {pristine_name(exercise.name)}: {whole}")
    lines = _LINE.findall(written.content)
    spans = _spans(written.tree, function, lines)
    if isinstance(spans, int):
        raise CourseError(
            f"{file}:{spans}: {function} is not defined on lines of its own here; "
            f"take that out first, or {whole}"
        )
    ending = _line_end(lines, spans[0][0] if spans else 0)
    given = _encoded(written, _definition(stub, function), ending, whole)
    if spans:
        for first, last in reversed(spans[1:]):  # Python would take the last one
            del lines[first:last]
        lines[slice(*spans[0])] = given
    else:
        at = _place_for(written.tree, stub, function, lines)
        if at and not lines[at - 1].endswith((b"\n", b"\r")):
            lines[at - 1] += ending
        lines[at:at] = [ending, ending, *given]
    after = b"".join(lines)
    if after == written.content:
        raise CourseError(f"{function} in {file} is the stub already: nothing to reset")
    _refuse_unless_only(written, Written(written.file, after), function, whole)
    return after


def _spans(tree: ast.Module, name: str, lines: list[bytes]) -> list[tuple[int, int]] | int:
    """The lines, from 0, of each statement that does nothing but define a name at the top level; or
    the number of a line where something else gives it a value."""
    found = []
    for node in tree.body:
        if name not in _bound_by(node):
            continue
        first, last = _first_line(node), node.end_lineno or node.lineno
        others = [one for one in tree.body if one is not node]
        alone = not any(_first_line(o) <= last and (o.end_lineno or 0) >= first for o in others)
        if not alone or not _only_defines(node):
            return first
        found.append((first - 1, _with_comments(lines, last)))
    return found


def _bound_by(node: ast.stmt) -> set[str]:
    """The names that a statement of a module gives a value, or takes it from."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    names: set[str] = set()
    waiting: list[ast.AST] = [node]
    while waiting:
        part = waiting.pop()
        if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(part.name)  # what is inside is a scope of its own
            continue
        if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load):
            names.add(part.id)
        if isinstance(part, ast.alias):
            names.add(part.asname or part.name.partition(".")[0])
        waiting += ast.iter_child_nodes(part)
    return names


def _only_defines(node: ast.stmt) -> bool:
    """`def`, `class`, or `name = …`."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return True
        case ast.Assign(targets=[ast.Name()]) | ast.AnnAssign(target=ast.Name()):
            return True
    return False


def _first_line(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def _with_comments(lines: list[bytes], last: int) -> int:
    """Where a definition ends that ends on line `last`: indented comments below belong to it."""
    for number in range(last, len(lines)):
        line = lines[number]
        if line.strip() and not (line.lstrip().startswith(b"#") and line[:1] in (b" ", b"\t")):
            break
        if line.strip():
            last = number + 1
    return last


def _definition(stub: str, function: str) -> str:
    """The source of one definition in a stub."""
    node = definitions_to_write(ast.parse(stub))[function]
    return "\n".join(stub.split("\n")[_first_line(node) - 1 : node.end_lineno])


def _line_end(lines: list[bytes], number: int) -> bytes:
    """How the lines around one of them end."""
    for line in [*lines[number : number + 1], *lines]:
        for ending in (b"\r\n", b"\n", b"\r"):
            if line.endswith(ending):
                return ending
    return b"\n"


def _encoded(written: Written, text: str, ending: bytes, whole: str) -> list[bytes]:
    """Lines of text as the student's file would hold them."""
    content = iter(written.content.splitlines(keepends=True))
    encoding, _ = tokenize.detect_encoding(lambda: next(content, b""))
    try:
        encoded = text.encode("utf-8" if encoding == "utf-8-sig" else encoding)
    except UnicodeEncodeError as error:
        letter = text[error.start]
        raise CourseError(
            f"{shown(written.file)} says that it is in {encoding}, which has no {letter!r} as the "
            f"stub needs it: save it as UTF-8, or {whole}"
        ) from None
    return [line + ending for line in encoded.split(b"\n")]


def _place_for(tree: ast.Module, stub: str, function: str, lines: list[bytes]) -> int:
    """Where to put a function that is gone: behind the nearest one above it in the stub."""
    order = [name for node in ast.parse(stub).body for name in _bound_by(node)]
    above = order[: order.index(function)]
    ends = [
        _with_comments(lines, node.end_lineno or node.lineno)
        for name in above
        for node in tree.body
        if name in _bound_by(node)
    ]
    return max(ends, default=len(lines))


def _refuse_unless_only(before: Written, after: Written, function: str, whole: str) -> None:
    """Nothing but the one function may have changed, as Python reads the file."""
    kept = [
        [ast.dump(node) for node in one.tree.body if function not in _bound_by(node)]
        for one in (before, after)
    ]
    if after.problem or not after.is_to_write(function) or kept[0] != kept[1]:
        raise CourseError(f"{function} cannot be told from what is around it: {whole}")
