"""The workers of a scheduler: who is there, and who is prepared for this run."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from grader.cluster import station
from grader.cluster.connection import Connection
from grader.cluster.errors import ClusterError, ClusterLostError
from grader.cluster.orders import Order

_SILENT_SECONDS = 180.0  # without an answer of any worker that is there
_AT_A_TIME = 8  # workers that are being prepared; what they are sent goes through one scheduler


class Crew:
    """Used in one thread; what workers answer comes back there through `later`."""

    def __init__(
        self,
        connection: Connection,
        say: Callable[[str], None],
        later: Callable[[Callable[[], None]], None],
        patience: float,
    ) -> None:
        self._connection = connection
        self._say = say
        self._later = later
        self._patience = patience
        self._pool = ThreadPoolExecutor(_AT_A_TIME, thread_name_prefix="torchgrade-prepare")
        self._present: dict[str, int] = {}  # and their threads
        self._prepared: set[str] = set()
        self._preparing: set[str] = set()
        self._orders: list[Order] = []  # the last is the one that is in force
        self._nobody_since: float | None = None
        self._said = ""

    @property
    def order(self) -> Order:
        return self._orders[-1]

    @property
    def threads(self) -> int:
        """How many submissions can be examined at a time."""
        return sum(self._present[worker] for worker in self._prepared)

    @property
    def begun(self) -> bool:
        """Whether somebody is prepared, and everybody has answered."""
        return bool(self._prepared) and not self._preparing

    def is_prepared(self, worker: str) -> bool:
        return worker in self._prepared

    def instruct(self, order: Order) -> None:
        """From now on workers are to be prepared for this."""
        self._orders.append(order)
        self._prepared.clear()
        self._preparing.clear()

    def look(self) -> set[str]:
        """See who has come, and have them prepared; the workers that are gone.

        ClusterLostError where the scheduler is, or nobody was there for too long.
        """
        present = self._connection.workers()
        gone = set(self._present) - set(present)
        self._present = present
        self._prepared &= set(present)
        self._preparing &= set(present)
        for worker in set(present) - self._prepared - self._preparing:
            self._prepare(worker)
        self._count()
        return gone

    def prepare_again(self, worker: str) -> None:
        """Its warm pair has ended."""
        if worker in self._present:
            self._prepared.discard(worker)
            self._prepare(worker)

    def _prepare(self, worker: str) -> None:
        if worker in self._preparing:
            return
        self._preparing.add(worker)
        order = self.order
        asked = self._pool.submit(
            self._connection.ask,
            worker,
            station.prepare,
            order.key,
            self._connection.name,
            order.given,
        )
        asked.add_done_callback(
            lambda done: self._later(partial(self._answered, order, worker, done.result()))
        )

    def _answered(self, order: Order, worker: str, answer: Any) -> None:
        """ClusterError where the worker differs from this machine in what decides verdicts."""
        if order is not self.order or worker not in self._preparing:
            return
        self._preparing.discard(worker)
        if isinstance(answer, OSError | RuntimeError):  # it is gone, or the next look asks it again
            return
        if isinstance(answer, Exception):
            where, objections = worker, [f"it cannot run the grader ({answer})"]
        else:
            where, objections = f"{worker} on {answer['host']}", order.objections(answer)
        if objections:
            raise ClusterError(
                f"the worker {where} cannot examine for this run: {'; '.join(objections)}. "
                f"Install the same torchgrade[dask] and the same versions on every worker as here, "
                f"start it again, and give the same command"
            )
        self._prepared.add(worker)
        self._count()

    def _count(self) -> None:
        """Say who works, where that has changed; ClusterLostError where nobody does for long."""
        if self._prepared:
            self._nobody_since = None
        elif self._nobody_since is None:
            self._nobody_since = time.monotonic()
        self._require_somebody()
        workers, threads = len(self._prepared), self.threads
        said = f"{workers} worker{'s' * (workers != 1)}, {threads} at a time"
        if not self._present:
            said = f"no worker is left; waiting {self._patience:g} s for one"
        elif not workers or self._preparing:
            return
        if said != self._said:
            self._said = said
            self._say(f"{self._connection.address}: {said}")

    def _require_somebody(self) -> None:
        patience = max(self._patience, _SILENT_SECONDS) if self._present else self._patience
        if self._nobody_since is None or time.monotonic() - self._nobody_since < patience:
            return
        what = (
            "no worker answers" if self._present else "the last worker is gone, and none has come"
        )
        raise ClusterLostError(
            f"{self._connection.address}: {what} for {patience:g} s; every grade until then is "
            f"kept: start workers, and the same command goes on"
        )

    def leave(self) -> None:
        """Have the warm pairs of this run ended."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        for order in self._orders:
            if self._present and self._connection.alive:
                self._connection.tell_all(
                    list(self._present), station.leave, order.key, self._connection.name
                )
