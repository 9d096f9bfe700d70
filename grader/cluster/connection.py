"""The scheduler as a run sees it: who works there, and what they are asked."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError
from pathlib import Path
from typing import Any
from uuid import uuid4

from distributed import Client, Future, Security
from distributed.comm.core import connect
from distributed.scheduler import KilledWorker

from grader.cluster.errors import ClusterError, ClusterLostError

_ANSWER_SECONDS = 60.0  # for what takes none
_LEAVE_SECONDS = 20.0  # the run is over: who does not answer ends by itself
_CONNECT_SECONDS = 10.0
# What they would say is said here, in one sentence.
_LOGGERS = ("distributed", "distributed.client", "distributed.comm", "tornado.application")
# ValueError: no such kind of address. TypeError: tls:// without certificates.
_NO_SCHEDULER = (OSError, ValueError, TypeError, KeyError, RuntimeError)


class Connection:
    """A client of the scheduler at an address, or of the one that a scheduler file names."""

    def __init__(self, address: str) -> None:
        """Connect; ClusterError where no scheduler answers."""
        for name in _LOGGERS:
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self.address = address
        try:
            where = _from_file(Path(address)) if Path(address).is_file() else address
            asyncio.run(_reach(where))  # a Client that cannot be made takes long to be unmade
            self._client = Client(where, timeout=_CONNECT_SECONDS, set_as_default=False)
        except _NO_SCHEDULER as error:
            raise ClusterError(
                f"--cluster {address}: no dask scheduler answers there "
                f"({str(error) or type(error).__name__}): start one with `dask scheduler`, and "
                f"name the address that it shows, or its --scheduler-file"
            ) from None

    @property
    def alive(self) -> bool:
        """Whether the scheduler is there."""
        return self._client.status == "running"

    @property
    def name(self) -> str:
        """This client, as others may know it."""
        return str(self._client.id)

    def workers(self) -> dict[str, int]:
        """The workers' addresses, and how many threads each has; ClusterLostError passes."""
        if not self.alive:
            raise self.lost()
        try:
            return dict(self._client.nthreads(callback_timeout=_ANSWER_SECONDS))
        except (OSError, RuntimeError, CancelledError):  # TimeoutError is an OSError
            raise self.lost() from None

    def wait_for_workers(self, seconds: float) -> None:
        """Wait until there is one; ClusterError after so long."""
        try:
            self._client.wait_for_workers(1, timeout=seconds)
        except TimeoutError:
            raise ClusterError(
                f"no worker joined {self.address} in {seconds:g} s: start some with "
                f"`dask worker {self.address}`, or wait longer with --cluster-wait"
            ) from None
        except (OSError, RuntimeError, CancelledError):
            raise self.lost() from None

    def ask(self, worker: str, function: Callable[..., Any], *arguments: Any) -> Any:
        """What a function gives in a worker's process; whatever went wrong is returned."""
        try:
            answers = self._client.run(
                function,
                *arguments,
                workers=[worker],
                on_error="return",
                callback_timeout=_ANSWER_SECONDS,
            )
        except (OSError, RuntimeError, CancelledError) as error:
            return error
        return answers.get(worker, OSError("no answer"))

    def tell_all(self, workers: Sequence[str], function: Callable[..., Any], *what: Any) -> None:
        """Run a function in workers' processes; those that are gone need not hear."""
        with contextlib.suppress(OSError, RuntimeError, ValueError, CancelledError):
            self._client.run(
                function,
                *what,
                workers=list(workers),
                on_error="ignore",
                callback_timeout=_LEAVE_SECONDS,
            )

    def submit(
        self, ended: Callable[[], object], function: Callable[..., bytes], *arguments: Any
    ) -> Future[bytes]:
        """Have a task done by some worker; `ended` is called, in a thread, when it was."""
        key = f"grade-{uuid4().hex}"  # dask learns how long those take whose names begin alike
        future = self._client.submit(function, *arguments, key=key, pure=False)
        future.add_done_callback(lambda _: ended())
        return future

    def result(self, future: Future[bytes]) -> Any:
        """What a task that has ended gave, from JSON, and it is forgotten.

        KilledWorker where workers died of it; ClusterLostError where it will never be known;
        TimeoutError where it is not known yet after all: the worker that had it is gone.
        """
        if future.status in ("cancelled", "lost"):
            raise self.lost()
        try:
            given = future.result(timeout=_ANSWER_SECONDS)
        except (KilledWorker, TimeoutError):
            raise
        except (OSError, CancelledError):
            raise self.lost() from None
        except Exception as error:  # whatever a worker may raise that has not the same grader
            raise ClusterError(
                f"{self.address}: its scheduler or a worker cannot run the grader "
                f"({type(error).__name__}: {error}): install the same torchgrade[dask] there"
            ) from None
        return json.loads(given)

    def close(self) -> None:
        with contextlib.suppress(OSError, RuntimeError, CancelledError):
            self._client.close(timeout=_ANSWER_SECONDS)

    def lost(self) -> ClusterLostError:
        return ClusterLostError(
            f"the scheduler at {self.address} was lost; every grade until then is kept: "
            f"when it is there again, the same command goes on"
        )


async def _reach(address: str) -> None:
    """What is raised says why nobody can be reached there."""
    arguments = Security().get_connection_args("client")
    comm = await connect(address, timeout=_CONNECT_SECONDS, **arguments)
    try:
        await comm.write({"op": "identity", "reply": True})
        said = await asyncio.wait_for(comm.read(), _CONNECT_SECONDS)
        if said.get("type") != "Scheduler":
            raise ValueError(f"what answers is a {said.get('type')}")
    finally:
        await comm.close()


def _from_file(file: Path) -> str:
    """The address in a scheduler file; ValueError or KeyError where it is none."""
    try:
        return str(json.loads(file.read_bytes())["address"])
    except (ValueError, KeyError, TypeError):
        raise ValueError(
            "the file is not one that `dask scheduler --scheduler-file` wrote"
        ) from None
