"""What `grader watch` shows: a run's output, where the student stands, the keys; a line that moves
while checks run. Not on a terminal it is lines alone: nothing is cleared, nothing moves."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from grader.student.printing import shown_in
from grader.untrusted import terminal

KEYS = (
    ("n", "next"),
    ("h", "hint"),
    ("l", "list"),
    ("c", "check all"),
    ("r", "run again"),
    ("q", "quit"),
)
_TO_LINE_START = "\r\x1b[2K"
_CLEAR = "\x1b[H\x1b[2J\x1b[3J"  # what has scrolled away is of an earlier run


class Screen:
    """Writes to a console. The last line, keys or what is going on, has no line end yet."""

    def __init__(self, console: Console | None = None, single_keys: bool = True) -> None:
        self._console = console or Console(highlight=False)
        self.single_keys = single_keys
        self._moves = self._console.is_terminal and not self._console.legacy_windows
        self._last: str | None = None  # the line that is to be written over

    @property
    def encoding(self) -> str:
        return self._console.encoding

    @property
    def columns(self) -> int:
        return self._console.width

    @property
    def has_colour(self) -> bool:
        console = self._console
        has = console.color_system is not None and not console.no_color
        return has and not console.legacy_windows

    def clear(self) -> None:
        """An empty screen, on a terminal."""
        if self._moves:
            self._console.file.write(_CLEAR)
            self._last = None

    def output(self, text: str) -> None:
        """What pytest has shown, as it is."""
        self._leave_line()
        self._write(text if text.endswith("\n") or not text else f"{text}\n")

    def say(self, *lines: Text | str) -> None:
        """Lines of our own, with what they quote."""
        self._leave_line()
        for line in lines:
            text = line if isinstance(line, Text) else Text(terminal(line))
            shown = shown_in(text.plain, self.encoding)
            self._console.print(
                text if shown == text.plain else Text(shown, text.style), soft_wrap=True
            )

    def keys(self) -> None:
        """The last line: what can be pressed."""
        line = Text("   ").join(Text(key, "bold") + Text(f" {what}") for key, what in KEYS)
        if not self.single_keys:
            line += Text("   (then Enter)")
        if self._moves:
            self._over(line)
        else:
            self.say(line)

    def going_on(self, text: str) -> None:
        """Something takes its time: on a terminal in the place of the last line."""
        if self._moves:
            self._over(Text(text[: self.columns - 1], "bright_black"))

    def close(self) -> None:
        self._leave_line()

    def _over(self, line: Text) -> None:
        if line.plain == self._last:
            return
        self._console.file.write(_TO_LINE_START)
        self._console.print(line, end="", soft_wrap=True)
        self._flush()
        self._last = line.plain

    def _leave_line(self) -> None:
        if self._last is not None:
            self._console.file.write(_TO_LINE_START)
            self._last = None

    def _write(self, text: str) -> None:
        self._console.file.write(shown_in(text, self.encoding) if not text.isascii() else text)
        self._flush()

    def _flush(self) -> None:
        self._console.file.flush()
