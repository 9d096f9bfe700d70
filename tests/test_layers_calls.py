"""The list of system calls alone stops what Landlock and rlimits have no say about.

Each of these works for a process of the same user without the list, which is what a sandbox of an
ordinary user's grader is. How they are tried is in confined.py.
"""

from __future__ import annotations

import platform
import signal
from dataclasses import replace

import pytest
from confined import Case, Trial, tried
from users import as_params

LIST = "no-new-privileges seccomp"  # without the first an ordinary user can have no second


def calls(*arguments: str, before: str = "", after: str = "None") -> Case:
    """One system call, by `call`'s arguments."""
    return Case(LIST, f"call({', '.join(arguments)}); result = 'happened'", before, after)


LIMIT_FOR_VICTIM = (
    "limit = struct.pack('QQ', 1, resource.prlimit(victim, resource.RLIMIT_CPU)[1] % 2**64)"
)
SCHEDULE = "parameter = struct.pack('i', 0)"

# on others: processes, and what else the user owns
REACHING = {
    "limits": calls("'prlimit64'", "victim", "0", "limit", "None", before=LIMIT_FOR_VICTIM),
    "limits that are read": calls("'prlimit64'", "victim", "0", "None", "ctypes.c_buffer(16)"),
    "processors": calls("'sched_setaffinity'", "victim", "8", "struct.pack('Q', 1)"),
    "scheduler": calls("'sched_setscheduler'", "victim", "3", "parameter", before=SCHEDULE),
    "scheduler's attributes": calls(
        "'sched_setattr'", "victim", "struct.pack('IIQiIQQQ', 48, 3, 0, 0, 0, 0, 0, 0)", "0"
    ),
    "priority": calls("'setpriority'", "0", "victim", "19"),
    "priority of all of the user's": calls("'setpriority'", "2", "0", "0"),
    "priority at the disk": calls("'ioprio_set'", "1", "victim", "(3 << 13)"),
    "signals": calls("'kill'", "victim", "0"),
    "queued signals": calls("'tgkill'", "victim", "victim", "0"),
    "a pidfd": calls("'pidfd_open'", "victim", "0"),
    "memory that is read": calls(
        "'process_vm_readv'",
        "victim",
        "pair",
        "1",
        "pair",
        "1",
        "0",
        before="text = ctypes.c_buffer(8); pair = struct.pack('QQ', ctypes.addressof(text), 8)",
    ),
    "tracing": calls("'ptrace'", "0x4206", "victim", "0", "0"),
    "comparing": calls("'kcmp'", "os.getpid()", "victim", "0", "0", "0"),
    "locks of its threads": calls(
        "'get_robust_list'", "victim", "ctypes.c_buffer(8)", "ctypes.c_buffer(8)"
    ),
    "pages": calls("'migrate_pages'", "victim", "64", "struct.pack('Q', 1)", "struct.pack('Q', 1)"),
    "signals by a descriptor": calls(
        "'fcntl'", "channel.fileno()", "8", "victim"
    ),  # F_SETOWN: whoever is named is told of input
    "a folder that is watched": calls("'inotify_init1'", "0"),
    "a folder that is watched, the old way": calls(
        "'fcntl'", "folder", "1026", "0x4", before="folder = os.open('..', os.O_RDONLY)"
    ),
    "shared memory": calls(
        "'shmat'",
        "number",
        "0",
        "0o10000",
        before="number = call('shmget', 0, 4096, 0o1600)\n"
        "held = call('shmat', number, 0, 0); call('shmctl', number, 0, 0)",
    ),
    "queues": Case(LIST, "call('msgctl', call('msgget', 0, 0o1600), 0, 0); result = 'happened'"),
    "semaphores": Case(
        LIST, "call('semctl', call('semget', 0, 1, 0o1600), 0, 0, 0); result = 'happened'"
    ),
    "handles of files": calls(
        "'name_to_handle_at'",
        "-100",
        "bytes(outside)",
        "handle",
        "number",
        "0",
        before="handle = ctypes.create_string_buffer(struct.pack('Ii', 128, 0), 136)\n"
        "number = ctypes.c_buffer(8)",
    ),
}
# what leads out of the process, or into rarely used parts of the kernel
OUTWARD = {
    "a process": Case(LIST, "os.fork() or os._exit(0); result = 'happened'"),
    "a process by vfork": Case(LIST, "result = subprocess.run(['/bin/true']).returncode"),
    "a program": Case(LIST, "os.execv('/bin/echo', ['echo'])", after="1"),
    "a socket": Case(LIST, "socket.socket(); result = 'happened'"),
    "a datagram": Case(LIST, "socket.socket(type=socket.SOCK_DGRAM); result = 'happened'"),
    "a pair": Case(LIST, "socket.socketpair(); result = 'happened'"),
    "descriptors to the examiner": Case(
        LIST, "socket.send_fds(channel, [b' '], [0]); result = 'happened'"
    ),
    "urgent bytes": Case(LIST, "channel.send(b' ', socket.MSG_OOB); result = 'happened'"),
    "io_uring": calls("'io_uring_setup'", "1", "ctypes.c_buffer(120)"),
    "a filter of its own": calls("'seccomp'", "2", "0", "ctypes.c_buffer(16)"),
    "asking for filters": calls("'seccomp'", "2", "0", "None"),
    "Landlock": calls("'landlock_create_ruleset'", "None", "0", "1"),
    "memory without a name": calls("'memfd_create'", "b'name'", "0"),
    "keys": calls("'keyctl'", "0", "-3", "1"),
    "personality": calls("'personality'", "0x0040000"),
    "outliving the server": calls("'prctl'", "1", "0", "0", "0", "0"),
    "being read again": calls("'prctl'", "4", "1", "0", "0", "0"),
    "a session": calls("'setsid'"),
    "a timer": calls("'timer_create'", "0", "None", "ctypes.c_buffer(8)"),
    "moving pipes": calls(
        "'tee'",
        "a",
        "b",
        "1",
        "0",
        before="(a, c), (_, b) = os.pipe(), os.pipe(); os.write(c, b'x')",
    ),
    "a terminal's line": calls("'ioctl'", "0", "0x5412", "b'x'"),
    "flags of a file": calls(
        "'ioctl'",
        "file",
        "0x80086601",
        "ctypes.c_buffer(8)",
        before="file = os.open(outside, os.O_RDONLY)",
    ),
    "unwanted cores": Case(
        LIST, "resource.setrlimit(resource.RLIMIT_CORE, (0, 0)); result = 'happened'"
    ),
}
# The control of these fails too, for want of an argument or of a right: but not in the same way.
FAILS_OTHERWISE = {"asking for filters", "a terminal's line"}
# Some machines refuse these to everybody, by a setting of their own.
MAY_BE_CLOSED = {"tracing", "memory that is read", "comparing", "io_uring", "handles of files"}
# Stopped by pretending: shutil.copy must go on working.
PRETENDED = {
    "mode": Case(
        LIST, "os.chmod(outside, 0); result = 'happened'", after="outside.stat().st_mode & 0o777"
    ),
    "mode by descriptor": Case(
        LIST,
        "os.fchmod(file, 0); result = 'happened'",
        "file = os.open(outside, os.O_RDONLY)",
        "outside.stat().st_mode & 0o777",
    ),
    "times": Case(
        LIST, "os.utime(outside, (0, 0)); result = 'happened'", after="outside.stat().st_mtime > 1"
    ),
    "a lock that others wait for": Case(
        LIST,
        "fcntl.flock(file, fcntl.LOCK_EX); result = 'happened'; time.sleep(0)\n"
        "locks = [l for l in open('/proc/locks') if f' {os.getpid()} ' in l]\n"
        "result = len(locks)",
        "file = os.open(outside, os.O_RDONLY)",
    ),
}
NEVER_DONE = {
    "owner": Case(LIST, "os.chown(outside, os.getuid(), os.getgid()); result = 'happened'"),
    "attributes": Case(LIST, "os.setxattr(outside, 'user.mark', b''); result = 'happened'"),
    "attributes that are read": Case(LIST, "os.listxattr(outside); result = 'happened'"),
    "time of a file, now": Case(LIST, "os.utime(outside); result = 'happened'"),
}
# 20 is getpid in the table of 32-bit calls and 39 in the other: b8 is `mov eax`, c3 is `ret`.
FOREIGN = {
    "32 bits": Case(LIST, "result = machine_code(b'\\xb8\\x14\\0\\0\\0\\xcd\\x80\\xc3') > 0"),
    "x32": Case(LIST, "result = machine_code(b'\\xb8\\x27\\0\\0\\x40\\x0f\\x05\\xc3') != 0"),
}
WORKING = {
    "copying": "Path('a').write_text('a'); shutil.copy('a', 'b'); shutil.copy2('a', 'c')\n"
    "os.mkdir('d'); shutil.copy('a', 'd'); shutil.copytree('d', 'e'); shutil.move('e', 'f')\n"
    "result = sorted(os.listdir())",
    "touching": "Path('a').touch(); result = Path('a').exists()",
    "temporary files": "import tempfile\n"
    "tempfile.TemporaryFile(dir='.').write(b'text')\n"
    "with tempfile.TemporaryDirectory(dir='.') as folder: Path(folder, 'a').touch()\n"
    "result = os.listdir()",
    "threads": "from concurrent.futures import ThreadPoolExecutor\n"
    "with ThreadPoolExecutor(4) as pool: result = sum(pool.map(len, ['a'] * 100))",
    "a data base": "import sqlite3\n"
    "base = sqlite3.connect('base'); base.execute('create table t (x)')\n"
    "base.execute('insert into t values (1)'); base.commit()\n"
    "result = base.execute('select * from t').fetchall()",
    "archives": "shutil.make_archive('a', 'gztar', '.'); import zipfile\n"
    "zipfile.ZipFile('a.zip', 'w').writestr('x', 'y'); result = sorted(os.listdir())",
    "limits of its own": "old = resource.getrlimit(resource.RLIMIT_NOFILE)\n"
    "resource.setrlimit(resource.RLIMIT_NOFILE, (100, old[1]))\n"
    "result = resource.getrlimit(resource.RLIMIT_NOFILE)[0]",
    "processors of its own": "os.sched_setaffinity(0, os.sched_getaffinity(0))\n"
    "result = os.nice(1) > 0",
    "clocks": "time.sleep(0.001); time.monotonic(); time.thread_time(); result = time.time() > 0",
    "alarms": "def late(*_): raise TimeoutError\n"
    "signal.signal(signal.SIGALRM, late)\n"
    "try:\n    signal.setitimer(signal.ITIMER_REAL, 0.01)\n    while True: signal.pause()\n"
    "except TimeoutError: result = True",
    "selecting": "import select, selectors\n"
    "a, b = os.pipe(); os.write(b, b'x'); result = select.select([a], [], [], 1)[0] == [a]\n"
    "with selectors.DefaultSelector() as s: s.register(a, 1); s.select(0)",
    "the channel": "channel.sendall(b''); channel.setblocking(False)\n"
    "try: channel.recv(1)\nexcept BlockingIOError: result = True",
    "what the system says": "import platform, locale, getpass, uuid, secrets\n"
    "platform.node(); uuid.uuid4(); secrets.token_hex(); shutil.disk_usage('.')\n"
    "shutil.get_terminal_size(); result = bool(os.uname()) and not os.isatty(0)",
    "memory that is mapped": "import mmap\n"
    "m = mmap.mmap(-1, 1 << 16); m.write(b'x'); m.madvise(mmap.MADV_DONTNEED); m.resize(1 << 17)\n"
    "result = len(m)",
    "late imports": "import asyncio, decimal, csv, sqlite3, xml.dom.minidom, unittest, turtledemo\n"
    "result = True",
}
# Where a GPU's driver needs calls that nobody has listed, the list is one of what is refused.
WITH_A_GPU = {
    name: {**REACHING, **OUTWARD, **NEVER_DONE}[name]
    for name in (
        *("limits", "limits that are read", "processors", "scheduler", "scheduler's attributes"),
        *("priority", "priority of all of the user's", "priority at the disk", "signals"),
        *(
            "tracing",
            "shared memory",
            "a folder that is watched",
            "a process",
            "a process by vfork",
        ),
        *("a program", "a socket", "descriptors to the examiner", "io_uring", "keys", "owner"),
    )
}
ALL = {
    **REACHING, **OUTWARD, **NEVER_DONE, **PRETENDED,
    **{f"GPU: {name}": replace(case, gpu=True) for name, case in WITH_A_GPU.items()},
    **{f"works: {name}": Case(LIST, text) for name, text in WORKING.items()},
}  # fmt: skip
if platform.machine() == "x86_64":
    ALL |= FOREIGN

Tried = dict[str, tuple[Trial, Trial]]


@pytest.fixture(scope="module", params=as_params())
def found(request: pytest.FixtureRequest) -> Tried:
    return tried(request.param, ALL)


@pytest.mark.parametrize("name", [*REACHING, *OUTWARD, *NEVER_DONE])
def test_the_list_alone_refuses_it(found: Tried, name: str) -> None:
    control, trial = found[name]
    assert trial.raised in {"EPERM", "ENOSYS", "ENOTSUP", "EINVAL"}, trial
    if name in MAY_BE_CLOSED and control.raised in {"EPERM", "ENOSYS"}:
        pytest.skip("this machine refuses it to everybody")
    if name in FAILS_OTHERWISE:
        assert control.raised not in {"", trial.raised}, control
    else:
        assert not control.raised, control


@pytest.mark.parametrize("name", WITH_A_GPU)
def test_the_list_for_a_gpu_refuses_it_too(found: Tried, name: str) -> None:
    assert found[f"GPU: {name}"][1].raised in {"EPERM", "ENOSYS"}


@pytest.mark.parametrize("name", PRETENDED)
def test_the_list_alone_pretends_it(found: Tried, name: str) -> None:
    control, trial = found[name]
    assert not control.raised and not trial.raised
    assert (control.gave, control.after) != (trial.gave, trial.after)


@pytest.mark.skipif(platform.machine() != "x86_64", reason="machine code of one architecture")
@pytest.mark.parametrize("name", FOREIGN)
def test_a_call_of_another_architecture_ends_the_process(found: Tried, name: str) -> None:
    control, trial = found[name]
    assert (control.gave, control.signal) in {("True", 0), ("", signal.SIGSEGV)}  # if it has none
    assert trial.gave == ""
    assert trial.signal == (signal.SIGSYS if control.gave else control.signal)


@pytest.mark.parametrize("name", WORKING)
def test_what_submissions_need_goes_on_working(found: Tried, name: str) -> None:
    control, trial = found[f"works: {name}"]
    assert not control.raised, control
    assert trial.gave == control.gave
