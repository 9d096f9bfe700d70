"""What probes share: a known state of torch, inputs on a device, and results as plain data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import torch

_LARGEST_INT = 1 << 63
_TEXT_LIMIT = 2000
_NAME_LIMIT = 200
_ITEMS_LIMIT = 4096
_DEPTH_LIMIT = 8
SHOWN = "shown"  # under this key a probe puts what is only looked at: no comparison asks for it
PLAIN_DTYPES = frozenset(
    {
        torch.float16,
        torch.bfloat16,
        torch.float32,
        torch.float64,
        torch.int8,
        torch.int16,
        torch.int32,
        torch.int64,
        torch.uint8,
        torch.bool,
    }
)
_BITS = {
    torch.float16: torch.int16,
    torch.bfloat16: torch.int16,
    torch.float32: torch.int32,
    torch.float64: torch.int64,
}


def prepare() -> None:
    """Put torch's global switches where a fresh process has them.

    One function of a submission that leaves gradients off or another default dtype behind must not
    cost the next one its points.
    """
    if not torch.is_grad_enabled():  # to ask takes a tenth of the time, and there is much asking
        torch.set_grad_enabled(True)
    if torch.get_default_dtype() is not torch.float32:
        torch.set_default_dtype(torch.float32)
    torch.default_generator.manual_seed(0)


def place(value: Any, device: str) -> Any:
    """A deep copy of plain inputs with every tensor on `device`, keeping strides."""
    if isinstance(value, torch.Tensor):
        copied = value.detach().clone()
        return copied if copied.device.type == device else copied.to(device)
    if isinstance(value, (list, tuple)):
        placed = [place(item, device) for item in value]
        return placed if type(value) is list else type(value)(placed)
    if isinstance(value, dict):
        return {key: place(item, device) for key, item in value.items()}
    return value


def as_given(value: Any, device: str) -> Any:
    """Plain inputs as they were, to hold against what became of those that were placed.

    Nobody else has them: what is placed is a copy. So only for another device they are copied.
    """
    return value if device == "cpu" else place(value, device)


def same(left: Any, right: Any) -> bool:
    """Whether two plain values are equal element by element, floats bit by bit: NaN is NaN.

    A tensor that has become one of a subclass is not what it was: it may answer for itself.
    """
    if isinstance(left, torch.Tensor):
        if not (_is_plain_tensor(left) and _is_plain_tensor(right)):
            return False
        if left.shape != right.shape or left.dtype != right.dtype:
            return False
        bits = _BITS.get(left.dtype)  # -0.0 equals 0.0, and yet it is a change
        return torch.equal(left.view(bits), right.view(bits)) if bits else torch.equal(left, right)
    if isinstance(left, (list, tuple)):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    return bool(left == right)


def plain(value: Any) -> Any:
    """A result as data of the wire's grammar; what is outside of it as `{"type": its name}`.

    Nothing of a value's own decides what it is: a subclass is read by the methods of the builtin
    type, and what `__class__` says does not count. All items together are bounded in number.
    """
    return _plain(value, 0, iter(range(_ITEMS_LIMIT)))


def _plain(value: Any, depth: int, left: Iterator[int]) -> Any:
    kind = type(value)
    if issubclass(kind, torch.Tensor):
        return _plain_tensor(value)
    if value is None or kind is bool:
        return value
    if issubclass(kind, int):
        number = int.__int__(value)
        return number if -_LARGEST_INT <= number < _LARGEST_INT else {"type": "a huge int"}
    if issubclass(kind, float):
        return float.__float__(value)
    if issubclass(kind, str):
        return _text(value, _TEXT_LIMIT)
    if issubclass(kind, (list, tuple)) and depth < _DEPTH_LIMIT:
        return [_plain(item, depth + 1, left) for item in _within(left, _items(value))]
    if issubclass(kind, Mapping) and depth < _DEPTH_LIMIT:
        pairs = _within(left, _pairs(value))
        return {_text(str(key), _TEXT_LIMIT): _plain(item, depth + 1, left) for key, item in pairs}
    return {"type": _type_name(kind)}


def _within(left: Iterator[int], items: Iterable[Any]) -> Iterator[Any]:
    """The items, for as long as the iterator of how many are left has not ended."""
    return (item for _, item in zip(left, items, strict=False))


def _items(value: Any) -> Iterator[Any]:
    """What a list or tuple holds, whatever its own `__iter__` says."""
    return iter(list.__iter__(value) if issubclass(type(value), list) else tuple.__iter__(value))


def _pairs(value: Any) -> Iterable[tuple[Any, Any]]:
    """Keys and items of a mapping; only of one that is no dict it is the mapping's own word."""
    items: Iterable[tuple[Any, Any]]
    items = dict.items(value) if issubclass(type(value), dict) else value.items()
    return items


def _text(value: str, limit: int) -> str:
    """The characters that a str or a subclass of it really holds, cut, without lone surrogates."""
    text = str.__str__(value)[:limit]
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _type_name(kind: type) -> str:
    """The name of a type, whatever its metaclass says."""
    return _text(type.__dict__["__name__"].__get__(kind), _NAME_LIMIT)


def _is_plain_tensor(value: Any) -> bool:
    """Whether it is exactly a tensor or parameter: `is`, for a metaclass may be equal to all."""
    kind = type(value)
    return kind is torch.Tensor or kind is torch.nn.Parameter


def _plain_tensor(tensor: torch.Tensor) -> Any:
    if not _is_plain_tensor(tensor):
        return {"type": _type_name(type(tensor))}
    if tensor.layout != torch.strided or tensor.is_quantized or tensor.is_nested:
        return {"type": f"a tensor of layout {tensor.layout}"}
    if tensor.dtype not in PLAIN_DTYPES:
        return {"type": f"a tensor of {tensor.dtype}"}
    where = tensor.device.type
    if where == "meta":
        return {"type": "a tensor on the meta device, which holds no values"}
    here = tensor.detach() if where == "cpu" else tensor.detach().cpu()
    # A copy: what was observed stays as it was while the student's code goes on with the tensor.
    return here.clone(memory_format=torch.contiguous_format)


def devices(value: Any) -> list[str]:
    """The kinds of device that a result's plain tensors are on, sorted."""
    return sorted(_devices(value, 0, iter(range(_ITEMS_LIMIT))))


def _devices(value: Any, depth: int, left: Iterator[int]) -> set[str]:
    kind = type(value)
    if _is_plain_tensor(value):
        return {value.device.type}
    items: Iterable[Any] = ()
    if issubclass(kind, (list, tuple)) and depth < _DEPTH_LIMIT:
        items = _items(value)
    elif issubclass(kind, Mapping) and depth < _DEPTH_LIMIT:
        items = (item for _, item in _pairs(value))
    found: set[str] = set()
    for item in _within(left, items):
        found |= _devices(item, depth + 1, left)
    return found


def fill(state: Mapping[str, torch.Tensor], seed: int) -> None:
    """Fill a state_dict in place from a generator of its own for each name.

    Two modules with the same names and shapes get the same values, in whatever order they list
    them. Values are drawn uniformly around 0 with variance 1/fan_in, so that activations keep their
    size through the layers.
    """
    with torch.no_grad():
        for name, tensor in state.items():
            if not tensor.is_floating_point():
                continue
            generator = torch.Generator().manual_seed(seed * 1_000_003 + _stable_hash(name))
            fan_in = max(1, tensor[0].numel()) if tensor.dim() > 1 else 4
            values = torch.rand(tensor.shape, generator=generator, dtype=torch.float32)
            tensor.copy_((values - 0.5) * (12 / fan_in) ** 0.5)


def _stable_hash(name: str) -> int:
    value = 5381
    for character in name.encode():
        value = (value * 33 + character) % 1_000_003
    return value
