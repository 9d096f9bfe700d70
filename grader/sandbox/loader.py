"""Imports a submission's modules from memory; the sandbox holds no path to any submission.

This module runs inside the sandbox: it imports the standard library and its neighbour, no more.
"""

from __future__ import annotations
import __future__

import ast
import functools
import importlib.abc
import importlib.machinery
import importlib.util
import io
import linecache
import operator
import sys
import traceback
from collections.abc import Container, Iterable, Mapping, Sequence
from types import CodeType, FrameType, ModuleType, TracebackType
from typing import Any

from grader.sandbox.unwritten import unwritten_behind

_TEXT_LIMIT = 2000  # characters kept of an exception's message
_FRAMES_LIMIT = 8
_FUTURE_FLAGS = functools.reduce(
    operator.or_, (getattr(__future__, name).compiler_flag for name in __future__.all_feature_names)
)


class SubmissionFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the submission's own modules before anything else of that name.

    Where it is `lenient`, a statement of a module that raises ends that statement alone, and
    `skipped` counts it: a line below the functions that tries them out against what they must not
    use says nothing about the functions.
    """

    def __init__(self, files: Mapping[str, bytes], lenient: bool = False) -> None:
        self._lenient = lenient
        self.skipped = 0
        self._sources = {
            name.removesuffix(".py"): source for name, source in files.items() if name != "*.py"
        }

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname not in self._sources:
            return None
        return importlib.util.spec_from_loader(fullname, self, origin=f"{fullname}.py")

    def exec_module(self, module: ModuleType) -> None:
        name = module.__name__
        source = self._sources[name]
        module.__file__ = f"{name}.py"
        code = compile(source, f"{name}.py", "exec", dont_inherit=True)
        text = importlib.util.decode_source(source)
        lines = io.StringIO(text).readlines()  # a form feed ends no line, as splitlines() has it
        linecache.cache[f"{name}.py"] = (len(text), None, lines, f"{name}.py")
        if self._lenient:
            self._exec_leniently(code, source, module)
        else:
            exec(code, module.__dict__)

    def _exec_leniently(self, code: CodeType, source: bytes, module: ModuleType) -> None:
        """Run a module's code, and after a statement that raises go on with the next."""
        statements: list[ast.stmt] | None = None
        flags = code.co_flags & _FUTURE_FLAGS
        while True:
            try:
                exec(code, module.__dict__)
                return
            except Exception as error:
                line = _line_in(code, error.__traceback__)
                self.skipped += 1
            if statements is None:  # most modules raise nothing, and parsing takes a while
                statements = ast.parse(source).body
            # The code is that of `statements`; of several on one line the first counts as the one
            # that raised, so that at least one is left behind each time.
            past = [number for number, one in enumerate(statements) if _first_line(one) <= line]
            same = [number for number in past if (statements[number].end_lineno or 0) >= line]
            statements = statements[(same or past or [0])[0] + 1 :]
            rest = ast.Module(body=statements, type_ignores=[])
            file = f"{module.__name__}.py"
            code = compile(rest, file, "exec", flags=flags, dont_inherit=True)


def _line_in(code: CodeType, trace: TracebackType | None) -> int:
    """The line of a module's code that an exception came through; 0 where it is not known."""
    while trace is not None and trace.tb_frame.f_code is not code:
        trace = trace.tb_next
    return 0 if trace is None else trace.tb_lineno


def _first_line(statement: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(part.lineno for part in decorators)])


def import_submission(
    name: str, files: Mapping[str, bytes], lenient: bool = False
) -> tuple[ModuleType, int]:
    """Import the module `name` of a submission; its siblings can be imported by it.

    Returns it and the number of statements left out, which is 0 where it is not `lenient`.
    """
    # A sibling called `torch.py` must not shadow what is warm: only new names are served. They are
    # looked up one by one: to walk through all modules is to copy the page of each one's name.
    own = {
        file: source
        for file, source in files.items()
        if file.removesuffix(".py") not in sys.modules
    }
    finder = SubmissionFinder(own, lenient)
    sys.meta_path.insert(0, finder)
    return importlib.import_module(name), finder.skipped


def describe_exception(error: BaseException, files: Container[str]) -> dict[str, Any]:
    """An exception as plain data: type names, message, and the frames in the submission's files.

    Where it is that of an unwritten function, or was made of one: also which, and where that is.
    """
    # Read past a metaclass, which may give anything for both.
    kinds = type.__dict__["__mro__"].__get__(type(error))
    bases = [type.__dict__["__name__"].__get__(kind) for kind in kinds]
    description: dict[str, Any] = {"types": [clean(name) for name in bases[:20]]}
    description["message"] = clean(_message(error))
    description["frames"] = _frames(error.__traceback__, files)
    unwritten = unwritten_behind(error, files)
    if unwritten is not None:
        description["unwritten"] = unwritten
    if isinstance(error, SyntaxError) and isinstance(error.lineno, int):
        line = error.text if isinstance(error.text, str) else ""
        file = error.filename if isinstance(error.filename, str) else "?"
        where = [clean(file), error.lineno, "", clean(line.strip())]
        description["frames"].append(where)
    return description


def clean(text: str) -> str:
    """Text that can travel: cut to a bounded length, without lone surrogates."""
    return text[:_TEXT_LIMIT].encode("utf-8", "backslashreplace").decode("utf-8")


def _message(error: BaseException) -> str:
    try:
        return str(error.msg if isinstance(error, SyntaxError) else error)
    except BaseException as second:  # a student's own __str__ may raise anything
        return f"<its message cannot be shown: {type(second).__name__}>"


def frames_now(files: Container[str]) -> list[list[Any]]:
    """The frames in the submission's files that led to here."""
    return _own_frames(reversed(list(traceback.walk_stack(sys._getframe()))), files)


def _frames(trace: TracebackType | None, files: Container[str]) -> list[list[Any]]:
    return _own_frames(traceback.walk_tb(trace), files)


def _own_frames(frames: Iterable[tuple[FrameType, int]], files: Container[str]) -> list[list[Any]]:
    own = []
    for frame, line in frames:
        code = frame.f_code
        if code.co_filename in files:
            text = linecache.getline(code.co_filename, line).strip()
            own.append([clean(code.co_filename), line, clean(code.co_name), clean(text)])
    return own[-_FRAMES_LIMIT:]
