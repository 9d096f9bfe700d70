"""Takes functions that are written in C out of service, in place, so that every alias meets it.

A Python function can be given other code; for a builtin one its definition in memory is changed
instead: where Python finds the C function that it calls. The layout of what is changed is that of
CPython; `check_layout` says so where it is another. This module runs inside the sandbox.
"""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Callable, Iterable
from types import BuiltinFunctionType, MethodDescriptorType
from typing import Any, TypeVar

_HEADER = object.__basicsize__  # of every object
_WORD = ctypes.sizeof(ctypes.c_void_p)
_DEFINITION_OF_METHOD = _HEADER + 3 * _WORD  # after its type, its name and its qualified name
_CALL_OF_TYPE = _HEADER + 14 * _WORD  # tp_call in a type object
_FUNCTION = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
Anything = TypeVar("Anything")
Word = tuple[int, int | None]  # an address, and the value there


class LayoutError(Exception):
    """This Python keeps its objects in another way than is known here."""


def check_layout() -> None:
    """LayoutError where a builtin function, a method or a type is not laid out as expected."""

    class Called:
        def __call__(self) -> None: ...

    class Plain: ...

    _definition(len)
    _definition(str.join)
    calls = [ctypes.c_void_p.from_address(id(kind) + _CALL_OF_TYPE) for kind in (Called, Plain)]
    if not calls[0].value or calls[1].value:
        raise LayoutError("this Python's types are laid out in an unknown way")


def hidden(found: Anything) -> Anything:
    """Keep an object alive for good and out of what gc lists: nothing leads to it from Python."""
    reference = ctypes.py_object(found)
    ctypes.pythonapi.Py_IncRef(reference)
    if gc.is_tracked(found):
        ctypes.pythonapi.PyObject_GC_UnTrack(reference)
    return found


def uncovered(address: int) -> Any:
    """The object that is `hidden` at an address, as `id` gave it."""
    return ctypes.cast(address, ctypes.py_object).value


def release(address: int) -> None:
    """Let go of a hidden object."""
    ctypes.pythonapi.Py_DecRef(ctypes.cast(address, ctypes.py_object))


def put_word(address: int, value: int | None) -> Word:
    """Write one word of memory; returns the word to write to have it as it was."""
    word = ctypes.c_void_p.from_address(address)
    before, word.value = word.value, value
    return address, before


def found_at(holder: Any, path: str) -> Any | None:
    """The builtin function of a dotted name below `holder`; None where there is none.

    LayoutError where it is something else.
    """
    for name in path.split("."):
        if name not in vars(holder):
            return None
        holder = vars(holder)[name]
    _definition(_bare(holder))
    return holder


def cut(function: Any, notice: Callable[[], None]) -> Word:
    """Have a builtin function or method call `notice` and raise SystemError from now on.

    Returns the word of memory by which it would be as it was.
    """

    def refused(*_: Any) -> int:
        notice()
        return 0  # NULL, with which a C function says that it has raised

    replacement = hidden(_FUNCTION(refused))
    address = ctypes.cast(replacement, ctypes.c_void_p).value
    return put_word(_definition(_bare(function)) + _WORD, address)


def cut_calls(kinds: Iterable[type]) -> tuple[list[Word], list[tuple[int, int]]]:
    """Have the instances of types that are written in C not be callable any more.

    Returns what `mend_calls` needs.
    """
    words, methods = [], []
    for kind in kinds:
        words.append(put_word(id(kind) + _CALL_OF_TYPE, None))
        method = _attributes(kind).pop("__call__", None)
        if method is not None:
            methods.append((id(kind), id(hidden(method))))
        ctypes.pythonapi.PyType_Modified(ctypes.py_object(kind))
    return words, methods


def mend_calls(words: Iterable[Word], methods: Iterable[tuple[int, int]]) -> None:
    """Undo `cut_calls`."""
    for address, value in words:
        put_word(address, value)
    for kind, method in methods:
        _attributes(uncovered(kind))["__call__"] = uncovered(method)
        ctypes.pythonapi.PyType_Modified(ctypes.py_object(uncovered(kind)))


def _attributes(kind: type) -> dict[str, Any]:
    """The dict behind the read-only view of a type's attributes."""
    (attributes,) = gc.get_referents(kind.__dict__)
    assert isinstance(attributes, dict)
    return attributes


def _bare(function: Any) -> Any:
    return getattr(function, "__func__", function)  # of a method that pybind11 made


def _definition(function: Any) -> int:
    """The address of the PyMethodDef behind a builtin function or method."""
    if isinstance(function, BuiltinFunctionType):
        offset = _HEADER
    elif isinstance(function, MethodDescriptorType):
        offset = _DEFINITION_OF_METHOD
    else:
        raise LayoutError(f"{function!r} is no builtin function")
    address = ctypes.c_void_p.from_address(id(function) + offset).value or 0
    name = ctypes.c_char_p.from_address(address).value if address else None
    if name is None or name.decode() != function.__name__:
        raise LayoutError("this Python's builtin functions are laid out in an unknown way")
    return address
