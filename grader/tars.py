"""The members of a tar, read header by header within fixed bounds.

The standard library's reader is not used for what strangers hand in: before its latest patches it
recurses, goes back and searches with regular expressions for as long as a hostile header asks. Read
here: ustar, GNU long names and pax; the formats are in POSIX, "pax", Extended Description.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from grader.folders import MIB, Kind, Refused

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

BLOCK = 512
MAX_STREAM_BYTES = 2048 * MIB  # a tar is unpacked from its start, whatever is wanted of it
MAX_EXTENSION_BYTES = 64 * 1024  # of one long name or pax header
CHUNK = 64 * 1024
GZIP = 16 + zlib.MAX_WBITS  # zlib's way of asking for gzip's header
GZIP_MAGIC = b"\x1f\x8b"

REGULAR, SPECIAL = (b"0", b"\0", b"7"), (b"3", b"4", b"6")
LINKS, FOLDER = (b"1", b"2"), b"5"
LONG_NAME, PAX = b"L", b"x"
# What describes other members and has no use here: GNU's long link names, global pax headers.
UNUSED = (b"K", b"g")


@dataclass(frozen=True)
class TarMember:
    """One member; `start` is where its data begin in the unpacked stream."""

    name: str
    kind: Kind
    size: int
    start: int


@dataclass(frozen=True)
class _Header:
    name: bytes
    size: int
    type: bytes


def tar_members(stream: BinaryIO) -> Iterator[TarMember]:
    """Every member in order; raises ValueError or EOFError where the tar is damaged."""
    at = 0
    overrides: dict[str, bytes] = {}
    while (header := _header_at(stream, at)) is not None:
        start = at + BLOCK
        if header.type in (LONG_NAME, PAX):
            overrides |= _extension(stream, header)
            at = start + _blocks(header.size)
            continue
        if header.type in UNUSED:
            at = start + _blocks(header.size)
            continue
        size = _decimal(overrides.get("size", b"%d" % header.size))
        kind = _kind(header, overrides)
        name = overrides.get("path", header.name).decode("utf-8", "surrogateescape")
        yield TarMember(name, kind, size if kind is Kind.FILE else 0, start)
        has_data = header.type not in (*LINKS, FOLDER, *SPECIAL)
        at = start + (_blocks(size) if has_data else 0)
        overrides = {}


def is_tar(start: bytes) -> bool:
    """Whether a file that begins so says that it is a tar; the oldest tars do not say it."""
    return start[257:262] == b"ustar"


def unpacked(stream: BinaryIO) -> BinaryIO:
    """The tar in a stream that may be packed by gzip."""
    is_packed = stream.read(2) == GZIP_MAGIC
    stream.seek(0)
    return io.BufferedReader(_Gunzipped(stream), CHUNK) if is_packed else stream


class _Gunzipped(io.RawIOBase):
    """What a gzip stream unpacks to, a bounded piece at a time.

    The standard library's reader would walk an endless file name in the header byte by byte.
    """

    def __init__(self, packed: BinaryIO) -> None:
        self._packed = packed
        self._restart()

    def _restart(self) -> None:
        self._packed.seek(0)
        self._unpacker = zlib.decompressobj(GZIP)
        self._waiting = b""
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence != io.SEEK_SET:
            offset += self._at  # from the end is nobody's need: the length is not known
        if offset < self._at:
            self._restart()
        while self._at < offset and self.read(min(CHUNK, offset - self._at)):
            pass
        return self._at

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        data = b""
        while not data and len(view):
            if not self._waiting:
                self._waiting = self._packed.read(CHUNK)
            if not self._waiting:
                if self._unpacker.eof:
                    break
                raise EOFError("it ends too early")
            if self._unpacker.eof:
                if len(self._waiting) < len(GZIP_MAGIC):
                    self._waiting += self._packed.read(CHUNK)
                if not self._waiting.startswith(GZIP_MAGIC):
                    break  # padding or litter after the end, which gzip itself passes over
                self._unpacker = zlib.decompressobj(GZIP)  # one after another is one stream
            data = self._unpacker.decompress(self._waiting, len(view))
            self._waiting = self._unpacker.unconsumed_tail or self._unpacker.unused_data
        view[: len(data)] = data
        self._at += len(data)
        return len(data)


def _header_at(stream: BinaryIO, at: int) -> _Header | None:
    """The header that begins there; None at the end of the archive."""
    if at > MAX_STREAM_BYTES:
        size = f"{MAX_STREAM_BYTES // MIB:,} MiB"
        raise Refused(f"the archive unpacks to more than {size}: leave data out")
    if stream.seek(at) != at:
        raise EOFError("it ends in the middle of a file")
    block = stream.read(BLOCK)
    if not block.strip(b"\0"):
        return None
    if len(block) < BLOCK:
        raise EOFError("it ends in the middle of a header")
    if _octal(block[148:156]) != sum(block[:148]) + sum(block[156:]) + 8 * ord(" "):
        raise ValueError("a header's checksum is wrong")
    name, prefix = _text(block[:100]), _text(block[345:500])
    # GNU's own headers keep times where ustar's keep the first part of a long name.
    if prefix and block[257:263] == b"ustar\0":
        name = prefix + b"/" + name
    return _Header(name, _number(block[124:136]), block[156:157])


def _kind(header: _Header, overrides: dict[str, bytes]) -> Kind:
    if header.type == FOLDER or (header.type in REGULAR and header.name.endswith(b"/")):
        return Kind.FOLDER
    if header.type in LINKS:
        return Kind.LINK
    sparse = any(key.startswith("GNU.sparse.") for key in overrides)
    return Kind.FILE if header.type in REGULAR and not sparse else Kind.SPECIAL


def _extension(stream: BinaryIO, header: _Header) -> dict[str, bytes]:
    """What a long name or a pax header says of the member that follows it."""
    if header.size > MAX_EXTENSION_BYTES:
        what = "the archive holds a name or a header that is too long to be read"
        raise Refused(f"{what}: pack it anew")
    data = stream.read(header.size)
    if len(data) < header.size:
        raise EOFError("it ends in the middle of a header")
    return {"path": _text(data)} if header.type == LONG_NAME else _pax_records(data)


def _pax_records(data: bytes) -> dict[str, bytes]:
    """Records of the form b"<length of the record> <key>=<value>\\n"."""
    records: dict[str, bytes] = {}
    while data.strip(b"\0"):
        length_text, space, _ = data[:8].partition(b" ")
        length = _decimal(length_text)
        key, equals, value = data[len(length_text) + 1 : length - 1].partition(b"=")
        if not space or not equals or data[length - 1 : length] != b"\n":
            raise ValueError("a pax header is wrong")
        records[key.decode("utf-8", "replace")] = value
        data = data[length:]
    return records


def _number(field: bytes) -> int:
    """A size: octal digits, or GNU's binary form for what these cannot hold."""
    if field[0] == 0x80:
        return int.from_bytes(field[1:], "big")
    return _octal(field)


def _octal(field: bytes) -> int:
    digits = field.strip(b" \0")
    if digits.strip(b"01234567"):
        raise ValueError("a header holds a wrong number")
    return int(digits or b"0", 8)


def _decimal(digits: bytes) -> int:
    if not digits or len(digits) > 20 or digits.strip(b"0123456789"):
        raise ValueError("a header holds a wrong number")
    return int(digits)


def _text(field: bytes) -> bytes:
    return field.partition(b"\0")[0]


def _blocks(size: int) -> int:
    return -(-size // BLOCK) * BLOCK
