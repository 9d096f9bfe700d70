"""Examiners that are the workers of a dask scheduler."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Self

from grader.cluster.connection import Connection
from grader.cluster.dispatch import Dispatcher
from grader.cluster.orders import order_of
from grader.examiner.engine import EngineSettings
from grader.grading.engines import Examined, request
from grader.grading.work import Work

PATIENCE = 300.0  # seconds without any worker
_END_SECONDS = 30.0


class ClusterExaminers:
    """Examines wherever the scheduler at an address has workers, all at the same time."""

    def __init__(
        self,
        address: str,
        settings: EngineSettings,
        say: Callable[[str], None],
        patience: float = PATIENCE,
    ) -> None:
        """`say` hears how many workers there are; with none for `patience` seconds the run ends."""
        self._address = address
        self._settings = settings
        self._say = say
        self._patience = patience
        self._expected: set[str] = set()
        self._connection: Connection | None = None
        self._dispatcher: Dispatcher | None = None

    @property
    def room(self) -> int:
        return 1 if self._dispatcher is None else self._dispatcher.room

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._dispatcher is not None:
            self._dispatcher.end(_END_SECONDS)
        if self._connection is not None:
            self._connection.close()

    def expect(self, exercises: set[str]) -> None:
        """Connect, and have the workers prepared; ClusterError where that cannot be."""
        self._expected = set(exercises)
        if exercises:
            self._begin()

    def submit(self, work: Work) -> Future[Examined]:
        """ClusterError where the cluster cannot go on; the futures of others have it too."""
        new = set(work.missing) - self._expected  # it was changed since it was looked up
        self._expected |= new
        if self._dispatcher is None:
            self._begin()
        elif new:
            self._dispatcher.instruct(order_of(self._settings, self._expected))
        assert self._dispatcher is not None
        return self._dispatcher.submit(request(work))

    def _begin(self) -> None:
        order = order_of(self._settings, self._expected)
        self._connection = Connection(self._address)
        if not self._connection.workers():
            self._say(f"{self._address}: no worker yet; waiting up to {self._patience:g} s for one")
            self._connection.wait_for_workers(self._patience)
        self._dispatcher = Dispatcher(self._connection, self._say, self._patience)
        self._dispatcher.begin(order)
