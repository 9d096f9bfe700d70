"""Imports a submission's modules from memory; the sandbox holds no path to any submission.

This module runs inside the sandbox: it imports the standard library and nothing else.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import io
import linecache
import sys
import traceback
from collections.abc import Mapping, Sequence
from types import ModuleType, TracebackType
from typing import Any

_TEXT_LIMIT = 2000  # characters kept of an exception's message
_FRAMES_LIMIT = 8


class SubmissionFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the submission's own modules before anything else of that name."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
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
        exec(code, module.__dict__)


def import_submission(name: str, files: Mapping[str, bytes]) -> ModuleType:
    """Import the module `name` of a submission; its siblings can be imported by it."""
    taken = {file.removesuffix(".py") for file in files} & set(sys.modules)
    # A sibling called `torch.py` must not shadow what is warm: only new names are served.
    own = {file: source for file, source in files.items() if file.removesuffix(".py") not in taken}
    sys.meta_path.insert(0, SubmissionFinder(own))
    return importlib.import_module(name)


def describe_exception(error: BaseException, files: Sequence[str]) -> dict[str, Any]:
    """An exception as plain data: type names, message, and the frames in the submission's files."""
    bases = [base.__name__ for base in type(error).__mro__]
    description: dict[str, Any] = {"types": [clean(name) for name in bases[:20]]}
    description["message"] = clean(_message(error))
    description["frames"] = _frames(error.__traceback__, files)
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


def _frames(trace: TracebackType | None, files: Sequence[str]) -> list[list[Any]]:
    own = []
    for frame, line in traceback.walk_tb(trace):
        code = frame.f_code
        if code.co_filename in files:
            text = linecache.getline(code.co_filename, line).strip()
            own.append([clean(code.co_filename), line, clean(code.co_name), clean(text)])
    return own[-_FRAMES_LIMIT:]
