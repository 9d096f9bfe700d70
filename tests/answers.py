"""Right answers to recorded questions, and answers that are wrong in one thing that matters."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import torch

from grader.checking.compare import Tolerance
from grader.checking.expectations import Expectation, Matches, Raises

Answer = dict[str, Any]


def right(expectation: Expectation) -> Answer:
    """The answer that a solution gives."""
    if isinstance(expectation, Raises):
        said = " ".join(("sorry:", *expectation.mentions))
        return {"raised": {"types": [expectation.exceptions[0], "Exception"], "message": said}}
    assert isinstance(expectation, Matches)
    return {"observation": {"changed": [], **expectation.observation}}


def tampered(expectation: Expectation) -> Iterator[tuple[str, Answer]]:
    """Answers that differ from the right one in one thing that matters, each with its name."""
    yield "nothing", {}
    yield "no observation", {"observation": None}
    yield "an observation in a list", {"observation": [right(expectation).get("observation")]}
    yield "missing", {**right(expectation), "missing": "it"}
    yield "forbidden", {**right(expectation), "forbidden": []}
    if isinstance(expectation, Raises):
        yield from _otherwise_raised(expectation)
        return
    assert isinstance(expectation, Matches)
    for kind in ("NotImplementedError", "StopIteration"):
        raised = {"types": [kind], "message": "TODO: it", "frames": []}
        yield f"right, and {kind}", {**right(expectation), "raised": raised}
    observation = right(expectation)["observation"]
    for key, value in observation.items():
        yield f"no {key}", {"observation": {k: v for k, v in observation.items() if k != key}}
        if key == "graph" and not value:
            continue  # where the reference has no graph, one does no harm
        for name, other in _otherwise(value, expectation.tolerance):
            yield f"{key}: {name}", {"observation": {**observation, key: other}}


def _otherwise_raised(expectation: Raises) -> Iterator[tuple[str, Answer]]:
    raised = right(expectation)["raised"]
    kind = expectation.exceptions[0]
    for types in (["Exception"], kind, [[kind]], {kind: kind}, (kind,), None, [kind.encode()]):
        yield f"of types {types!r}", {"raised": {**raised, "types": types}}
    for mention in expectation.mentions:
        without = raised["message"].replace(mention, "")
        for message in (without, [raised["message"]], {mention: mention}, None, mention.encode()):
            yield f"saying {message!r}", {"raised": {**raised, "message": message}}
    for odd in ([raised], kind, True, None):
        yield f"raised {odd!r}", {"raised": odd}
    yield "its name returned", {"observation": {"value": kind, "changed": []}}


def _otherwise(value: Any, tolerance: Tolerance) -> Iterator[tuple[str, Any]]:
    """Values that differ from this one."""
    for name, other in (("None", None), ("a list of nothing", []), ("an object", {"type": "it"})):
        if type(other) is not type(value) or len(other or ()) != len(value or ()):
            yield name, other
    if isinstance(value, torch.Tensor):
        yield from _other_tensors(value, tolerance)
    elif isinstance(value, bool):
        yield "the other", not value
        yield "a number", int(value)
    elif isinstance(value, (int, float)):
        yield from _other_numbers(value, tolerance)
    elif isinstance(value, str):
        yield "longer text", value + " "
        yield "bytes", value.encode()
    elif isinstance(value, (list, tuple)):
        yield "a tuple" if isinstance(value, list) else "a list", _other_kind(value)
        yield "one more", [*value, None]
        yield from _in_one_item(dict(enumerate(value)), tolerance, lambda items: [*items.values()])
        if value:
            yield "one less", list(value[1:])
    elif isinstance(value, Mapping):
        yield "a key more", {**value, "one more": None}
        yield "pairs", [list(pair) for pair in value.items()]
        yield from _in_one_item(value, tolerance, dict)
        for key in list(value)[:1]:
            yield f"no {key}", {name: item for name, item in value.items() if name != key}


def _other_kind(value: list[Any] | tuple[Any, ...]) -> Any:
    return tuple(value) if isinstance(value, list) else list(value)


def _in_one_item(items: Mapping[Any, Any], tolerance: Tolerance, made: Any) -> Iterator[Any]:
    """Another first or last item."""
    for key in dict.fromkeys([*list(items)[:1], *list(items)[-1:]]):
        for name, other in _otherwise(items[key], tolerance):
            yield f"{key}: {name}", made({**items, key: other})


def _other_numbers(value: float, tolerance: Tolerance) -> Iterator[tuple[str, Any]]:
    yield "as text", str(value)
    yield "of the other type", int(value) if _is_whole(value) else torch.tensor(value)
    if isinstance(value, float):
        relative, absolute = tolerance.of_float()
        if math.isfinite(value):
            yield "further than allowed", value + 2 * (absolute + relative * abs(value))
            yield "infinite", math.inf
        yield (
            "not a number" if not math.isnan(value) else "zero",
            0.0 if value != value else math.nan,
        )
    else:
        yield "one more", value + 1


def _is_whole(value: float) -> bool:
    return isinstance(value, float) and math.isfinite(value) and value == int(value)


def _other_tensors(value: torch.Tensor, tolerance: Tolerance) -> Iterator[tuple[str, Any]]:
    other_dtype = torch.float32 if value.dtype is torch.float64 else torch.float64
    yield f"as {other_dtype}", value.to(other_dtype)
    yield "in a list", [value]
    yield "as numbers", value.tolist()
    yield "one dimension more", value.unsqueeze(0)
    if value.dim() and value.shape[0]:
        yield "without its first row", value[1:]
    if value.dim() != 1:
        yield "flat", value.reshape(-1)
    if value.dim() > 1 and value.shape[0] != value.shape[-1]:
        yield "transposed", value.transpose(0, -1)
    for place in dict.fromkeys([0, value.numel() - 1]) if value.numel() else []:
        for name, number in _other_elements(value.reshape(-1)[place], tolerance):
            changed = value.clone(memory_format=torch.contiguous_format)
            changed.view(-1)[place] = number
            yield f"element {place} {name}", changed


def _other_elements(
    element: torch.Tensor, tolerance: Tolerance
) -> Iterator[tuple[str, torch.Tensor | float]]:
    if not element.is_floating_point():
        yield "changed", ~element if element.dtype is torch.bool else element ^ 1
        return
    relative, absolute = tolerance.of(element.dtype)
    if element.isfinite():
        further = element.double() + 2 * (absolute + relative * element.double().abs())
        if further.to(element.dtype).isfinite():
            yield "further than allowed", further.to(element.dtype)
        yield "not a number", math.nan
        yield "infinite", -math.inf
    else:
        yield "zero", 0.0
        yield "another", -math.inf if element != -math.inf else math.nan
