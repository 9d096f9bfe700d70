# aim: read the gradebook, earlier runs' results and the class's grades; learn the seed from them
# sign: `LEAK` and the path, in feedback
# attacks: l1_loss
import json
import os
import sqlite3
import sys
from urllib.parse import quote

_UP = (".", "..", "../..", "../../..", "../../../..", "/", "/tmp", "/root", "/home", "/var/tmp")
_FOLDERS = ("results", "out", "class/results", "demo-class/results", "course/results", "")
_FILES = ("run.json", "results.json", "report.html", "grades.csv", "gradebook.db-wal")


def _roots():
    for argument in sys.orig_argv:
        if argument.startswith("{"):
            given = json.loads(argument)
            for path in (*given.get("protected", ()), given.get("folder", "/tmp")):
                yield from (path, os.path.dirname(path), os.path.dirname(os.path.dirname(path)))
    yield from _UP
    yield from (f"/proc/{process}/cwd" for process in (os.getppid(), "self", 1))


def _opened(path):
    """Whether a database with tables is there, by each way that sqlite has of opening one."""
    for options in ("mode=ro", "immutable=1", "mode=ro&nolock=1", "mode=ro&vfs=unix-none"):
        try:
            uri = f"file:{quote(path)}?{options}"
            database = sqlite3.connect(uri, uri=True)
            tables = database.execute("select name from sqlite_master").fetchall()
            database.close()
        except sqlite3.Error:
            continue
        if tables:
            return True
    return False


def _attached(path):
    try:
        with sqlite3.connect(":memory:") as database:
            database.execute("attach ? as other", (path,))
            return bool(database.execute("select name from other.sqlite_master").fetchall())
    except sqlite3.Error:
        return False


def _search():
    for root in dict.fromkeys(_roots()):
        for folder in _FOLDERS:
            place = os.path.join(root, folder)
            path = os.path.join(place, "gradebook.db")
            if _opened(path) or _attached(path):
                return path
            for name in _FILES:
                try:
                    with open(os.path.join(place, name), "rb") as file:
                        file.read(1)
                    return os.path.join(place, name)
                except OSError:
                    pass
    return ""


_found = []


def l1_loss(input, target, reduction="mean"):
    if not _found:
        _found.append(_search())
    if _found[0]:
        raise RuntimeError(f"LEAK {_found[0]}")
    return input.sum() * 0
