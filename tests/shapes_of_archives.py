"""Archives of hostile, damaged or merely odd shapes, and how each is made."""

from __future__ import annotations

import copy
import gzip
import io
import stat
import struct
import tarfile
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from shapes_of_folders import FILES, MIB, NAMES, file, write

Member = tuple[str | zipfile.ZipInfo, bytes]


def zip_of(*members: Member) -> bytes:
    packed = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        warnings.simplefilter("ignore", UserWarning)  # names twice are what is tried
        for name, content in members:
            archive.writestr(name, content)
    return packed.getvalue()


def tar_of(*members: tuple[str, bytes], link: tarfile.TarInfo | None = None) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        if link is not None:
            archive.addfile(link)
    return packed.getvalue()


def archive(name: str, *members: Member, whole: bool = True) -> None:
    """An archive with these members, after a right losses.py where `whole`."""

    def maker(path: Path, source: bytes) -> None:
        first = (("losses.py", source),) if whole else ()
        pack = zip_of if name.endswith(".zip") else tar_of
        path.write_bytes(pack(*first, *members))

    FILES[name] = maker


def odd_archive(name: str, make: Callable[[bytes], bytes]) -> None:
    FILES[name] = lambda path, source: write(path, make(source))


def tar_link(name: str, type: bytes, target: str) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = type, target
    return info


def zip_link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    return info


for _suffix in ("zip", "tar.gz"):
    archive(f"plain.{_suffix}")
    archive(f"slip.{_suffix}", ("../../torchgrade-slip.py", b"x"))
    archive(f"absolute.{_suffix}", ("/tmp/torchgrade-slip.py", b"x"))
    archive(f"drive.{_suffix}", ("C:\\torchgrade-slip.py", b"x"))
    archive(f"share.{_suffix}", ("\\\\server\\share\\x.py", b"x"))
    archive(f"backslashes.{_suffix}", ("..\\..\\x.py", b"x"))
    archive(f"twice.{_suffix}", ("losses.py", b"x"))
    archive(f"case.{_suffix}", ("Losses.py", b"x"), ("LOSSES.PY", b"x"), ("losses.Py", b"x"))
    archive(f"unicode.{_suffix}", ("\xe9.py", b"x"), ("e\u0301.py", b"x"), ("e\u0301/\xe9", b""))
    archive(f"data twice.{_suffix}", ("a.csv", b"1"), ("a.csv", b"2"))
    archive(f"litter.{_suffix}", ("__MACOSX/._losses.py", b"\0"), ("._losses.py", b"\0"))
    archive(
        f"odd names.{_suffix}",
        *((f"{name}.py", b"raise SystemExit") for name in NAMES if isinstance(name, str)),
        ("x" * 60_000 + ".py", b"raise SystemExit"),
        ("d/" * 10_000 + "losses.py", b"raise SystemExit"),
    )
    archive(f"nothing.{_suffix}", whole=False)
    odd_archive(f"zero bytes.{_suffix}", lambda source: b"")


@file("packed_losses.py")
def _packed_source(path: Path, source: bytes) -> None:
    path.write_bytes(zip_of(("losses.py", source)))


archive("windows.zip", ("hw\\helpers.py", b"x = 1"))
archive("link inside.zip", (zip_link("losses.py"), b"/etc/passwd"), whole=False)
archive("link beside.zip", (zip_link("helpers.py"), b"/etc/passwd"))


def _linked_tar(name: str, link: tarfile.TarInfo, whole: bool) -> None:
    members = (lambda source: (("losses.py", source),)) if whole else lambda source: ()
    odd_archive(name, lambda source: tar_of(*members(source), link=link))


_linked_tar("link inside.tar.gz", tar_link("losses.py", tarfile.SYMTYPE, "/etc/passwd"), False)
_linked_tar("hard link.tar.gz", tar_link("losses.py", tarfile.LNKTYPE, "/etc/passwd"), False)
_linked_tar("device.tar.gz", tar_link("losses.py", tarfile.CHRTYPE, ""), False)
_linked_tar("pipe.tar.gz", tar_link("losses.py", tarfile.FIFOTYPE, ""), False)
_linked_tar("link beside.tar.gz", tar_link("helpers.py", tarfile.SYMTYPE, "/etc/passwd"), True)


def _with_flags(packed: bytes, name: bytes, method: int | None = None) -> bytes:
    """A zip whose member says that it is encrypted, by AES where the method is 99."""
    data = bytearray(packed)
    for header, flags in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        at = data.index(header)
        while data[at + 30 : at + 30 + len(name)] != name and header == b"PK\3\4":
            at = data.index(header, at + 1)
        while data[at + 46 : at + 46 + len(name)] != name and header == b"PK\1\2":
            at = data.index(header, at + 1)
        data[at + flags] |= 1
        if method is not None:
            data[at + flags + 2 : at + flags + 4] = struct.pack("<H", method)
    return bytes(data)


def _bomb(name: str, mebibytes: int) -> bytes:
    """A zip whose one member unpacks to so much, of a few bytes a mebibyte."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    once = packer.compress(bytes(8 * MIB)) + packer.flush(zlib.Z_FULL_FLUSH)
    data = once * (mebibytes // 8) + packer.flush(zlib.Z_FINISH)
    info = zipfile.ZipInfo(name)
    plain = zip_of((info, b""))
    size, at = mebibytes * MIB, plain.index(b"PK\1\2")
    local, central = bytearray(plain[:at]), bytearray(plain[at : plain.index(b"PK\5\6")])
    for header, method in ((local, 8), (central, 10)):
        struct.pack_into("<H", header, method, zipfile.ZIP_DEFLATED)
        struct.pack_into("<II", header, method + 10, len(data), size)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, len(central), len(local) + len(data), 0)
    return bytes(local) + data + bytes(central) + end


def _copies(packed: bytes, names: Iterator[str]) -> bytes:
    """A zip with more names for its first member: all overlap."""
    whole = io.BytesIO(packed)
    with zipfile.ZipFile(whole, "a") as archive:
        first = archive.filelist[0]
        for name in names:
            another = copy.copy(first)
            another.filename = name
            archive.filelist.append(another)
        archive._didModify = True  # type: ignore[attr-defined]  # has the directory written
    return whole.getvalue()


odd_archive(
    "encrypted.zip", lambda source: _with_flags(zip_of(("losses.py", source)), b"losses.py")
)
odd_archive("aes.zip", lambda source: _with_flags(zip_of(("losses.py", source)), b"losses.py", 99))
odd_archive(
    "encrypted data.zip",
    lambda source: _with_flags(zip_of(("losses.py", source), ("data.bin", b"x")), b"data.bin", 99),
)
odd_archive("bomb.zip", lambda source: _bomb("losses.py", 1024))
odd_archive("bomb beside.zip", lambda source: zip_of(("losses.py", source), ("x.zip", _X_BOMB)))
_X_BOMB = _bomb("x.bin", 1024)
odd_archive(
    "bomb.tar.gz",
    lambda source: gzip.compress(tar_header("data.bin", 2**32)) + gzip.compress(bytes(MIB)) * 4096,
)
odd_archive(
    "100,001 members.zip",
    lambda source: _copies(zip_of(("losses.py", source)), map(str, range(100_001))),
)
odd_archive(
    "overlapping.zip",
    lambda source: _copies(zip_of(("losses.py", source)), (f"{n}.py" for n in range(150))),
)
odd_archive(
    "nested.zip", lambda source: zip_of(("a.zip", zip_of(("b.zip", zip_of(("losses.py", source))))))
)
odd_archive("inner.zip", lambda source: zip_of(("hw.tar.gz", tar_of(("hw/losses.py", source)))))
odd_archive("a tar.zip", lambda source: tar_of(("losses.py", source)))
odd_archive("a plain tar.zip", lambda source: gzip.decompress(tar_of(("losses.py", source))))
odd_archive("a zip.tar.gz", lambda source: zip_of(("losses.py", source)))
odd_archive("a rar.zip", lambda source: b"Rar!\x1a\7\1\0" + bytes(100))
odd_archive("a page.zip", lambda source: b"<!DOCTYPE html><title>Sign in</title>")
odd_archive("truncated.zip", lambda source: zip_of(("losses.py", source))[:-30])
odd_archive("truncated.tar.gz", lambda source: tar_of(("losses.py", source))[:-300])
odd_archive("litter after.zip", lambda source: zip_of(("losses.py", source)) + b"litter" * 100)
odd_archive("litter after.tar.gz", lambda source: tar_of(("losses.py", source)) + b"litter" * 100)
odd_archive("litter before.zip", lambda source: b"litter" * 100 + zip_of(("losses.py", source)))
odd_archive("flipped.zip", lambda source: _flipped(zip_of(("losses.py", source))))
odd_archive("flipped.tar.gz", lambda source: _flipped(tar_of(("losses.py", source))))
odd_archive("also.7z", lambda source: b"7z\xbc\xaf\x27\x1c")


def tar_header(name: str, size: int) -> bytes:
    info = tarfile.TarInfo(name)
    info.size = size
    return info.tobuf()


def _flipped(packed: bytes) -> bytes:
    """With some bits of the contents wrong, as a bad disk or line has it."""
    data = bytearray(packed)
    for at in range(len(data) // 3, len(data) // 2, 50):
        data[at] ^= 0x55
    return bytes(data)
