"""A pytest plugin that carries results from the processes of pytest-xdist to the one that shows.

Its workers send reports as plain data; a result is sent as such, and is a result again where it
comes.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Generator
from dataclasses import asdict, fields, is_dataclass
from typing import Any

import pytest

from grader.outcome import Result

_RESULT = "$grader_result"


class Carrying:
    """Adds the result of a check to what is sent of its report."""

    @pytest.hookimpl(wrapper=True)
    def pytest_report_to_serializable(
        self,
    ) -> Generator[None, dict[str, Any] | None, dict[str, Any] | None]:
        data = yield
        result = None if data is None else data.pop("grader_result", None)
        if data is not None and result is not None:
            data[_RESULT] = asdict(result)
        return data

    @pytest.hookimpl(wrapper=True)
    def pytest_report_from_serializable(self, data: dict[str, Any]) -> Generator[None, Any, Any]:
        sent = data.pop(_RESULT, None)
        report = yield
        if report is not None and sent is not None:
            report.grader_result = rebuilt(Result, sent)
        return report


def rebuilt(kind: Any, data: Any) -> Any:
    """What `asdict` made plain, as the record that it was: `kind` is its type."""
    if data is None:
        return None
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        (kind,) = (one for one in arguments if one is not types.NoneType)
        return rebuilt(kind, data)
    if origin is tuple:
        return tuple(rebuilt(arguments[0], one) for one in data)
    if isinstance(kind, type) and is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        return kind(**{one.name: rebuilt(hints[one.name], data[one.name]) for one in fields(kind)})
    return data
