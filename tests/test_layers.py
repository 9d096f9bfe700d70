"""Each layer alone stops what it is for; without it, the very same thing happens.

How these are tried is in confined.py. A case gives a value where the thing happened, and the
error's name where it was stopped.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from confined import Case, Trial, tried
from conftest import ROOT
from users import USER, as_each_user, as_params, command_as, home_of, needs_root

WORKS = "result = 'happened'"

# for both users
LIMITS = {
    "memory": Case("rlimits", f"bytearray(1 << 30); {WORKS}"),
    "the size of a file": Case(
        "rlimits",
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        f"Path('large').write_bytes(bytes(2 << 20)); {WORKS}",
    ),
    "descriptors": Case("rlimits", f"held = [os.dup(0) for _ in range(300)]; {WORKS}"),
    "raising a limit again": Case(
        "rlimits",
        "limit = resource.RLIMIT_NOFILE\n"
        f"resource.setrlimit(limit, (1000, resource.getrlimit(limit)[1])); {WORKS}",
    ),
}
LANDLOCK = {
    "reading": Case("landlock", "result = outside.read_text()"),
    "reading of the system's": Case("landlock", "result = bool(Path('/etc/passwd').read_text())"),
    "reading /proc": Case("landlock", "result = bool(os.listdir('/proc'))"),
    "reading memory": Case("landlock", "open(f'/proc/{victim}/mem', 'rb'); result = 'happened'"),
    "writing": Case("landlock", "outside.write_text('other'); result = 'happened'"),
    "cutting": Case("landlock", "os.truncate(outside, 0); result = 'happened'"),
    "removing": Case("landlock", "outside.unlink(); result = 'happened'"),
    "making": Case("landlock", "outside.with_name('new').mkdir(); result = 'happened'"),
    "moving out": Case(
        "landlock", "Path('mine').touch(); os.rename('mine', outside); result = 'happened'"
    ),
    "linking in": Case(
        "landlock",
        "os.link(outside, 'mine'); result = open('mine').read()",
        "assert outside.stat()",
    ),
    "listing": Case("landlock", "result = bool(os.listdir('..'))"),
    "shared memory": Case(
        "landlock",
        "name = f'/dev/shm/torchgrade-test-{os.getpid()}'\n"
        "os.close(os.open(name, os.O_CREAT | os.O_EXCL)); os.unlink(name); result = 'happened'",
    ),
    "a program of its own": Case(
        "landlock",
        "result = subprocess.run(['./true']).returncode",
        "shutil.copy('/bin/true', 'true')",
    ),
    "binding TCP": Case("landlock", "socket.socket().bind(('127.0.0.1', 0)); result = 'happened'"),
    "connecting TCP": Case(
        "landlock",
        "socket.create_connection(listener.getsockname()); result = 'happened'",
        "listener = socket.create_server(('127.0.0.1', 0))",
    ),
    "abstract sockets": Case(
        "landlock",
        "end = socket.socket(socket.AF_UNIX); end.connect(name); result = 'happened'",
        # Another process listens: Landlock minds only sockets from before the confinement.
        "listener = socket.socket(socket.AF_UNIX)\n"
        "name = f'\\0torchgrade-test-{os.getpid()}'; listener.bind(name); listener.listen()",
    ),
    "signals": Case("landlock", "os.kill(victim, signal.SIGUSR1); result = 'happened'"),
    "tracing": Case("landlock", "call('ptrace', 0x4206, victim, 0, 0); result = 'happened'"),
}

# for root alone
ROOTS = {
    "capabilities: another's file": Case(
        "capabilities",
        "result = outside.read_text()",
        "os.chown(outside, 1, 1); os.chmod(outside, 0)",
    ),
    "capabilities: another's owner": Case(
        "capabilities", "os.chown(outside, 1, 1); result = 'happened'"
    ),
    "capabilities: becoming somebody": Case("capabilities", "os.setuid(1); result = 'happened'"),
    "capabilities: mounting": Case("capabilities", "call('chroot', b'.'); result = 'happened'"),
    "capabilities: by a program of root's": Case(
        "capabilities",
        "status = subprocess.run(['cat', '/proc/self/status'], capture_output=True, text=True)\n"
        "effective = next(l for l in status.stdout.splitlines() if l.startswith('CapEff'))\n"
        "result = bool(int(effective.split()[1], 16))",
    ),
    "uid: root's file": Case("uid", "result = outside.read_text()", "os.chmod(outside, 0o600)"),
    "uid: root's processes": Case("uid", "os.kill(victim, signal.SIGUSR1); result = 'happened'"),
    "uid: becoming root again": Case("uid", "os.setuid(0); result = 'happened'"),
    "processes": Case(
        "rlimits",
        "os.setresuid(61111, 61111, 61111)\n"
        "go = threading.Event()\n"
        "threads = [threading.Thread(target=go.wait, daemon=True) for _ in range(150)]\n"
        "try:\n    [thread.start() for thread in threads]\nfinally:\n    go.set()\n"
        "result = 'happened'",
        "threading.stack_size(1 << 16)",
    ),
}
SETUID = Case(
    "no-new-privileges",
    "result = subprocess.run(['./id', '-u'], capture_output=True, text=True).stdout.strip()",
    "shutil.copy('/usr/bin/id', 'id'); os.chmod('id', 0o4755)\n"
    f"os.chmod('.', 0o755); os.setresuid({USER}, {USER}, {USER})",
)
CORE = Case("rlimits", "result = resource.getrlimit(resource.RLIMIT_CORE)")

Tried = dict[str, tuple[Trial, Trial]]


@pytest.fixture(scope="module", params=as_params())
def anybodys(request: pytest.FixtureRequest) -> Tried:
    return tried(request.param, {**LIMITS, **LANDLOCK, "core": CORE})


@pytest.fixture(scope="module")
def roots() -> Tried:
    return tried("root", {**ROOTS, "setuid": SETUID})


@pytest.mark.parametrize("name", [*LIMITS, *LANDLOCK])
def test_a_layer_alone_stops_what_it_is_for(anybodys: Tried, name: str) -> None:
    if name in ("tracing", "reading memory") and anybodys[name][0].raised in ("EPERM", "EACCES"):
        pytest.skip("this machine lets no ordinary user trace anything but its own children")
    assert_stopped(*anybodys[name])


@needs_root
@pytest.mark.parametrize("name", ROOTS)
def test_a_layer_of_roots_alone_stops_what_it_is_for(roots: Tried, name: str) -> None:
    control, trial = roots[name]
    if name == "capabilities: by a program of root's":
        assert (control.gave, trial.gave) == ("True", "False")
    else:
        assert_stopped(control, trial)


@needs_root
def test_a_setuid_program_of_roots_gains_nothing(roots: Tried) -> None:
    control, trial = roots["setuid"]
    assert (control.gave, trial.gave) == ("'0'", f"'{USER}'")


def test_no_core_is_dumped_not_even_to_a_program(anybodys: Tried) -> None:
    """The kernel pipes one for a limit of 0, and for none but that of 1 it does not: core(5)."""
    assert anybodys["core"][1].gave == "(1, 1)"


@as_each_user
def test_the_kernel_ends_a_loop_for_which_no_examiner_is_left(who: str) -> None:
    # 1 s and 2 s are what the layer sets; the control, which has more, answers.
    burn = "while time.process_time() < 2.5: pass\nresult = 'happened'"
    ignore = "signal.signal(signal.SIGXCPU, signal.SIG_IGN)\n"
    found = tried(who, {"loop": Case("rlimits", burn), "caught": Case("rlimits", ignore + burn)})
    assert {control.gave for control, _ in found.values()} == {"'happened'"}
    assert found["loop"][1].signal == signal.SIGXCPU
    assert found["caught"][1].signal == signal.SIGKILL


@as_each_user
def test_a_sandbox_has_no_descriptor_and_no_variable_but_its_own(who: str) -> None:
    """By the very function that every sandbox begins with, before any layer."""
    with home_of(who) as home:
        done = subprocess.run(
            command_as(who, [sys.executable, "-c", ENTERING, home], home),
            env={**os.environ, "GRADER_CANARY": "CANARY"},
            capture_output=True,
            text=True,
            timeout=200,
        )
    assert done.returncode == 0, done.stderr
    before, after = json.loads(done.stdout)
    assert before["secret"] == "secret"
    assert before["variables"]["GRADER_CANARY"] == "CANARY"
    assert after["secret"] == "OSError"
    assert sorted(after["variables"]) == ["HOME", "TMPDIR"]
    assert after["open"] == [0, 1, 2, after["channel"]]
    assert after["standard"] == ["/dev/null"] * 3


ENTERING = """
import json, os, socket, sys
from pathlib import Path
from grader.sandbox.confine import Confinement
from grader.sandbox.worker import Settings, enter

home = Path(sys.argv[1])
home.joinpath("secret").write_text("secret")
secret = os.open(home / "secret", os.O_RDONLY)
os.set_inheritable(secret, True)
ours, channel = socket.socketpair()

def look():
    def read():
        try:
            return os.pread(secret, 100, 0).decode()
        except OSError:
            return "OSError"
    return {
        "secret": read(), "variables": dict(os.environ), "channel": channel.fileno(),
        "open": [n for n in range(512) if os.path.lexists(f"/proc/self/fd/{n}")],
        "standard": [os.readlink(f"/proc/self/fd/{n}") for n in range(3)],
    }

before = look()
if os.fork() == 0:
    enter(channel, 61000, Settings(home, Confinement((), 0, 0, 0), "off", "cpu"))
    channel.sendall(json.dumps(look()).encode())
    os._exit(0)
channel.close()
os.wait()
after = json.loads(ours.makefile().read())
print(json.dumps([before, after]))
"""


@needs_root
@pytest.mark.parametrize("strict", [True, False])
def test_root_that_cannot_become_another_user_runs_nothing_of_a_students(
    strict: bool, tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", STAYING, str(tmp_path), str(int(strict))],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60,
    )
    assert done.stdout.startswith("ConfinementError: uid: "), done.stdout + done.stderr
    assert "grade as an ordinary user" in done.stdout


# Without the capability to change users, which some containers take away.
STAYING = """
import sys
from pathlib import Path
from grader.sandbox import confine

confine._set_capabilities((1 << 41) - 1 & ~(1 << 7))
confinement = confine.Confinement((Path("/usr"),), 1 << 30, 1 << 20, 60)
try:
    print("held:", confinement.apply(Path(sys.argv[1]), 61000, strict=sys.argv[2] == "1"))
except confine.ConfinementError as error:
    print("ConfinementError:", error)
"""


def assert_stopped(control: Trial, trial: Trial) -> None:
    assert not control.raised, control
    assert control.gave != "", control
    assert trial.raised, trial
