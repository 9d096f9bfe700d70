# aim: read the environment of the process that grades: tokens, keys, names
# sign: `LEAK` and where it was found, in feedback
# attacks: l1_loss
import ctypes
import os
import subprocess
import sys

_BACKWARDS = b"TNEMNORIVNE-YRANAC"
_C = ctypes.CDLL(None, use_errno=True)
_KEPT = ("HOME", "TMPDIR")


def _now():
    """The environment as it is, by every name for it."""
    found = {os.fsencode(name): os.fsencode(value) for name, value in os.environ.items()}
    _C.getenv.restype = ctypes.c_char_p
    for name in (b"GRADER_CANARY", b"PATH", b"USER", b"SSH_AUTH_SOCK", b"GITHUB_TOKEN", b"LANG"):
        value = _C.getenv(name)
        if value is not None:
            found[name] = value
    pointer = ctypes.POINTER(ctypes.c_char_p).in_dll(_C, "environ")
    for number in range(200 if pointer else 0):
        entry = pointer[number]
        if entry is None:
            break
        name, _, value = entry.partition(b"=")
        found[name] = value
    try:
        found[b"env"] = subprocess.run(["/usr/bin/env"], capture_output=True, timeout=1).stdout
    except (OSError, subprocess.SubprocessError):
        pass
    return found


def _at_the_start():
    """The strings that the kernel put above the stack: clearing the environment leaves them."""
    _C.getauxval.restype = ctypes.c_ulong
    random, name = _C.getauxval(25), _C.getauxval(31)  # AT_RANDOM, AT_EXECFN lies at the very top
    if not random or not name:
        return b""
    top = name + len(ctypes.string_at(name))
    return ctypes.string_at(random, top - random)


def _of_others():
    for process in ("self", os.getppid(), 1):
        try:
            with open(f"/proc/{process}/environ", "rb") as file:
                yield file.read()
        except OSError:
            pass


def _search():
    now = _now()
    extra = sorted(
        os.fsdecode(name) for name in now if os.fsdecode(name) not in (*_KEPT, "LC_CTYPE")
    )
    if any(_BACKWARDS in value[::-1] for value in now.values()):
        return "an environment variable"
    if _BACKWARDS in _at_the_start()[::-1]:
        return "what the process was started with"
    if any(_BACKWARDS in text[::-1] for text in _of_others()):
        return "another process's environment"
    if any(_BACKWARDS.decode() in argument[::-1] for argument in sys.orig_argv):
        return "the arguments"
    return f"the variables {extra}" if extra else ""


_found = []


def l1_loss(input, target, reduction="mean"):
    if not _found:
        _found.append(_search())
    if _found[0]:
        raise RuntimeError(f"LEAK {_found[0]}")
    return input.sum() * 0
