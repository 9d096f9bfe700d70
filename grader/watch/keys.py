"""The keyboard: each key as it is pressed on a terminal, each line's first letter elsewhere.

The terminal is as it was when this is left, however that happens.
"""

from __future__ import annotations

import os
import queue
import select
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

END = ""  # instead of a key: there will be no more
_POLL_SECONDS = 0.05

Events = queue.SimpleQueue[Any]


@dataclass(frozen=True)
class Key:
    """A key that was pressed, or the first letter of a line; `END` where the input has ended."""

    letter: str


@dataclass(frozen=True)
class Resumed:
    """The student has stopped this process (Ctrl-Z) and now goes on with it."""


@contextmanager
def keyboard(events: Events) -> Iterator[bool]:
    """Put keys into `events`, from a thread; yields whether each counts without Enter."""
    stop = threading.Event()
    if sys.stdin is None or not _is_terminal():
        threading.Thread(target=_read_lines, args=(events,), daemon=True).start()
        yield False
    elif sys.platform == "win32":
        thread = threading.Thread(target=_read_console, args=(events, stop), daemon=True)
        thread.start()
        try:
            yield True
        finally:
            stop.set()
            thread.join()
    else:
        with _single_keys(events):
            yield True


def _is_terminal() -> bool:
    try:
        return os.isatty(0)
    except OSError:
        return False


def _read_lines(events: Events) -> None:
    # Not through sys.stdin: a thread that waits in there holds a lock that Python needs to end.
    line = b""
    while True:
        try:
            read = os.read(0, 4096)
        except OSError:
            read = b""
        *lines, line = (line + read).split(b"\n")
        for one in lines if read else [line]:
            _press(events, one.strip()[:1])
        if not read:
            events.put(Key(END))
            return


def _press(events: Events, letters: bytes) -> None:
    if letters.startswith(b"\x1b"):  # an arrow, or another key that sends several characters
        return
    for letter in letters.decode("utf-8", "ignore"):
        events.put(Key(letter.lower()))


if sys.platform == "win32":
    import msvcrt

    def _read_console(events: Events, stop: threading.Event) -> None:
        while not stop.wait(_POLL_SECONDS):
            while msvcrt.kbhit():
                letter = msvcrt.getwch()
                if letter in "\x00\xe0":  # an arrow or the like, in two parts
                    msvcrt.getwch()
                elif letter == "\x03":  # Ctrl-C, while this thread was reading
                    signal.raise_signal(signal.SIGINT)
                else:
                    events.put(Key(letter.lower()))

else:
    import termios
    import tty

    @contextmanager
    def _single_keys(events: Events) -> Iterator[None]:
        before = termios.tcgetattr(0)
        ended, end = os.pipe()
        thread = threading.Thread(target=_read_terminal, args=(events, ended), daemon=True)

        def resume(*_: object) -> None:  # the shell has set the terminal for itself
            tty.setcbreak(0, termios.TCSADRAIN)
            events.put(Resumed())

        resumed = signal.signal(signal.SIGCONT, resume)
        try:
            tty.setcbreak(0, termios.TCSADRAIN)
            thread.start()
            yield
        finally:
            signal.signal(signal.SIGCONT, resumed)
            os.write(end, b".")
            if thread.is_alive():
                thread.join()
            os.close(ended)
            os.close(end)
            termios.tcsetattr(0, termios.TCSADRAIN, before)

    def _read_terminal(events: Events, ended: int) -> None:
        while True:
            ready, _, _ = select.select([0, ended], [], [])
            if ended in ready:
                return
            try:
                letters = os.read(0, 64)
            except OSError:  # the terminal is gone
                letters = b""
            if not letters:
                events.put(Key(END))
                return
            _press(events, letters)
