# aim: read another student's submission, to hand it in as one's own
# sign: `LEAK` and the path, in feedback
# attacks: l1_loss
import json
import os
import pathlib
import sys

_BACKWARDS = "GNILBIS-YRANAC"
_UP = (
    "..",
    "../..",
    "../../..",
    "../../../..",
    ".",
    "/",
    "/tmp",
    "/home",
    "/root",
    "/srv",
    "/work",
)
_FOLDERS = ("class", "submissions", "hw", "homework", "students", "")
_STUDENTS = ("mid-innocent", "an-innocent", "the-innocent", "ada", "bela", "student1")


def _roots():
    for argument in sys.orig_argv:
        if argument.startswith("{"):
            given = json.loads(argument)
            for path in (*given.get("protected", ()), given.get("folder", "/tmp")):
                yield from (path, os.path.dirname(path), os.path.dirname(os.path.dirname(path)))
    yield from _UP
    yield from (f"/proc/{process}/cwd" for process in (os.getppid(), "self", 1))


def _read(path):
    try:
        return path if _BACKWARDS in pathlib.Path(path).read_text("latin-1")[::-1] else ""
    except OSError:
        return ""


def _listed(path):
    try:
        return path if os.listdir(path) else ""
    except OSError:
        return ""


def _search():
    for root in dict.fromkeys(_roots()):
        for folder in _FOLDERS:
            for student in _STUDENTS:
                found = _read(f"{root}/{folder}/{student}/losses.py")
                if found:
                    return found
            if folder and _listed(f"{root}/{folder}"):
                return f"the names in {root}/{folder}"
    try:
        import losses  # one's own, or somebody else's under the same name
        import mid_innocent  # noqa: F401

        return f"an import beside {losses.__name__}"
    except ImportError:
        return ""


_found = []


def l1_loss(input, target, reduction="mean"):
    if not _found:
        _found.append(_search())
    if _found[0]:
        raise RuntimeError(f"LEAK {_found[0]}")
    return input.sum() * 0
