"""The thread that decides what is sent: it hears of submissions, and of batches that have ended."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any

from distributed import Future as Task
from distributed.scheduler import KilledWorker

from grader.cluster import station
from grader.cluster.batches import Batches, Ticket
from grader.cluster.connection import Connection
from grader.cluster.crew import Crew
from grader.cluster.errors import ClusterLostError
from grader.cluster.orders import Order
from grader.examiner.engine import EngineError
from grader.grading.engines import Examined

_LOOK_SECONDS = 2.0  # between two looks at who works


@dataclass(eq=False)
class Flight:
    """A batch that is with the scheduler."""

    tickets: list[Ticket]
    task: Task[bytes] | None = None


class Dispatcher:
    """Has submissions examined, from when it is started until it is ended or cannot go on."""

    def __init__(self, connection: Connection, say: Callable[[str], None], patience: float) -> None:
        self._connection = connection
        self._say = say
        self._events: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._crew = Crew(connection, say, self._events.put, patience)
        self._batches = Batches()
        self._flights: set[Flight] = set()
        self._held: dict[str, list[Ticket]] = {}  # what came back from workers not yet prepared
        self._gate = threading.Lock()  # of `_failure`, after which nothing is taken
        self._failure: BaseException | None = None
        self._stopping = False
        self._begun: Future[None] = Future()
        self.room = 1
        self._thread = threading.Thread(target=self._run, name="torchgrade-cluster", daemon=True)

    # for others

    def begin(self, order: Order) -> None:
        """Start, and wait until workers are prepared; ClusterError where one must not examine."""
        self._crew.instruct(order)
        self._thread.start()
        self._begun.result()

    def instruct(self, order: Order) -> None:
        """What is submitted from now on needs this."""
        self._put(partial(self._crew.instruct, order))

    def submit(self, asked: dict[str, Any]) -> Future[Examined]:
        """Have a submission examined; ClusterError where nothing can be any more."""
        ticket = Ticket(asked)
        self._put(partial(self._batches.add, ticket))
        return ticket.answer

    def end(self, seconds: float) -> None:
        """Give up what is not done, and have the workers' warm pairs ended."""
        self._stopping = True
        self._events.put(lambda: None)
        if self._thread.is_alive():
            self._thread.join(seconds)
        for flight in self._flights:
            if flight.task is not None:
                flight.task.release()  # what has not begun never will
        self._crew.leave()

    def _put(self, event: Callable[[], None]) -> None:
        with self._gate:
            if self._failure is not None:
                raise self._failure
            self._events.put(event)

    # in the thread

    def _run(self) -> None:
        try:
            next_look = 0.0
            while not self._stopping:
                if time.monotonic() >= next_look:
                    self._look()
                    next_look = time.monotonic() + _LOOK_SECONDS
                self._hear(next_look - time.monotonic())
                self._send()
        except BaseException as error:  # the run's own thread raises it
            self._fail(error)

    def _hear(self, seconds: float) -> None:
        """All that has happened, after waiting so long for something to happen."""
        try:
            self._events.get(timeout=max(0.0, seconds))()
            while True:
                self._events.get_nowait()()
        except Empty:
            pass

    def _look(self) -> None:
        for worker in self._crew.look():
            self._batches.again(self._held.pop(worker, []))

    def _send(self) -> None:
        threads = self._crew.threads
        if self._crew.begun and not self._begun.done():
            self._begun.set_result(None)
        for worker in [each for each in self._held if self._crew.is_prepared(each)]:
            self._batches.again(self._held.pop(worker))
        while tickets := self._batches.take(threads, len(self._flights)):
            flight = Flight(tickets)
            self._flights.add(flight)
            flight.task = self._connection.submit(
                partial(self._events.put, partial(self._ended, flight)),
                station.examine_batch,
                self._crew.order.key,
                [ticket.asked for ticket in tickets],
            )
        self.room = self._batches.room(threads)

    def _ended(self, flight: Flight) -> None:
        assert flight.task is not None
        try:
            answer = self._connection.result(flight.task)
        except TimeoutError:  # its worker is gone with it: dask has it done again
            again = partial(self._events.put, partial(self._ended, flight))
            flight.task.add_done_callback(lambda _: again())
            return
        except KilledWorker:
            self._flights.discard(flight)
            self._lost(flight.tickets, "its workers died")
            return
        self._flights.discard(flight)
        self._take(flight.tickets, answer)

    def _take(self, tickets: list[Ticket], answer: dict[str, Any]) -> None:
        """Hand out what a batch gave."""
        worker = answer["worker"]
        if "broken" in answer:
            raise ClusterLostError(f"the worker {worker} cannot examine: {answer['broken']}")
        if "unprepared" in answer:
            self._held.setdefault(worker, []).extend(tickets)
            self._crew.prepare_again(worker)
            return
        found = answer["found"]
        self._batches.measured(answer["seconds"], len(found))
        for ticket, each in zip(tickets, found, strict=False):
            if "lost" in each:
                self._lost([ticket], each["lost"])
            elif "error" in each:
                ticket.answer.set_exception(EngineError(each["error"]))
            else:
                ticket.answer.set_result(Examined(answer["layers"], each["entries"]))
        self._batches.again(tickets[len(found) :])

    def _lost(self, tickets: list[Ticket], reason: str) -> None:
        """Examine alone what was with those that died; what was alone is to blame."""
        for ticket in tickets:
            if ticket.alone:
                said = f"its worker was lost, also when it examined nothing else ({reason})"
                ticket.answer.set_exception(EngineError(said))
            else:
                self._batches.suspect(ticket)

    def _fail(self, error: BaseException) -> None:
        with self._gate:
            self._failure = error
        self._hear_out()
        tickets = [ticket for flight in self._flights for ticket in flight.tickets]
        tickets += [ticket for held in self._held.values() for ticket in held]
        for ticket in [*tickets, *self._batches.drain()]:
            if not ticket.answer.done():
                ticket.answer.set_exception(error)
        if not self._begun.done():
            self._begun.set_exception(error)

    def _hear_out(self) -> None:
        """Take what was submitted before the failure, so that nobody waits for its answer."""
        while True:
            try:
                event = self._events.get_nowait()
            except Empty:
                return
            if isinstance(event, partial) and event.func == self._batches.add:
                event()
