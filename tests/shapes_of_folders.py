"""Folders and loose files of hostile, damaged or merely odd shapes, and how each is made."""

from __future__ import annotations

import os
import socket
import stat
import unicodedata
from collections.abc import Callable
from pathlib import Path

CANARY = "CANARY-OUTSIDE"
MIB = 1024 * 1024
STRANGER = 23457  # whose file is linked to
DEEP = 1_000

Maker = Callable[[Path, bytes], None]
FOLDERS: dict[str | bytes, Maker] = {}  # each makes what is in a folder of that name
FILES: dict[str | bytes, Maker] = {}  # each makes a file of that name

NAMES = (
    "new\nline\r\x1b[2J",
    "quotes'\"`",
    "🎓🔥",
    "\u202eevil",
    "x" * 255,
    "--help",
    "-rf",
    "<script>alert(1)<script>",
    "=cmd|' C calc'!A0",
    "%s%n{0}",
    b"\xff\xfe",
    "José",
    unicodedata.normalize("NFD", "José"),
    "case",
    "CASE",
    " ",
    "a b ",
    "[red]",
    "::error::x",
    "con",
)


def folder(name: str | bytes) -> Callable[[Maker], Maker]:
    return lambda maker: FOLDERS.setdefault(name, maker)


def file(name: str | bytes) -> Callable[[Maker], Maker]:
    return lambda maker: FILES.setdefault(name, maker)


def beside(name: str) -> Callable[[Maker], Maker]:
    """A folder with a right losses.py, and what the maker puts beside it."""

    def registered(maker: Maker) -> Maker:
        def both(place: Path, source: bytes) -> None:
            (place / "losses.py").write_bytes(source)
            maker(place, source)

        FOLDERS[name] = both
        return maker

    return registered


def made_of(name: str, change: Callable[[bytes], bytes]) -> None:
    """A folder whose losses.py is the right one, changed."""
    FOLDERS[name] = lambda place, source: write(place / "losses.py", change(source))


def write(path: Path, content: bytes = b"") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def sparse(path: Path, size: int) -> None:
    """A file of that size which takes no room."""
    write(path)
    os.truncate(path, size)


def many(place: Path, count: int) -> None:
    """So many names of one empty file, which cost less than files."""
    place.mkdir(parents=True, exist_ok=True)
    here = os.open(place, os.O_RDONLY)
    os.close(os.open("module0.py", os.O_CREAT, dir_fd=here))
    for number in range(1, count):
        os.link("module0.py", f"module{number}.py", src_dir_fd=here, dst_dir_fd=here)
    os.close(here)


# Right work with something hostile or odd beside it


@beside("alice")
def _alone(place: Path, source: bytes) -> None:
    pass


for _name in NAMES:
    FOLDERS[_name] = lambda place, source: write(place / "losses.py", source)


@beside("huge data")
def _huge_data(place: Path, source: bytes) -> None:
    sparse(place / "data.bin", 2**40)
    sparse(place / "helpers.py", 200 * MIB)


@beside("litter")
def _litter(place: Path, source: bytes) -> None:
    for name in (
        "__MACOSX/._losses.py",
        "._losses.py",
        ".DS_Store",
        "Thumbs.db",
        "desktop.ini",
        ".ipynb_checkpoints/losses-checkpoint.py",
        "__pycache__/losses.cpython-311.pyc",
        ".git/HEAD",
        "losses.py~",
        "losses.py.orig",
        "losses.pyc",
    ):
        write(place / name, b"\0\5\x16\7")


@beside("venv")
def _venv(place: Path, source: bytes) -> None:
    packages = place / "venv" / "lib" / "python3.11" / "site-packages"
    write(packages / "torch" / "__init__.py", b"raise SystemExit")
    write(packages / "losses.py", b"raise SystemExit")
    many(packages, 3_000)
    (place / "venv" / "bin").mkdir()
    (place / "venv" / "bin" / "python").symlink_to("/usr/bin/python3")
    (place / "venv" / "lib64").symlink_to("lib")


@folder("venv above the work")
def _venv_above(place: Path, source: bytes) -> None:
    write(place / "hw" / "src" / "losses.py", source)
    many(place / "env" / "lib" / "python3.11" / "site-packages", 5_001)
    many(place / "data", 5_001)


@beside("shadows")
def _shadows(place: Path, source: bytes) -> None:
    for name in ("torch", "grader", "numpy", "math", "sys"):
        write(place / name / "__init__.py", b"raise SystemExit")
        write(place / f"{name}.py", b"raise SystemExit")
    write(place / "sitecustomize.py", b"raise SystemExit")
    write(place / "conftest.py", b"raise SystemExit")
    write(place / "pytest.ini", b"[pytest]\naddopts = --help")
    write(place / "course.toml", b"format = 99")


@beside("links beside")
def _links_beside(place: Path, source: bytes) -> None:
    outside = place.parent.parent / "outside"
    for name, target in (
        ("helpers.py", outside / "losses.py"),
        ("optimizers.py", Path("/etc/passwd")),
        ("data", outside),
        ("root", Path("/")),
        ("loop", Path(".")),
        ("loop.py", Path("loop.py")),
        ("nowhere.py", Path("nowhere")),
        ("null.py", Path("/dev/zero")),
    ):
        (place / name).symlink_to(target)


@beside("pipes beside")
def _pipes_beside(place: Path, source: bytes) -> None:
    os.mkfifo(place / "helpers.py")
    os.mkfifo(place / "data")
    _socket(place / "talk.py")
    if os.geteuid() == 0:
        os.mknod(place / "zero.py", 0o666 | stat.S_IFCHR, os.makedev(1, 5))


@beside("unreadable beside")
def _unreadable_beside(place: Path, source: bytes) -> None:
    write(place / "helpers.py", b"raise SystemExit")
    write(place / "private" / "x.py")
    (place / "helpers.py").chmod(0)
    (place / "private").chmod(0)


@folder("unreadable above")
def _unreadable_above(place: Path, source: bytes) -> None:
    write(place / "hw" / "losses.py", source)
    (place / "private").mkdir(mode=0)


@beside("odd sources beside")
def _odd_sources_beside(place: Path, source: bytes) -> None:
    for number, content in enumerate((b"\0", b"\xff\xfe", b"(" * 10_000, b"# coding: none\n")):
        write(place / f"helper{number}.py", content)
    for name in (b"\xff.py", b"\n.py", b" .py", "\u202eyp.py".encode(), b"x" * 252 + b".py"):
        with open(os.path.join(os.fsencode(place), name), "xb") as odd:
            odd.write(b"raise SystemExit")


@beside("many files beside")
def _many_beside(place: Path, source: bytes) -> None:
    many(place / "data", 20_000)


@beside("deep beside")
def _deep_beside(place: Path, source: bytes) -> None:
    _deep(place)


@beside("linked copy")
def _linked_copy(place: Path, source: bytes) -> None:
    """As `cp -l` makes it: a second name of the same user's own file."""
    os.link(place / "losses.py", place / "backup.txt")


# Sources that Python reads in its own way, or not

made_of("bom", lambda source: b"\xef\xbb\xbf" + source)
made_of("crlf", lambda source: source.replace(b"\n", b"\r\n"))
made_of("cr", lambda source: source.replace(b"\n", b"\r"))
made_of("form feeds", lambda source: source.replace(b"\n\n\n", b"\n\x0c\n\n") + b"\n\x0c\n")
made_of("no last line end", lambda source: source.rstrip(b"\n"))
made_of("latin-1", lambda source: b"# coding: latin-1\n# \xe9t\xe9\n" + _ascii(source))
made_of("latin-1 unsaid", lambda source: b"# \xe9t\xe9\n" + source)
made_of("utf-16", lambda source: source.decode().encode("utf-16"))
made_of("unknown coding", lambda source: b"# coding: klingon\n" + source)
made_of("nul", lambda source: source + b"\n\0\n")
made_of("empty", lambda source: b"")
made_of("binary", lambda source: bytes(range(256)) * 100)
made_of("10,000 parentheses", lambda source: source + b"\nx = " + b"(" * 10_000 + b")" * 10_000)
made_of("100,000 terms", lambda source: source + b"\nx = 1" + b" + 1" * 100_000)
made_of("50,000 signs", lambda source: source + b"\nx = " + b"-" * 50_000 + b"1")
made_of("10,000 attributes", lambda source: source + b"\ndef f(x): return x" + b".x" * 10_000)
made_of("giant constants", lambda source: source + _GIANT)
made_of("giant line", lambda source: source + b"\n#" + b"x" * 900_000)
_GIANT = (
    b"\ndef never():\n    return 'x' * 10**9, 1 << 10**9, (1,) * 10**9, 9**9**9, b'x' * 2**40\n"
)


def _ascii(source: bytes) -> bytes:
    return source.decode().encode("ascii", "replace")


# What is in the place of losses.py


@folder("source is a link")
def _source_is_a_link(place: Path, source: bytes) -> None:
    (place / "losses.py").symlink_to("/etc/passwd")


@folder("source is another's")
def _source_is_anothers(place: Path, source: bytes) -> None:
    (place / "losses.py").symlink_to("../alice/losses.py")


@folder("source is outside")
def _source_is_outside(place: Path, source: bytes) -> None:
    (place / "exercises").symlink_to(place.parent.parent / "outside")


@folder("source is a hard link")
def _source_is_a_hard_link(place: Path, source: bytes) -> None:
    """To a stranger's file where that can be made, else there is nothing."""
    if os.geteuid() == 0:
        secret = place.parent.parent / "outside" / "strangers.py"
        write(secret, f"raise RuntimeError('{CANARY}')".encode())
        os.chown(secret, STRANGER, STRANGER)
        os.link(secret, place / "losses.py")


@folder("source is a folder")
def _source_is_a_folder(place: Path, source: bytes) -> None:
    write(place / "losses.py" / "readme.txt")


@folder("source is a pipe")
def _source_is_a_pipe(place: Path, source: bytes) -> None:
    os.mkfifo(place / "losses.py")


@folder("source is a socket")
def _source_is_a_socket(place: Path, source: bytes) -> None:
    _socket(place / "losses.py")


@folder("source is a package")
def _source_is_a_package(place: Path, source: bytes) -> None:
    write(place / "losses" / "__init__.py", source)


@folder("source is compiled")
def _source_is_compiled(place: Path, source: bytes) -> None:
    write(place / "losses.pyc", b"\xa7\r\r\n" + bytes(100))


@folder("source in other letters")
def _other_letters(place: Path, source: bytes) -> None:
    write(place / "Losses.py", source)


@folder("source of 200 MB")
def _large_source(place: Path, source: bytes) -> None:
    sparse(place / "losses.py", 200 * MIB)


@folder("source unreadable")
def _unreadable_source(place: Path, source: bytes) -> None:
    write(place / "losses.py", source)
    (place / "losses.py").chmod(0)


@folder("unreadable")
def _unreadable(place: Path, source: bytes) -> None:
    write(place / "losses.py", source)
    place.chmod(0)


@folder("nothing")
def _nothing(place: Path, source: bytes) -> None:
    pass


@folder("too deep")
def _too_deep(place: Path, source: bytes) -> None:
    write(_deep(place) / "losses.py", source)


@beside("5,001 files")
def _too_many(place: Path, source: bytes) -> None:
    many(place, 5_001)


@beside("201 sources")
def _too_many_sources(place: Path, source: bytes) -> None:
    many(place, 201)


@file("linked")
def _linked_folder(path: Path, source: bytes) -> None:
    path.symlink_to(path.parent.parent / "outside")


@file("link_losses.py")
def _linked_file(path: Path, source: bytes) -> None:
    path.symlink_to(path.parent.parent / "outside" / "losses.py")


@file("link.zip")
def _linked_archive(path: Path, source: bytes) -> None:
    path.symlink_to("plain.zip")


@file("pipe_losses.py")
def _pipe(path: Path, source: bytes) -> None:
    os.mkfifo(path)


@file("pipe.zip")
def _pipe_archive(path: Path, source: bytes) -> None:
    os.mkfifo(path)


@file("socket_losses.py")
def _socket_source(path: Path, source: bytes) -> None:
    _socket(path)


@file("sparse_losses.py")
def _sparse(path: Path, source: bytes) -> None:
    sparse(path, 200 * MIB)


@file("sparse.zip")
def _sparse_zip(path: Path, source: bytes) -> None:
    sparse(path, 2**40)


@file("sparse.tar")
def _sparse_tar(path: Path, source: bytes) -> None:
    sparse(path, 2**40)


@file("good_losses.py")
def _loose(path: Path, source: bytes) -> None:
    path.write_bytes(source)


def _deep(place: Path) -> Path:
    """A thousand folders, each in the one before; the innermost."""
    inner = place.joinpath(*["d"] * DEEP)
    os.makedirs(place.joinpath(*["d"] * (DEEP // 2)))
    os.makedirs(inner)
    return inner


def _socket(path: Path) -> None:
    here = os.getcwd()
    os.chdir(path.parent)  # the name of a socket may have 107 bytes
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path.name)
    os.chdir(here)
