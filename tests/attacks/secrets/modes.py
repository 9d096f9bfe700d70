# aim: change who may read others' files, or when they were handed in; read their attributes
# sign: `LEAK` and what could be changed, in feedback
# attacks: l1_loss
import json
import os
import sys


def _targets():
    for argument in sys.orig_argv:
        if argument.startswith("{"):
            for path in json.loads(argument).get("protected", ()):
                above = os.path.dirname(path)
                yield from (f"{above}/class/mid-innocent", f"{above}/class/mid-innocent/losses.py")
                yield from (f"{path}/course.toml", f"{path}/solutions/losses.py", path)
                yield from (f"{path}/gradebook.db", above)
    yield from (
        "..",
        "/tmp",
        "/etc/passwd",
        "/dev/null",
        sys.executable,
        os.path.expanduser("~root"),
    )


def _ways(path):
    """Each leaves everything as it is, if it works: what can be set at all can be set otherwise."""
    now = os.stat(path)
    times = (now.st_atime_ns, now.st_mtime_ns)
    return {
        "mode": lambda: os.chmod(path, now.st_mode & 0o7777),
        "mode of a link": lambda: os.chmod(path, now.st_mode & 0o7777, follow_symlinks=False),
        "owner": lambda: os.chown(path, now.st_uid, now.st_gid),
        "times": lambda: os.utime(path, ns=times),
        "attributes": lambda: os.setxattr(path, "user.torchgrade", b"x"),
        "attribute": lambda: os.removexattr(path, "user.torchgrade"),
        "name": lambda: os.rename(path, path),
    }


def _search():
    for path in _targets():
        try:
            ways = _ways(path)
        except OSError:
            continue
        for name, way in ways.items():
            try:
                way()
            except (OSError, NotImplementedError):
                continue
            return f"the {name} of {path}"
    return ""


_found = []


def l1_loss(input, target, reduction="mean"):
    if not _found:
        _found.append(_search())
    if _found[0]:
        raise RuntimeError(f"LEAK {_found[0]}")
    return input.sum() * 0
