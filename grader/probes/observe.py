"""What probes share: a known state of torch, inputs on a device, and results as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

_LARGEST_INT = 1 << 63
_TEXT_LIMIT = 2000
_ITEMS_LIMIT = 4096
_DEPTH_LIMIT = 8
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


def prepare() -> None:
    """Put torch's global switches where a fresh process has them.

    One function of a submission that leaves gradients off or another default dtype behind must not
    cost the next one its points.
    """
    torch.set_grad_enabled(True)
    torch.set_default_dtype(torch.float32)
    torch.default_generator.manual_seed(0)


def place(value: Any, device: str) -> Any:
    """A deep copy of plain inputs with every tensor on `device`, keeping strides."""
    if isinstance(value, torch.Tensor):
        return value.detach().clone().to(device)
    if isinstance(value, (list, tuple)):
        return type(value)(place(item, device) for item in value)
    if isinstance(value, dict):
        return {key: place(item, device) for key, item in value.items()}
    return value


def same(left: Any, right: Any) -> bool:
    """Whether two plain values are equal element by element, bit by bit."""
    if isinstance(left, torch.Tensor):
        if not isinstance(right, torch.Tensor) or left.shape != right.shape:
            return False
        if left.dtype != right.dtype:
            return False
        return torch.equal(left, right) or bool(((left == right) | (left != left)).all())
    if isinstance(left, (list, tuple)):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    return bool(left == right)


def plain(value: Any, depth: int = 0) -> Any:
    """A result as data of the wire's grammar; what is outside of it as `{"type": its name}`."""
    if isinstance(value, torch.Tensor):
        return _plain_tensor(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        number = int(value)
        return number if -_LARGEST_INT <= number < _LARGEST_INT else {"type": "a huge int"}
    if isinstance(value, float):
        return float(value)
    if isinstance(value, str):
        text = str(value)[:_TEXT_LIMIT]
        return text.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, (list, tuple)) and depth < _DEPTH_LIMIT:
        return [plain(item, depth + 1) for item in list(value)[:_ITEMS_LIMIT]]
    if isinstance(value, Mapping) and depth < _DEPTH_LIMIT:
        items = list(value.items())[:_ITEMS_LIMIT]
        return {str(plain(str(key))): plain(item, depth + 1) for key, item in items}
    return {"type": type(value).__name__[:200]}


def _plain_tensor(tensor: torch.Tensor) -> Any:
    if type(tensor) not in (torch.Tensor, torch.nn.Parameter):
        return {"type": type(tensor).__name__[:200]}
    if tensor.layout != torch.strided or tensor.is_quantized or tensor.is_nested:
        return {"type": f"a tensor of layout {tensor.layout}"}
    if tensor.dtype not in PLAIN_DTYPES:
        return {"type": f"a tensor of {tensor.dtype}"}
    if tensor.device.type == "meta":
        return {"type": "a tensor on the meta device, which holds no values"}
    # A copy: what was observed stays as it was while the student's code goes on with the tensor.
    return tensor.detach().cpu().clone(memory_format=torch.contiguous_format)


def devices(value: Any) -> list[str]:
    """The kinds of device that a result's tensors are on, sorted."""
    found: set[str] = set()
    _collect_devices(value, found, 0)
    return sorted(found)


def _collect_devices(value: Any, found: set[str], depth: int) -> None:
    if isinstance(value, torch.Tensor):
        found.add(value.device.type)
    elif isinstance(value, (list, tuple)) and depth < _DEPTH_LIMIT:
        for item in list(value)[:_ITEMS_LIMIT]:
            _collect_devices(item, found, depth + 1)
    elif isinstance(value, Mapping) and depth < _DEPTH_LIMIT:
        for item in list(value.values())[:_ITEMS_LIMIT]:
            _collect_devices(item, found, depth + 1)


def fill(state: Mapping[str, torch.Tensor], seed: int) -> None:
    """Fill a state_dict in place from a generator of its own for each name.

    Two modules with the same names and shapes get the same values, in whatever order they list
    them. Values are drawn from N(0, 1/fan_in), so that activations keep their size through the
    layers.
    """
    with torch.no_grad():
        for name, tensor in state.items():
            if not tensor.is_floating_point():
                continue
            generator = torch.Generator().manual_seed(seed * 1_000_003 + _stable_hash(name))
            fan_in = max(1, tensor[0].numel()) if tensor.dim() > 1 else 4
            values = torch.randn(tensor.shape, generator=generator, dtype=torch.float64)
            tensor.copy_((values / fan_in**0.5).to(tensor.dtype))


def _stable_hash(name: str) -> int:
    value = 5381
    for character in name.encode():
        value = (value * 33 + character) % 1_000_003
    return value
