"""The examiner: it knows what every check asks and expects, and forks for each submission.

What checks ask is recorded on the solutions, in this run or in one before. It never imports,
unpickles, formats or evaluates anything of a student's: it sends bytes to sandboxes and compares
plain data.
"""

from __future__ import annotations

import json
import socket
import sys
import traceback
from base64 import b64decode
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

import torch

from grader import profile
from grader.course import Course, CourseError, load_course
from grader.examiner.collection import Collection, CollectionError
from grader.examiner.examination import Subjection
from grader.examiner.keys import key_of
from grader.examiner.marking import Manner, Marker
from grader.examiner.packing import PackingError, unpacked
from grader.examiner.recording import Recording
from grader.examiner.shelf import Shelf
from grader.examiner.warmth import warm_course, warmth_of
from grader.sandbox.confine import die_with_parent, name_process
from grader.sandbox.forkserver import ForkServer
from grader.sandbox.greeting import EXAMINATION, tell
from grader.siblings import sources_of

_FIRST = 4  # forks: the parts of one submission


def examine(
    given: Mapping[str, Any],
    hello: socket.socket,
    control: socket.socket,
    sandboxes: socket.socket,
) -> None:
    """Do what is `given`: warm up, say hello, and examine submissions until the client is gone."""
    torch.set_num_threads(1)  # a fork of a process whose OpenMP has threads hangs at its next use
    if given["profile"]:
        profile.begin()
    try:
        course = load_course(Path(given["course"]))
        Examiner(course, given, hello, control, sandboxes).serve()
    except (CourseError, CollectionError) as error:
        if hello.fileno() < 0:  # hello was said: the course was changed since
            raise
        tell(hello, {"error": str(error)})


class Examiner:
    """Has what the checks ask, recorded now or kept, and serves submissions."""

    def __init__(
        self,
        course: Course,
        given: Mapping[str, Any],
        hello: socket.socket,
        control: socket.socket,
        sandboxes: socket.socket,
    ) -> None:
        """`course` is the whole one; `given` says which part of it is examined, and how."""
        self._course = course.only(given["only"])
        self._warmth = warmth_of(warm_course(course, given["only"]))
        self._seed, self._device = given["seed"], given["device"]
        self._data = Path(given["data"]) if given["data"] else None
        self._shelf = Shelf(Path(given["cache"]) if given["cache"] else None)
        self._hello = hello
        self._sandboxes = sandboxes
        self._collection = Collection(self._course, self._device, self._seed, given["data"])
        self._recordings: dict[str, Recording] = {}
        self._marker = Marker(
            self._sandboxes, self._recordings, self._collection.run, self._course.misconceptions
        )
        self._server = ForkServer(control, self._examine)

    def serve(self) -> None:
        """Examine submissions until the client is gone.

        CourseError and CollectionError say what is wrong with the course, before hello is said.
        """
        kept = {name: self._kept(name) for name in self._course.names}
        if not all(kept.values()):
            self._collection.within(lambda: self._record(kept))
            return
        self._ready(kept)
        # One submission needs no more than that, and it is soon there. Where there are more, what
        # a wrong one needs is made ready once for all.
        if self._server.run(forks=_FIRST):
            self._collection.within(self._serve_many)

    # what the checks ask

    def _key(self, exercise: str) -> str:
        return key_of(self._course, exercise, self._seed, self._device, self._data)

    def _kept(self, exercise: str) -> list[Recording]:
        """An exercise's recordings as an earlier run kept them; none where there are none."""
        found = self._shelf.take(self._key(exercise))
        try:
            return [] if found is None else unpacked(found)
        except PackingError:
            return []

    def _record(self, kept: Mapping[str, list[Recording]]) -> None:
        """Record what is not kept, and serve."""
        from grader.examiner.recorder import Recorder  # imports what only a recording needs

        self._learn_mistakes()
        solutions = self._subject(sources_of(self._course.solutions, self._course.names))
        recorder = Recorder(self._course, self._collection, self._sandboxes, solutions)
        errors: list[str] = []
        made = dict(kept)
        for exercise in sorted(self._course.exercises, key=lambda one: self._warmth.turn(one.name)):
            if made[exercise.name]:
                continue
            key = self._key(exercise.name)
            recorded = recorder.record(exercise)
            errors += recorded.errors
            made[exercise.name] = recorded.recordings
            if not recorded.errors and self._key(exercise.name) == key:  # no file changed meanwhile
                self._shelf.keep(key, recorded.packed)
        if errors:
            raise CollectionError("\n".join(errors))
        self._ready(made)
        self._serve_on()

    def _ready(self, recordings: Mapping[str, list[Recording]]) -> None:
        """Submissions may come now."""
        for name in self._course.names:
            self._recordings.update((each.check.id, each) for each in recordings[name])
        tell(self._hello, {"checks": len(self._recordings)})
        self._hello.close()

    # submissions, each in a fork of its own

    def _serve_many(self) -> None:
        """Have warm what wrong submissions need, and what comparing takes, and serve."""
        self._learn_mistakes()
        for recording in self._recordings.values():
            recording.compare_with_itself()
        self._serve_on()

    def _serve_on(self) -> None:
        for recording in self._recordings.values():
            recording.joined()
        self._server.settle()
        self._server.run()

    def _learn_mistakes(self) -> None:
        try:
            self._marker.learn_mistakes(self._course)
        except Exception as error:  # whatever a course author's module raises on import
            where = self._course.misconceptions
            raise CollectionError(f"{where}: {type(error).__name__}: {error}") from None

    def _subject(self, files: Mapping[str, bytes]) -> Subjection:
        return Subjection(files, self._device, self._course.limits, self._warmth)

    def _examine(self, channel: socket.socket) -> None:
        die_with_parent()
        name_process(EXAMINATION)
        try:
            with channel.makefile("rw", encoding="utf-8") as stream:
                message = json.loads(stream.readline())
                servers = profile.current()
                own = profile.begin() if servers is not None else None
                self._mark(message, stream)
                if servers is not None and own is not None:
                    so_far = servers.seconds().get(profile.REFERENCE, 0.0)
                    told = {"profile": own.seconds(), "so far": {profile.REFERENCE: so_far}}
                    stream.write(json.dumps(told) + "\n")
        except Exception:
            traceback.print_exc()  # of the grader's own making; the client reports the loss
            sys.stderr.flush()
            raise

    @profile.timed(profile.EXAMINER)
    def _mark(self, message: Mapping[str, Any], stream: TextIO) -> None:
        files = {name: b64decode(text) for name, text in message["files"].items()}
        asked = self._course.only(message["exercises"])
        manner = Manner(**message["manner"])
        for graded in self._marker.mark(asked, self._subject(files), manner):
            stream.write(json.dumps(graded) + "\n")
            stream.flush()
