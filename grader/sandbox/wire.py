"""The wire between examiner and sandbox: plain data as bytes, decoded without trust.

A frame is a header, a structure (msgpack) and a blob (the raw bytes of all tensors). The grammar
is None, bool, int, float, str, bytes, list, tuple, dict with str keys, and torch.Tensor as dtype +
shape + bytes. What a frame can make is bounded by the number of its values and of its tensors, and
by the size of its blob, all of which is the tensors' own; nothing in a frame can name a type, a
function or a file.
"""

from __future__ import annotations

import functools
import math
import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, cast

import msgpack
import numpy
import torch

from grader.probes.observe import PLAIN_DTYPES

_HEADER = struct.Struct("!4sII")
_MAGIC = b"TGW1"
_TENSOR, _TUPLE = 1, 2
_ALIGNMENT = 16  # of each tensor in the blob, so that any dtype can be viewed in place
_MAX_DEPTH = 24
_MAX_DIMENSIONS = 16
_BUFFER = 1 << 12  # bytes that packing begins with: the library's own quarter MiB takes longer
_DESCRIPTIONS = msgpack.Packer()  # of tensors, in which nothing else is packed meanwhile
_extension = functools.partial(tuple.__new__, msgpack.ExtType)  # its own constructor looks twice
_LARGEST = 1 << 40  # elements of a tensor, and bytes before it
_SCALARS = (bool, int, float, str, bytes, torch.Tensor)
_DTYPES = {str(dtype).removeprefix("torch."): dtype for dtype in PLAIN_DTYPES}
_NUMPYS = {name: numpy.dtype(name) for name in _DTYPES if name != "bfloat16"}
DTYPE_NAMES = {dtype: name for name, dtype in _DTYPES.items()}


class WireError(Exception):
    """The bytes are not a frame of the wire's grammar and limits."""


@dataclass(frozen=True)
class FrameLimits:
    """The largest frame that is read: bytes of structure and of tensors, and how many of them.

    A value may take one byte of structure and some 80 of memory, as an empty list does. The largest
    replies of the course have 1 KiB of structure, 1.2 MiB of tensors and 100 values.
    """

    structure: int = 256 << 10
    blob: int = 64 << 20
    values: int = 1 << 15
    tensors: int = 1 << 12


REPLY_LIMITS = FrameLimits()
REQUEST_LIMITS = FrameLimits(64 << 20, 1 << 30, values=1 << 26, tensors=1 << 22)


def encode(value: object) -> bytes:
    """Write plain data as one frame; TypeError for anything outside the grammar."""
    structure, blob = encode_parts(value)
    return b"".join([header(len(structure), len(blob)), structure, blob])


def encoded(values: Iterable[object], together: int) -> Iterator[bytes]:
    """The frames of values one after the other, joined until they are more than so many bytes."""
    parts: list[bytes] = []
    size = 0
    for value in values:
        structure, blob = encode_parts(value)
        parts += (header(len(structure), len(blob)), structure, blob)
        size += len(structure) + len(blob)
        if size > together:
            yield b"".join(parts)
            parts, size = [], 0
    if parts:
        yield b"".join(parts)


def header(structure: int, blob: int) -> bytes:
    """What a frame begins with that has so many bytes of structure and of tensors."""
    return _HEADER.pack(_MAGIC, structure, blob)


def encode_parts(value: object) -> tuple[bytes, bytes]:
    """The structure and the blob of a frame of plain data; the same data give the same bytes."""
    chunks: list[bytes] = []
    size = 0

    def extend(found: object) -> msgpack.ExtType:
        nonlocal size
        if type(found) is tuple:
            return _extension((_TUPLE, pack(list(found))))
        if not isinstance(found, torch.Tensor):
            raise TypeError(f"{type(found).__name__} cannot travel on the wire")
        order = [] if found.is_contiguous() else _storage_order(found)
        stored = found.permute(order) if order else found
        raw = tensor_bytes(stored)
        padding = -size % _ALIGNMENT
        if padding:
            chunks.append(bytes(padding))
        chunks.append(raw)
        description = [DTYPE_NAMES[found.dtype], list(stored.shape), size + padding, order]
        size += padding + len(raw)
        return _extension((_TENSOR, _DESCRIPTIONS.pack(description)))

    def pack(found: object) -> bytes:
        packer = msgpack.Packer(default=extend, strict_types=True, buf_size=_BUFFER)
        return cast(bytes, packer.pack(found))

    structure = pack(value)
    return structure, b"".join(chunks)


def tensor_bytes(tensor: torch.Tensor) -> bytes:
    """The elements' bytes in row-major order; TypeError for a dtype that cannot travel."""
    if tensor.dtype not in DTYPE_NAMES:
        raise TypeError(f"a tensor of {tensor.dtype} cannot travel on the wire")
    try:
        return tensor.numpy().tobytes()
    except (RuntimeError, TypeError):  # it cannot be looked at as it is
        return _plain(tensor).numpy().tobytes()


def _plain(tensor: torch.Tensor) -> torch.Tensor:
    """A tensor that numpy reads, of the same bytes."""
    if tensor.requires_grad:
        tensor = tensor.detach()
    if not tensor.is_cpu:
        tensor = tensor.cpu()
    if tensor.is_neg():  # a view of others' numbers as their negatives
        tensor = tensor.resolve_neg()
    if tensor.dtype is torch.bfloat16:  # numpy has none
        tensor = tensor.view(torch.int16)
    return tensor


def _storage_order(tensor: torch.Tensor) -> list[int]:
    """The order of dimensions in memory, for a transposed tensor to arrive transposed; else []."""
    strides = tensor.stride()
    order = sorted(range(tensor.dim()), key=lambda dimension: -strides[dimension])
    return order if tensor.permute(order).is_contiguous() else []


def decode(
    structure: bytes | bytearray, blob: bytearray, limits: FrameLimits = REPLY_LIMITS
) -> Any:
    """Read what a frame holds; WireError for what breaks the grammar. Tensors share `blob`."""
    return _Decoder(blob, limits).decode(structure)


def decode_trusted(structure: bytes | bytearray, blob: bytearray) -> Any:
    """What a frame of the examiner's own holds, read without a doubt. Tensors share `blob`."""

    def extended(code: int, data: bytes) -> object:
        if code == _TUPLE:
            return tuple(msgpack.unpackb(data, ext_hook=extended))
        name, shape, offset, order = msgpack.unpackb(data)
        if name in _NUMPYS and 0 not in shape:  # in half the time that torch takes
            tensor = torch.from_numpy(numpy.ndarray(shape, _NUMPYS[name], blob, offset))
        else:
            count = math.prod(shape)
            flat = (
                torch.frombuffer(blob, dtype=_DTYPES[name], count=count, offset=offset)
                if count
                else torch.empty(0, dtype=_DTYPES[name])
            )
            tensor = flat.view(shape)
        return (
            tensor.permute([order.index(axis) for axis in range(len(order))]) if order else tensor
        )

    return msgpack.unpackb(structure, ext_hook=extended)


@dataclass(frozen=True)
class _Packed:
    """A tuple whose items are still bytes."""

    data: bytes


class _Decoder:
    """Reads one frame; its tensors together are as large as its blob."""

    def __init__(self, blob: bytearray, limits: FrameLimits) -> None:
        self._blob = blob
        self._unclaimed = len(blob)
        self._limits = limits
        self._values = 0
        self._tensors = 0

    def decode(self, structure: bytes | bytearray) -> Any:
        value = self._settled(_unpack(structure, self._extended, self._limits.values), 0)
        # One number would keep alive what nobody sees: a blob is its tensors', but for padding.
        if self._unclaimed > self._tensors * (_ALIGNMENT - 1):
            raise WireError("bytes of no tensor")
        return value

    def _extended(self, code: int, data: bytes) -> object:
        if code == _TENSOR:
            self._tensors += 1
            if self._tensors > self._limits.tensors:
                raise WireError("too many tensors")
            return self._tensor(_unpack(data, _no_extension, _MAX_DIMENSIONS + 1))
        if code == _TUPLE:
            return _Packed(data)  # unpacked in here, a thousand nested ones would end the process
        raise WireError("an unknown kind of value")

    def _settled(self, value: Any, depth: int) -> Any:
        """A value that is of the grammar, with its tuples unpacked."""
        if depth > _MAX_DEPTH:
            raise WireError("values nested too deeply")
        self._values += 1
        if self._values > self._limits.values:
            raise WireError("too many values")
        if isinstance(value, dict):
            for key, item in value.items():
                if type(key) is not str:
                    raise WireError("a key that is no string")
                value[key] = self._settled(item, depth + 1)
        elif isinstance(value, list):
            value[:] = [self._settled(item, depth + 1) for item in value]
        elif isinstance(value, _Packed):
            items = _unpack(value.data, self._extended, self._limits.values)
            if not isinstance(items, list):
                raise WireError("a malformed tuple")
            return tuple([self._settled(item, depth + 1) for item in items])
        elif value is not None and type(value) not in _SCALARS:
            raise WireError("an unknown kind of value")
        return value

    def _tensor(self, description: object) -> torch.Tensor:
        if not (isinstance(description, list) and len(description) == 4):
            raise WireError("malformed tensor")
        name, shape, offset, order = description
        if not isinstance(name, str) or name not in _DTYPES:
            raise WireError("a tensor of unknown dtype")
        if not isinstance(shape, list) or len(shape) > _MAX_DIMENSIONS:
            raise WireError("a tensor of malformed shape")
        if not all(type(length) is int and 0 <= length < _LARGEST for length in [*shape, offset]):
            raise WireError("a tensor of malformed shape")
        # Also of an empty tensor: in another order of dimensions its strides could overflow.
        if math.prod(length for length in shape if length) >= _LARGEST:
            raise WireError("a tensor of malformed shape")
        if not isinstance(order, list) or (order and sorted(order) != list(range(len(shape)))):
            raise WireError("a tensor of malformed order")
        dtype, count = _DTYPES[name], math.prod(shape)
        size = count * dtype.itemsize
        if count and (offset % _ALIGNMENT or offset + size > len(self._blob)):
            raise WireError("a tensor outside its frame")
        self._unclaimed -= size
        if self._unclaimed < 0:  # a thousand tensors of the same bytes are as much work
            raise WireError("tensors larger than their frame")
        try:
            tensor = self._elements(dtype, count, offset).reshape(shape)
        except RuntimeError:
            raise WireError("a tensor of malformed shape") from None
        return (
            tensor.permute([order.index(axis) for axis in range(len(order))]) if order else tensor
        )

    def _elements(self, dtype: torch.dtype, count: int, offset: int) -> torch.Tensor:
        if count == 0:
            return torch.empty(0, dtype=dtype)
        if dtype is torch.bool:  # a byte in it that is neither 0 nor 1 is undefined behaviour
            return self._elements(torch.uint8, count, offset).ne(0)
        return torch.frombuffer(self._blob, dtype=dtype, count=count, offset=offset)


def _unpack(data: bytes | bytearray, ext_hook: Callable[[int, bytes], object], longest: int) -> Any:
    """The value that is packed; no list or dict is made that claims more than `longest` entries."""
    try:
        return msgpack.unpackb(data, ext_hook=ext_hook, max_array_len=longest, max_map_len=longest)
    except WireError:
        raise
    except Exception as error:  # msgpack has a dozen ways to say that bytes are malformed
        raise WireError(f"malformed structure ({type(error).__name__})") from None


def _no_extension(code: int, data: bytes) -> object:
    raise WireError("an extension inside a tensor's description")


def parts_within(
    data: memoryview, structures: int, blobs: int
) -> tuple[bytearray, bytearray, int] | None:
    """The structure and the blob of the frame at the beginning of `data`, and its size in bytes.

    None where not all of it is there; WireError where it is no frame, or its structure or its blob
    is larger than so many bytes.
    """
    if len(data) < _HEADER.size:
        return None
    structure, blob = _sizes(data[: _HEADER.size], structures, blobs)
    middle = _HEADER.size + structure
    end = middle + blob
    if len(data) < end:
        return None
    return bytearray(data[_HEADER.size : middle]), bytearray(data[middle:end]), end


def _sizes(header: bytes | bytearray | memoryview, structures: int, blobs: int) -> tuple[int, int]:
    """The sizes that a frame's header tells; WireError where they are over the limits."""
    magic, structure, blob = _HEADER.unpack(header)
    if magic != _MAGIC:
        raise WireError("not a frame")
    if structure > structures or blob > blobs:
        raise WireError(
            f"a frame over the size limit ({structures >> 10} KiB, and "
            f"{blobs >> 20} MiB of tensors)"
        )
    return structure, blob


class FrameReader:
    """Cuts a stream of bytes into frames, refusing one that is too large before it is read."""

    def __init__(self, receive: Callable[[int], bytes | memoryview], limits: FrameLimits) -> None:
        self._receive = receive
        self._limits = limits

    def read(self) -> Any:
        """The next frame's value; EOFError at the stream's end, WireError for a malformed frame."""
        return decode(*self.read_parts(), self._limits)

    def read_parts(self) -> tuple[bytearray, bytearray]:
        """The next frame's structure and blob, as they came; errors as for `read`."""
        structure_size, blob_size = _sizes(
            self._exactly(_HEADER.size), self._limits.structure, self._limits.blob
        )
        return self._exactly(structure_size), self._exactly(blob_size)

    def _exactly(self, size: int) -> bytearray:
        data = bytearray()
        while len(data) < size:
            chunk = self._receive(min(size - len(data), 1 << 20))
            if not chunk:
                raise EOFError("the other side closed the connection")
            data += chunk
        return data
