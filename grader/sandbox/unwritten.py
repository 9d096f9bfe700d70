"""Finds which unwritten function a student's code ran into, whatever became of its exception.

A stub raises `NotImplementedError("TODO: name")`. Where written code calls one, what comes out may
be that exception, another one made of it, or nothing but a wrong result: in each case the student
is told what to write first.

This module runs inside the sandbox: it imports the standard library and nothing else. What it
finds decides no points; a submission that lies about it fools its author alone.
"""

from __future__ import annotations

import contextlib
import sys
import traceback
from collections.abc import Container, Iterator
from types import CellType, CodeType, FrameType, FunctionType, MethodType, ModuleType
from typing import Any

TODO = "TODO"  # what the message of a stub's NotImplementedError begins with
_THINGS_LIMIT = 1000  # functions and classes looked at, of what a function may call
_CHAIN_LIMIT = 20  # exceptions looked at, of those that led to one
_TEXT_LIMIT = 1000

Unwritten = list[Any]  # its name (`train_step`, `SGD.update`), its file, its line


def unwritten_behind(error: BaseException, files: Container[str]) -> Unwritten | None:
    """The unwritten function whose exception this is, or one of those that it was made of."""
    for one in _chain(error):
        if not issubclass(type(one), NotImplementedError) or not _is_todo(one):
            continue
        frames = [frame.f_code for frame, _ in traceback.walk_tb(one.__traceback__)]
        own = [code for code in frames if code.co_filename in files]
        if own:
            return _told(own[-1])
    return None


Stubs = dict[int, CodeType]


def stubs_named(subject: Any, files: Container[str]) -> Stubs:
    """The unwritten functions that `subject` names, and those that what it names does, by id."""
    return {id(code): code for code in _reached(subject, files) if is_stub(code)}


def watched(stubs: Stubs) -> contextlib.AbstractContextManager[list[Unwritten]]:
    """Lists which of these unwritten functions are called meanwhile.

    Only where there are any does watching cost anything.
    """
    return _watching(stubs) if stubs else contextlib.nullcontext([])


@contextlib.contextmanager
def _watching(stubs: Stubs) -> Iterator[list[Unwritten]]:
    met: list[Unwritten] = []

    def look(frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and id(frame.f_code) in stubs and len(met) < _CHAIN_LIMIT:
            met.append(_told(frame.f_code))

    before = sys.getprofile()
    sys.setprofile(look)
    try:
        yield met
    finally:
        sys.setprofile(before)


def with_unwritten(
    answer: dict[str, Any], met: list[Unwritten], subject: Any, files: Container[str]
) -> dict[str, Any]:
    """An answer, and under `unwritten` what is to be written first where that was missing.

    It need not be to blame: that is so only where the answer is wrong.
    """
    raised = answer.get("raised", {})
    found = raised.get("unwritten") or (met[0] if met else None)
    if found is not None:
        answer["unwritten"] = _first_of_class(subject, found, files) or found
    return answer


def _first_of_class(subject: Any, found: Unwritten, files: Container[str]) -> Unwritten | None:
    """What a class inherits unwritten and has not written itself: it comes before its own stubs."""
    if not issubclass(type(subject), type):
        return None
    own = type.__dict__["__qualname__"].__get__(subject)
    if found[0].rpartition(".")[0] != own:
        return None
    classes = _own_classes(subject, files)
    for base in reversed(classes[1:]):
        for name, item in base.items():
            used = next(names[name] for names in classes if name in names)
            if _is_unwritten(item, files) and _is_unwritten(used, files):
                return _told(item.__code__)
    return None


def may_hold_stubs(source: bytes) -> bool:
    """Whether a file may hold an unwritten function; where it does not say so, it holds none."""
    return b"NotImplementedError" in source and TODO.encode() in source


def is_stub(code: CodeType) -> bool:
    """Whether a function does nothing but raise what stubs raise."""
    texts = (text for text in code.co_consts if type(text) is str)
    return code.co_names == ("NotImplementedError",) and any(map(_begins_todo, texts))


def _told(code: CodeType) -> Unwritten:
    name = code.co_qualname.partition(".<locals>")[0]
    return [_clean(name), _clean(code.co_filename), code.co_firstlineno]


def _clean(text: str) -> str:
    return text[:_TEXT_LIMIT].encode("utf-8", "backslashreplace").decode("utf-8")


def _begins_todo(text: str) -> bool:
    return text.startswith(TODO)


def _is_todo(error: BaseException) -> bool:
    arguments = vars(BaseException)["args"].__get__(error)
    return bool(arguments) and type(arguments[0]) is str and _begins_todo(arguments[0])


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An exception and those that it was made of, also where `from None` hides them."""
    waiting: list[BaseException | None] = [error]
    seen: set[int] = set()
    while waiting and len(seen) < _CHAIN_LIMIT:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        # Read past a class of the student's, which may define either anew.
        waiting += [vars(BaseException)[link].__get__(one) for link in ("__context__", "__cause__")]


def _reached(subject: Any, files: Container[str]) -> Iterator[CodeType]:
    """The code of the student's own functions that one leads to, by the names that it mentions."""
    waiting, seen = [subject], set[int]()
    while waiting and len(seen) < _THINGS_LIMIT:
        thing = waiting.pop()
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        kind = type(thing)
        if kind is FunctionType:
            if _is_own(thing, files):
                yield thing.__code__
                waiting += _mentioned(thing, files)
        elif kind is MethodType:
            waiting.append(thing.__func__)
        elif kind in (staticmethod, classmethod):
            waiting.append(thing.__wrapped__)
        elif kind is property:
            waiting += [thing.fget, thing.fset]
        elif issubclass(kind, type):
            waiting += [item for names in _own_classes(thing, files) for item in names.values()]
        elif kind is not ModuleType:  # an object of a class of theirs, or nothing of interest
            waiting.append(kind)


def _mentioned(function: FunctionType, files: Container[str]) -> list[Any]:
    """What the names in a function's code stand for: in its module, or in one that it imported."""
    names = set(_names(function.__code__))
    spaces = [function.__globals__]
    for name in names:
        module = function.__globals__.get(name)
        file = vars(module).get("__file__") if type(module) is ModuleType else None
        if type(file) is str and file in files:
            spaces.append(vars(module))
    found = [space[name] for space in spaces for name in names if name in space]
    cells = function.__closure__ or ()
    return found + [_content(cell) for cell in cells]


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for inner in code.co_consts:
        if type(inner) is CodeType:
            yield from _names(inner)


def _content(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # nothing is in it yet
        return None


def _own_classes(kind: type, files: Container[str]) -> list[dict[str, Any]]:
    """What a class and its bases hold, of those that have a function of the student's."""
    mro = type.__dict__["__mro__"].__get__(kind)
    every = (dict(type.__dict__["__dict__"].__get__(one)) for one in mro)
    return [names for names in every if any(_is_own(item, files) for item in names.values())]


def _is_own(item: Any, files: Container[str]) -> bool:
    return type(item) is FunctionType and item.__code__.co_filename in files


def _is_unwritten(item: Any, files: Container[str]) -> bool:
    return _is_own(item, files) and is_stub(item.__code__)
