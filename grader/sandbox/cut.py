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


class LayoutError(Exception):
    """This Python keeps its objects in another way than is known here."""


def check_layout() -> None:
    """LayoutError where a builtin function, a method or a type is not laid out as expected."""

    class Callable_:
        def __call__(self) -> None: ...

    class Plain: ...

    _definition(len)
    _definition(str.join)
    if not _call_slot(Callable_).value or _call_slot(Plain).value:
        raise LayoutError("this Python's types are laid out in an unknown way")


def hidden(found: Anything) -> Anything:
    """Keep an object alive for good and out of what gc lists: nothing leads to it from Python."""
    reference = ctypes.py_object(found)
    ctypes.pythonapi.Py_IncRef(reference)
    if gc.is_tracked(found):
        ctypes.pythonapi.PyObject_GC_UnTrack(reference)
    return found


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


def cut(function: Any, notice: Callable[[], None]) -> None:
    """Have a builtin function or method call `notice` and raise SystemError from now on."""

    def refused(*_: Any) -> int:
        notice()
        return 0  # NULL, with which a C function says that it has raised

    replacement = hidden(_FUNCTION(refused))
    address = ctypes.cast(replacement, ctypes.c_void_p).value
    ctypes.c_void_p.from_address(_definition(_bare(function)) + _WORD).value = address


def cut_calls(kinds: Iterable[type]) -> None:
    """Have the instances of types that are written in C not be callable any more."""
    for kind in kinds:
        _call_slot(kind).value = None
        attributes = gc.get_referents(kind.__dict__)[0]  # what the read-only view is a view of
        attributes.pop("__call__", None)
        ctypes.pythonapi.PyType_Modified(ctypes.py_object(kind))


def _call_slot(kind: type) -> ctypes.c_void_p:
    return ctypes.c_void_p.from_address(id(kind) + _CALL_OF_TYPE)


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
