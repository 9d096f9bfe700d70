"""The sandbox server: torch imported and used once, forked for each exercise of each submission.

Exercises that need more, of torch or beside it, get forks of a server in which that is warm too,
itself a fork of this one (`tiers.py`). So this one says hello as soon as it can do what most need.

It imports torch, probes and this package, and never a check, a solution or a submission.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from grader.sandbox import calls
from grader.sandbox.confine import (
    FIRST_UID,
    Confinement,
    ConfinementError,
    prepare_layers,
    readable_paths,
)
from grader.sandbox.cut import LayoutError
from grader.sandbox.files import share
from grader.sandbox.forkserver import ForkServer
from grader.sandbox.greeting import heard, tell
from grader.sandbox.refuse import UNREADABLE
from grader.sandbox.removal import begin_removal, remove_tree
from grader.sandbox.tiers import Tier, Tiers, tiers_of
from grader.sandbox.view import UnreachableError, open_view, python_folders
from grader.sandbox.warm import MissingModuleError, require, warm_modules, warm_torch
from grader.sandbox.worker import Settings, devices_of, enter, forget_the_grader, serve

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
    tiers, forbidden = tiers_of(given), given["forbidden"]
    del given  # a sandbox can read what is kept here
    servers = len(tiers) + 1

    def serve_tier(number: int, tier: Tier, control: socket.socket) -> None:
        warm_modules(tier.modules, forbidden, devices_of(settings.device))
        with Tiers(tiers, tier.name, serve_tier, [control]) as beside:
            _serve(control, settings, _Uids(number, servers), beside.controls, tier.name)

    with Tiers(tiers, "", serve_tier, [control, hello]) as beside:
        tell(hello, {"layers": layers, "torch": torch.__version__})
        hello.close()
        _serve(control, settings, _Uids(0, servers), beside.controls)


def _serve(
    control: socket.socket,
    settings: Settings,
    uids: _Uids,
    others: Mapping[str, socket.socket],
    name: str = "",
) -> None:
    """Fork sandboxes until nobody is left to ask for one."""
    server = ForkServer(
        control,
        lambda channel: serve(channel, uids.of_next, settings),
        lambda pid: begin_removal(settings.folder / str(pid)),
        before_fork=uids.advance,
        others=others,
        name=name,
    )
    forget_the_grader()
    if server.run(forks=_FEW):
        server.settle()
        server.run()


class _Uids:
    """A user for each sandbox, so that no two that run side by side share one."""

    def __init__(self, number: int, servers: int) -> None:
        """Of so many servers each takes every so many-th, from a first one of its own."""
        self._first = FIRST_UID + number
        self._servers = servers
        self._turn = 0

    @property
    def of_next(self) -> int:
        return self._first + self._turn * self._servers

    def advance(self) -> None:
        self._turn = (self._turn + 1) % (_USERS // self._servers)


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
