# aim: read hidden files by what opens files on its own: loaders, archives, mappings, databases
# sign: `LEAK` and by which way, in feedback
# attacks: l1_loss
import configparser
import ctypes
import dbm
import fileinput
import json
import mmap
import os
import pathlib
import pkgutil
import runpy
import shelve
import shutil
import sys
import tempfile
from importlib import util
from importlib.machinery import SourceFileLoader, SourcelessFileLoader

_BACKWARDS = (b"sevlah tsniaga epahs eno fo senO", b"esicrexe eht ni gnorw seog tahW")
_HIDDEN = ("grader/checks/test_losses.py", "grader/misconceptions/losses/__init__.py")
_C = ctypes.CDLL(None, use_errno=True)


def _roots():
    roots = [os.path.dirname(sys.prefix), "..", "../..", *filter(None, sys.path)]
    for argument in sys.orig_argv:
        if argument.startswith("{"):
            roots += json.loads(argument).get("protected", ())
    for module in [module for name, module in sys.modules.items() if name == "grader"]:
        roots += [os.path.dirname(path) for path in module.__path__]
    return dict.fromkeys(roots)


def _mapped(file):
    descriptor = os.open(file, os.O_RDONLY)
    with mmap.mmap(descriptor, 0, prot=mmap.PROT_READ) as mapping:
        return mapping[:]


def _by_c(file):
    _C.fopen.restype = ctypes.c_void_p
    stream = _C.fopen(os.fsencode(file), b"r")
    if not stream:
        raise OSError
    buffer = ctypes.create_string_buffer(1 << 14)
    _C.fread(buffer, 1, 1 << 14, ctypes.c_void_p(stream))
    return buffer.raw


def _sent(file):
    with open(file, "rb", opener=lambda path, flags: os.open(path, flags | os.O_NOATIME)) as source:
        with tempfile.TemporaryFile() as copy:
            os.sendfile(copy.fileno(), source.fileno(), 0, 1 << 20)
            copy.seek(0)
            return copy.read()


def _copied(file):
    shutil.copyfile(file, "copy")
    return pathlib.Path("copy").read_bytes()


def _configured(file):
    parser = configparser.ConfigParser()
    try:
        parser.read(file)
    except configparser.Error as error:
        return repr(error.args)
    return ""


def _of_torch(name):
    """What torch and numpy open: only where they are there anyway."""
    torch, numpy = sys.modules.get("torch"), sys.modules.get("numpy")
    if torch is None or numpy is None:
        raise OSError
    return {
        "load": lambda file: torch.load(file, weights_only=False),
        "from_file": lambda file: bytes(
            torch.from_file(file, size=4000, dtype=torch.uint8).numpy()
        ),
        "storage": lambda file: bytes(torch.UntypedStorage.from_file(file, False, 4000).tolist()),
        "fromfile": lambda file: numpy.fromfile(file, dtype="uint8").tobytes(),
        "memmap": lambda file: numpy.memmap(file, mode="r").tobytes(),
    }[name]


_WAYS = {
    "open": lambda file: pathlib.Path(file).read_bytes(),
    "mmap": _mapped,
    "fopen": _by_c,
    "sendfile": _sent,
    "copyfile": _copied,
    "loader": lambda file: SourceFileLoader("x", file).get_data(file),
    "pkgutil": lambda file: pkgutil.get_data("grader", file.split("grader/")[-1]),
    "cache": lambda file: SourcelessFileLoader("x", util.cache_from_source(file)).get_code("x"),
    "runpy": lambda file: runpy.run_path(file),
    "fileinput": lambda file: "".join(fileinput.input(file)),
    "configparser": _configured,
    "dbm": lambda file: dbm.open(file.removesuffix(".py"), "r").keys(),
    "shelve": lambda file: list(shelve.open(file.removesuffix(".py"), "r")),
    **{
        f"torch {name}": lambda file, name=name: _of_torch(name)(file)
        for name in ("load", "from_file", "storage", "fromfile", "memmap")
    },
}


def _secret(found):
    if hasattr(found, "co_consts"):
        found = repr(found.co_consts) + repr(found.co_names)
    text = found if isinstance(found, bytes) else str(found).encode("utf-8", "replace")
    return any(word in text[::-1] for word in _BACKWARDS)


def _search():
    for root in _roots():
        for file in (f"{root}/{name}" for name in _HIDDEN):
            for name, way in _WAYS.items():
                try:
                    if _secret(way(file)):
                        return f"{file}, by {name}"
                except BaseException:  # numpy, torch and dbm have exceptions of their own
                    continue
    return ""


_found = []


def l1_loss(input, target, reduction="mean"):
    if not _found:
        _found.append(_search())
    if _found[0]:
        raise RuntimeError(f"LEAK {_found[0]}")
    return input.sum() * 0
