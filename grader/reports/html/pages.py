"""How a page is made of a template: everything escaped, style and script inside the page itself."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from datetime import UTC, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from grader import untrusted
from grader.reports.html.bars import bar

_HERE = Path(__file__).parent
_LONGEST_MESSAGE = 20_000  # characters of one message; the examiner's own are much shorter


def page(template: str, **values: Any) -> str:
    """The page that a template of `templates/` makes of values."""
    return _template(template).render(values)


@lru_cache(maxsize=10_000)  # the titles of a course's checks are on every page
def shown(text: str) -> str:
    """One line of anybody's, with what is not to be seen made visible; the template escapes it."""
    return untrusted.line(text, untrusted.LONG_NAME)


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
    }
    script = _asset("class.js")
    environment.globals |= {
        "style": Markup(_asset("page.css")),
        "class_style": Markup(_asset("class.css")),
        "script": Markup(script),
        "bar": bar,
        # What the page itself brings may run, and nothing that a submission brings.
        "script_digest": base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    }
    return environment


def _asset(name: str) -> str:
    return (_HERE / "assets" / name).read_text(encoding="utf-8")


def _utc(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
