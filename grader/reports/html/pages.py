"""How a page is made of a template: everything escaped, style and script inside the page itself."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from grader import untrusted
from grader.grades import CheckGrade
from grader.reports.html.bars import bar

_HERE = Path(__file__).parent
_LONGEST_MESSAGE = 20_000  # characters of one message; the examiner's own are much shorter


def page(template: str, **values: Any) -> str:
    """The page that a template of `templates/` makes of values."""
    return _template(template).render(values)


def page_in_parts(template: str, **values: Any) -> Iterator[str]:
    """The same, a piece at a time: a page of thousands of rows is a hundred thousand pieces."""
    return _template(template).generate(values)


@lru_cache(maxsize=10_000)  # the titles of a course's checks are on every page
def shown(text: str) -> str:
    """One line of anybody's, with what is not to be seen made visible; the template escapes it."""
    return untrusted.line(text, untrusted.LONG_NAME)


def listed(checks: Iterable[CheckGrade]) -> Markup:
    """The titles of checks as items of a list."""
    return _listed(tuple(check.title for check in checks))


@lru_cache(maxsize=256)  # most students have passed the same
def _listed(titles: tuple[str, ...]) -> Markup:
    return Markup("").join(Markup("<li>{}</li>").format(shown(title)) for title in titles)


def shown_lines(text: str) -> str:
    """The same for text that has lines."""
    return untrusted.text(text, _LONGEST_MESSAGE)


def number(value: float) -> str:
    """Points as people write them: 97.75, 100."""
    return f"{value:.10g}"


def ways(outcomes: Counter[str]) -> str:
    """How checks ended that did not simply fail: `3 timeout, 1 crashed`."""
    told = ((count, name) for name, count in outcomes.most_common() if name != "passed")
    found = [f"{count} {name}" for count, name in told]
    return "" if outcomes.keys() <= {"passed", "failed"} else ", ".join(found)


def plural(count: int, one: str, many: str | None = None) -> str:
    """`1 student`, `2 students`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


@cache
def _template(name: str) -> Template:
    return _environment().get_template(name)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters |= {
        "shown": shown,
        "shown_lines": shown_lines,
        "number": number,
        "plural": plural,
        "percent": lambda fraction: f"{100 * fraction:.0f}",
        "utc": _utc,
        "ways": ways,
        "marked_up": marked_up,
    }
    environment.globals |= {"asset": asset, "digest": digest, "bar": bar, "listed": listed}
    return environment


@cache
def asset(name: str) -> Markup:
    """A file of `assets/`, which goes into a page as it is. A page names those that it needs."""
    return Markup((_HERE / "assets" / name).read_text(encoding="utf-8"))


def digest(text: str) -> str:
    """By this a page says which script may run: the one that it brings, and nothing of anybody's
    whose text is on it."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def marked_up(text: str) -> Markup:
    """Words of the course's: text between backticks is code, everything is escaped."""
    pieces = text.split("`")
    code = Markup("<code>{}</code>").format
    return Markup("").join(
        code(piece) if number % 2 else escape(piece) for number, piece in enumerate(pieces)
    )


def _utc(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
