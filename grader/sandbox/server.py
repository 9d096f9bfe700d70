"""The sandbox server: torch imported and used once, forked for each exercise of each submission.

Exercises that need more, of torch or beside it, get forks of a server in which that is warm too,
itself a fork of this one (`tiers.py`). So this one says hello as soon as it can do what most need.

It imports torch, probes and this package, and never a check, a solution or a submission.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgpack
import torch

from grader.sandbox import calls
from grader.sandbox.confine import (
    FIRST_UID,
    Confinement,
    ConfinementError,
    die_with_parent,
    prepare_layers,
    readable_paths,
)
from grader.sandbox.cut import LayoutError
from grader.sandbox.files import share
from grader.sandbox.forkserver import ForkServer
from grader.sandbox.greeting import heard, tell
from grader.sandbox.refuse import UNREADABLE, refuse
from grader.sandbox.removal import begin_removal, remove_tree
from grader.sandbox.tiers import Tier, Tiers, tiers_of
from grader.sandbox.view import UnreachableError, open_view, python_folders
from grader.sandbox.warm import MissingModuleError, require, warm_modules, warm_torch
from grader.sandbox.worker import Settings, Teller, devices_of, enter, forget_the_grader, serve

_SYSTEM = [
    *("/usr/lib", "/usr/lib64", "/lib", "/lib64", "/usr/local/lib", "/etc/ld.so.cache"),
    *("/etc/localtime", "/usr/share/zoneinfo", "/dev/null", "/dev/zero", "/dev/urandom"),
]
_USERS = 4096
_FEW = 20  # sandboxes; where more are asked for, it pays to make forks cheap first
_GPU = ["/proc", "/sys", "/usr/local/cuda", "/usr/local/nvidia", "/run/nvidia-persistenced"]


def serve_sandboxes(hello: socket.socket, control: socket.socket) -> None:
    """Warm torch, try the confinement once, say hello, and fork until the clients are gone."""
    given = heard(hello)
    if given is None:  # there is nothing to do, or nobody is left to say what
        return
    try:
        settings = prepare(given)
        layers = self_test(settings)
    except (
        ConfinementError,
        UnreachableError,
        NoDeviceError,
        MissingModuleError,
        LayoutError,
    ) as error:
        tell(hello, {"error": str(error)})
        return
    # What held once holds in every sandbox, or there is none: so the run can say it of all.
    confinement = replace(settings.confinement, required=frozenset(layers))
    settings = replace(settings, confinement=confinement)
    tiers, forbidden, refused = tiers_of(given), given["forbidden"], given["refused"]
    del given  # a sandbox can read what is kept here
    uids = _Uids()

    def serve_tier(number: int, tier: Tier, control: socket.socket) -> None:
        warm_modules(tier.modules, forbidden, devices_of(settings.device))
        with Tiers(tiers, tier.name, serve_tier, [control]) as beside:
            own = uids.part(number, len(tiers) + 1)
            _Server(settings, own, refused, tier.name).serve(control, beside.controls)

    with Tiers(tiers, "", serve_tier, [control, hello]) as beside:
        tell(hello, {"layers": layers, "torch": torch.__version__})
        hello.close()
        own = uids.part(0, len(tiers) + 1)
        _Server(settings, own, refused).serve(control, beside.controls)


class _Server:
    """Forks sandboxes until nobody is left to ask for one.

    Once it has been asked for many, those in which something is refused come from branches, forks
    of it that refuse that already: to refuse takes about as long as to fork.
    """

    def __init__(
        self, settings: Settings, uids: _Uids, refused: Sequence[Sequence[str]], name: str = ""
    ) -> None:
        """`refused` are the names that each branch refuses, which is called by its number."""
        self._settings = settings
        self._refused = refused
        self._name = name
        self._uids = [uids.part(number, len(refused) + 1) for number in range(len(refused) + 1)]
        self._settled = False

    def serve(self, control: socket.socket, others: Mapping[str, socket.socket]) -> None:
        """`others` are the control sockets of further servers, by name."""
        server = self._forking(
            control, -1, Teller(), others=others, name=self._name, branches=self._branch
        )
        forget_the_grader()
        if server.run(forks=_FEW):
            server.settle()
            self._settled = True
            server.run()

    def _forking(
        self, control: socket.socket, part: int, teller: Teller, **more: Any
    ) -> ForkServer:
        """What forks sandboxes, each for the next user of a part of this server's."""
        uids = self._uids[part]
        return ForkServer(
            control,
            lambda channel: serve(channel, uids.of_next, self._settings, teller),
            lambda pid: begin_removal(self._settings.folder / str(pid)),
            before_fork=uids.advance,
            **more,
        )

    def _branch(self, branch: str) -> Callable[[socket.socket], None] | None:
        """What a fork of this process does as a branch of it; None while that would not pay."""
        if not (self._settled and branch.isdecimal() and int(branch) < len(self._refused)):
            return None
        return lambda control: self._serve_refusing(control, int(branch))

    def _serve_refusing(self, control: socket.socket, branch: int) -> None:
        try:
            die_with_parent()
            teller, devices = Teller(), devices_of(self._settings.device)
            undo = _refuse_for_good(self._refused[branch], teller, devices)
            name = f"{self._name}/{branch}"
            server = self._forking(control, branch, teller, name=name, attached=undo)
            server.run()  # what it was forked from has settled: to do it again saves nothing
        except Exception as error:  # who asks it for a sandbox hears only that it has ended
            print(f"grader: {error}", file=sys.stderr, flush=True)
            raise


def _refuse_for_good(names: Sequence[str], teller: Teller, devices: Sequence[str]) -> int:
    """Refuse names in this process and all forks of it; the file that tells how to undo it.

    No sandbox has that file, which is for clients of this server, and nothing here keeps what is
    in it.
    """
    file = os.memfd_create("undo", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    with open(file, "wb", closefd=False) as writing:
        writing.write(msgpack.packb(refuse(names, teller, devices)))
    fcntl.fcntl(
        file, fcntl.F_ADD_SEALS, fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK
    )
    return file


class _Uids:
    """A user for each sandbox, so that no two that run side by side share one."""

    def __init__(self, first: int = FIRST_UID, step: int = 1) -> None:
        """Every so many-th from a first one on."""
        self._first = first
        self._step = step
        self._turn = 0

    def part(self, number: int, of: int) -> _Uids:
        """Those of one of so many servers that share these; numbered from 0."""
        return _Uids(self._first + number * self._step, self._step * of)

    @property
    def of_next(self) -> int:
        return self._first + self._turn * self._step

    def advance(self) -> None:
        self._turn = (self._turn + 1) % (_USERS // self._step)


class NoDeviceError(Exception):
    """The device that was asked for is not on this machine."""


def prepare(given: dict[str, Any]) -> Settings:
    """Warm torch and settle what the sandboxes may read."""
    # Asking CUDA itself would start it here, and no fork could use it any more.
    os.environ["PYTORCH_NVML_BASED_CUDA_CHECK"] = "1"
    if given["device"] == "cuda" and not torch.cuda.is_available():
        raise NoDeviceError("--device cuda: torch finds no GPU on this machine; leave it out")
    torch.set_num_threads(1)
    prepare_layers(given["device"] == "cuda")
    with contextlib.suppress(ImportError, RuntimeError, OSError):  # the calls are refused anyway
        calls.leave_keyrings()
    require(given["imports"])
    warm_torch(given["forbidden"], devices_of(given["device"]))
    return Settings(
        Path(given["folder"]),
        _confinement(given),
        given["level"],
        given["device"],
    )


def _confinement(given: dict[str, Any]) -> Confinement:
    """What the sandboxes may use and read: Python, torch, the system's libraries, no course."""
    roots = python_folders()
    if os.getuid() == 0 and given["level"] != "off":
        open_view(roots)
    gpu = given["device"] == "cuda"
    roots += [Path(path) for path in [*_SYSTEM, *(_GPU if gpu else [])]]
    protected = [Path(path) for path in given["protected"]]
    # A second copy of these modules would be code that nobody has replaced.
    protected += [Path(path) for name in UNREADABLE for path in sys.modules[name].__path__]
    readable = readable_paths(roots, [*protected, Path(__file__).parent.parent])
    devices = tuple(sorted(Path("/dev").glob("nvidia*")) if gpu else ())
    shared = None
    with contextlib.suppress(ImportError, OSError):  # every sandbox meets it again, and says so
        shared = share(readable, devices, roots, Path(given["folder"]))
    return Confinement(
        readable=readable,
        memory_bytes=given["memory_mib"] << 20,
        file_bytes=given["file_mib"] << 20,
        cpu_seconds=given["cpu_seconds"],
        devices=devices,
        shared=shared,
    )


def self_test(settings: Settings) -> list[str]:
    """Confine a child once; returns the layers that held, ConfinementError where strict fails."""
    ours, childs = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        report: dict[str, object] = {"error": "the process ended"}
        try:
            report = {"layers": enter(childs, FIRST_UID, settings)}
        except ConfinementError as error:
            report = {"error": str(error)}
        except OSError as error:
            report = {"error": f"{error.strerror}: {error.filename}"}
        finally:
            childs.sendall(json.dumps(report).encode())
            os._exit(0)
    childs.close()
    with ours:
        ours.settimeout(60)
        data = ours.recv(1 << 16)
    os.waitpid(pid, 0)
    remove_tree(settings.folder / str(pid))
    said: dict[str, Any] = json.loads(data) if data else {"error": "the confined process died"}
    if "error" in said:
        raise ConfinementError(str(said["error"]))
    layers: list[str] = said["layers"]
    return layers
