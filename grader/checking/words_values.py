"""Values as Python: what came, cut to a bounded length; and inputs, in full and ready to run."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from grader import untrusted

Part = tuple[str | int, ...]  # keys and positions that lead to a part of an observation

_MANY_ELEMENTS = 64
_LISTED_ELEMENTS = 512  # so many elements of an input are written out where nothing is shorter
_ALIKE = 8  # so many equal elements are written as a call of torch.full
_LONG_TEXT = untrusted.LONG_TEXT
_LONG_LINE = 100
_SEEDS = 10
_DEFAULT_DTYPES = (torch.float32, torch.int64, torch.bool)


# what came


def value_text(value: Any) -> str:
    """A plain value as Python; what is too large is told by its shape.

    No more of it is looked at than is shown: it may be all that a reply can hold.
    """
    return cut(_beginning(_pieces(value, _SHOWN)))


def cut(text: str, most: int = _LONG_TEXT) -> str:
    """One printable line of a bounded length: what comes from a submission may be anything."""
    return untrusted.line(text, most)


def with_article(noun: str) -> str:
    """`a float`, `an int`."""
    return f"an {noun}" if noun[:1] in "aeio" else f"a {noun}"


def tensor_text(tensor: torch.Tensor) -> str:
    """A tensor as a call of torch.tensor, with its dtype where that is not the default one."""
    if is_listed(tensor):
        return _listed(tensor)
    dtype = str(tensor.dtype).removeprefix("torch.")
    return f"{with_article(dtype)} tensor of shape {tuple(tensor.shape)}"


def is_listed(tensor: torch.Tensor) -> bool:
    """Whether all elements of a tensor that came are written out."""
    return tensor.numel() <= _MANY_ELEMENTS


def part_text(part: Part) -> str:
    """A part of an observation as Python would name it; "" for its value as a whole."""
    keys = part[1:] if part[:1] == ("value",) else part
    text = "result" if keys and isinstance(keys[0], int) else ""
    for key in keys:
        text += f"[{key}]" if isinstance(key, int) else f".{key}" if text else key
    return text


# inputs, to be run


def python_text(value: Any) -> str:
    """An input as Python that gives it again, however large it is.

    For a tensor of very many elements that is no simple expression, another of its kind stands.
    """
    return "".join(_pieces(value, _TO_BE_RUN))


def tensor_python(tensor: torch.Tensor, requires_grad: bool = False) -> str:
    """A tensor as Python that gives it again, with its order in memory."""
    tensor = tensor.detach()
    order = _storage_order(tensor)
    text = _expression(tensor.permute(order) if order else tensor)
    if order:
        text += _undone(order)
    if not requires_grad:
        return text
    if text.startswith("torch.tensor(") and not order:
        return text.removesuffix(")") + ", requires_grad=True)"
    return text + ".requires_grad_()"


def arguments(args: Sequence[Any], kwargs: Mapping[str, Any]) -> list[str]:
    """The arguments of a call, each as Python."""
    named = [f"{key}={python_text(value)}" for key, value in kwargs.items()]
    return [*map(python_text, args), *named]


def call_text(function: str, given: Sequence[str], before: str = "") -> str:
    """A call after the text `before`, in one line if it fits, else with an argument a line."""
    line = f"{before}{function}({', '.join(given)})"
    if len(line) <= _LONG_LINE or not given:
        return line
    return "\n".join([f"{before}{function}(", *(f"    {one}," for one in given), ")"])


def list_text(items: Sequence[str], before: str = "", after: str = "") -> str:
    """A list between two texts, in one line if it fits, else with an item a line."""
    line = f"{before}[{', '.join(items)}]{after}"
    if len(line) <= _LONG_LINE or len(items) < 2:
        return line
    return "\n".join([f"{before}[", *(f"    {one}," for one in items), f"]{after}"])


# both


@dataclass(frozen=True)
class _Style:
    """How the leaves of a value are written."""

    tensor: Callable[[torch.Tensor], str]
    number: Callable[[float], str]
    text: Callable[[str | bytes], str]
    is_input: bool


_SHOWN = _Style(tensor_text, "{:.8g}".format, lambda text: repr(text[: _LONG_TEXT + 1]), False)
_TO_BE_RUN = _Style(tensor_python, repr, repr, True)


def _pieces(value: Any, style: _Style) -> Iterator[str]:
    """A value as Python, bit by bit."""
    if isinstance(value, torch.Tensor):
        yield style.tensor(value)
    elif isinstance(value, (list, tuple)):
        opening, closing = "[]" if isinstance(value, list) else "()"
        yield opening
        yield from _separated(_pieces(item, style) for item in value)
        yield f",{closing}" if isinstance(value, tuple) and len(value) == 1 else closing
    elif isinstance(value, Mapping):
        if not style.is_input and _is_outside(value):
            yield f"an object of type {cut(value['type'])}"
            return
        yield "{"
        yield from _separated(_entry(key, item, style) for key, item in value.items())
        yield "}"
    elif isinstance(value, (str, bytes)):
        yield style.text(value)
    elif isinstance(value, float) and not math.isfinite(value):
        yield f'float("{value}")'
    elif isinstance(value, float) and not _is_whole(value):
        yield style.number(value)
    else:
        yield repr(value)


def _is_outside(value: Mapping[str, Any]) -> bool:
    """Whether it stands for what is outside of the grammar."""
    return set(value) == {"type"} and isinstance(value["type"], str)


def _entry(key: str, item: Any, style: _Style) -> Iterator[str]:
    yield f"{style.text(key)}: "
    yield from _pieces(item, style)


def _separated(items: Iterable[Iterator[str]]) -> Iterator[str]:
    for number, item in enumerate(items):
        if number:
            yield ", "
        yield from item


def _beginning(pieces: Iterator[str]) -> str:
    """As many pieces as make a text that is cut."""
    taken, length = [], 0
    for piece in pieces:
        taken.append(piece)
        length += len(piece)
        if length > _LONG_TEXT:
            break
    return "".join(taken)


def _is_whole(value: float) -> bool:
    return abs(value) < 1e15 and value == int(value)


def number_text(value: Any) -> str:
    """A number, or nested lists of numbers, as Python; floats with seven digits."""
    if isinstance(value, list):
        return "[" + ", ".join(map(number_text, value)) + "]"
    if isinstance(value, float):
        if not math.isfinite(value):
            return f'float("{value}")'
        return f"{value:.1f}" if _is_whole(value) else f"{value:.7g}"
    return repr(value)


def _listed(tensor: torch.Tensor) -> str:
    """All elements in a call of torch.tensor."""
    if tensor.numel() == 0:
        return f"torch.empty({tuple(tensor.shape)}{_dtype(tensor, (torch.float32,))})"
    return f"torch.tensor({number_text(tensor.tolist())}{_dtype(tensor, _DEFAULT_DTYPES)})"


def _dtype(tensor: torch.Tensor, unsaid: Sequence[torch.dtype]) -> str:
    return "" if tensor.dtype in unsaid else f", dtype={tensor.dtype}"


def _expression(tensor: torch.Tensor) -> str:
    """The shortest Python for a contiguous tensor."""
    if tensor.numel() <= _ALIKE:
        return _listed(tensor)
    first = tensor.reshape(-1)[0]
    if bool((tensor == first).all()):
        return _full(tensor, first.item())
    if tensor.numel() <= _MANY_ELEMENTS:
        return _listed(tensor)
    made = _made(tensor)
    if made is not None:
        return made
    if tensor.numel() <= _LISTED_ELEMENTS:
        return _listed(tensor)
    shape = ", ".join(map(str, tensor.shape))
    if tensor.is_floating_point():
        return f"torch.randn({shape}{_dtype(tensor, (torch.float32,))})"
    bounds = f"{int(tensor.min())}, {int(tensor.max()) + 1}"
    return f"torch.randint({bounds}, {tuple(tensor.shape)}{_dtype(tensor, (torch.int64,))})"


def _made(tensor: torch.Tensor) -> str | None:
    """A tensor of many elements as the expression that gives it, where one of a few does."""
    for text, values in _candidates(tensor):
        if torch.equal(values.reshape(tensor.shape), tensor):
            return text
    if tensor.dtype is torch.float64 and torch.equal(tensor.float().double(), tensor):
        made = _made(tensor.float())
        return None if made is None else f"{made}.double()"
    return None


def _full(tensor: torch.Tensor, value: float) -> str:
    shape, dtype = tuple(tensor.shape), _dtype(tensor, (torch.float32,))
    if value in (0, 1) and not isinstance(value, bool):
        kind = "ones" if value else "zeros"
        return f"torch.{kind}({', '.join(map(str, shape))}{dtype})"
    return f"torch.full({shape}, {number_text(value)}{_dtype(tensor, _DEFAULT_DTYPES)})"


def _candidates(tensor: torch.Tensor) -> Iterator[tuple[str, torch.Tensor]]:
    """What a course author may have written for a tensor of many elements, and its values."""
    shape, count, dtype = ", ".join(map(str, tensor.shape)), tensor.numel(), tensor.dtype
    reshaped = "" if tensor.dim() == 1 else f".reshape({shape})"
    if dtype is torch.bool:
        return
    end = f"{count}.0" if tensor.is_floating_point() else f"{count}"
    dtype_text = _dtype(tensor, (torch.float32, torch.int64))
    yield f"torch.arange({end}{dtype_text}){reshaped}", torch.arange(count, dtype=dtype)
    if not tensor.is_floating_point():
        return
    flat = tensor.reshape(-1)
    first, last = flat[0].item(), flat[-1].item()
    if math.isfinite(first) and math.isfinite(last):
        ends = f"{number_text(first)}, {number_text(last)}"
        values = torch.linspace(first, last, count, dtype=dtype)
        yield f"torch.linspace({ends}, {count}{dtype_text}){reshaped}", values
    for kind in ("randn", "rand"):
        for seed in range(_SEEDS):
            generator = torch.Generator().manual_seed(seed)
            text = f"generator=torch.Generator().manual_seed({seed}){dtype_text}"
            values = getattr(torch, kind)(tensor.shape, generator=generator, dtype=dtype)
            yield f"torch.{kind}({shape}, {text})", values


def _storage_order(tensor: torch.Tensor) -> list[int]:
    """The order of dimensions in memory of a transposed tensor; [] for any other."""
    if tensor.is_contiguous():
        return []
    strides = tensor.stride()
    order = sorted(range(tensor.dim()), key=lambda dimension: -strides[dimension])
    return order if tensor.permute(order).is_contiguous() else []


def _undone(order: list[int]) -> str:
    """What brings dimensions that were permuted by `order` back to their places."""
    if order == [1, 0]:
        return ".T"
    moved = [place for place, dimension in enumerate(order) if place != dimension]
    if len(moved) == 2:
        return f".transpose({moved[0]}, {moved[1]})"
    back = sorted(range(len(order)), key=lambda place: order[place])
    return f".permute({', '.join(map(str, back))})"
