"""The way of an optimizer over the loss surface as a picture, beside torch's, and in words."""

from __future__ import annotations

import math
from collections.abc import Sequence

from markupsafe import Markup

from grader.student.report.surface import LEAST, Point, ellipse

LOW: Point = (-1.8, -0.8)  # the corners of the picture, in w and b
HIGH: Point = (3.8, 4.2)
UNIT = 50  # pixels of one of w, and of one of b
_LEFT, _BELOW, _EDGE = 26, 36, 4  # room for the axes
_WIDE, _HIGH = (HIGH[0] - LOW[0]) * UNIT, (HIGH[1] - LOW[1]) * UNIT
_LEVELS = 11  # lines of equal loss, at losses of ¼, 1, 2¼, 4 …: evenly spaced in a ravine
_ALIKE = 1e-6  # of a coordinate, or of 1 where it is smaller

_FIGURE = Markup(
    '<figure class="way"><figcaption id="{id}"><b>{title}</b> <code>{call}</code> {told}'
    '</figcaption>\n<svg viewBox="0 0 {width:g} {height:g}" role="img" aria-labelledby="{id}">'
    '<svg class="surface" role="presentation" x="{left}" y="{edge}" width="{wide:g}" '
    'height="{high:g}">{levels}<path class="least" d="{least}"/>{mine}'
    '<polyline class="expected" points="{torch}"/>{marks}</svg>{axes}</svg></figure>\n'
)


def way_chart(
    title: str, call: str, mine: Sequence[Point], torch: Sequence[Point], id: str
) -> Markup:
    """A figure of both ways, step by step; its caption says the same.

    `call` is how the optimizer was made. `id` is for the caption: no other thing of the page has
    it. A way that leaves the picture ends at its edge.
    """
    seen = visible(mine)
    return _FIGURE.format(
        id=id,
        title=title,
        call=call,
        told=told(mine, torch),
        width=_LEFT + _WIDE + _EDGE,
        height=_EDGE + _HIGH + _BELOW,
        left=_LEFT,
        edge=_EDGE,
        wide=_WIDE,
        high=_HIGH,
        levels=Markup("").join(_level(number) for number in range(_LEVELS, 0, -1)),
        least=_cross(LEAST),
        mine=_line(seen, len(seen) == len(mine)),
        torch=_points(visible(torch)),
        marks=_marks(mine, torch),
        axes=_axes(),
    )


def told(mine: Sequence[Point], torch: Sequence[Point]) -> str:
    """The picture in words: where both ways end, and from which step on they are apart."""
    end, steps = _words(torch[-1]), len(torch) - 1
    parting = parted(mine, torch)
    if parting is None:
        return f"Yours ends at {end}, and so does torch's: the same at each of {steps} steps."
    apart = f"torch's ends at {end}: they part at step {parting}."
    left = next((step for step, point in enumerate(mine) if not _inside(point)), None)
    if left is None:
        return f"Yours ends at {_words(mine[-1])}, {apart}"
    if not all(map(math.isfinite, mine[left])):
        return f"Yours is no number from step {left} on, {apart}"
    return f"Yours leaves the picture at step {left}, {apart}"


def parted(mine: Sequence[Point], torch: Sequence[Point]) -> int | None:
    """The first step after which the two are at different places; None where there is none."""
    for step, (own, other) in enumerate(zip(mine, torch, strict=True)):
        pairs = zip(own, other, strict=True)
        # Of a NaN nothing is true, and so it is apart from everything.
        if not all(abs(one - two) <= _ALIKE * max(1.0, abs(two)) for one, two in pairs):
            return step
    return None


def visible(way: Sequence[Point]) -> list[Point]:
    """The points up to where a way first leaves the picture, and the place where it does."""
    shown: list[Point] = []
    for point in way:
        if _inside(point):
            shown.append(point)
            continue
        if shown and all(map(math.isfinite, point)):
            shown.append(_edge(shown[-1], point))
        break
    return shown


def _inside(point: Point) -> bool:
    return all(low <= one <= high for low, one, high in zip(LOW, point, HIGH, strict=True))


def _edge(inner: Point, outer: Point) -> Point:
    """Where the line from a point of the picture to one beside it crosses the edge."""
    share = 1.0
    for low, begin, end, high in zip(LOW, inner, outer, HIGH, strict=True):
        if not low <= end <= high:
            share = min(share, ((high if end > high else low) - begin) / (end - begin))
    w, b = (begin + share * (end - begin) for begin, end in zip(inner, outer, strict=True))
    return min(max(w, LOW[0]), HIGH[0]), min(max(b, LOW[1]), HIGH[1])


def _place(point: Point) -> Point:
    """Where a point stands in the picture of the surface, in pixels from its upper left."""
    return round((point[0] - LOW[0]) * UNIT, 1), round((HIGH[1] - point[1]) * UNIT, 1)


def _points(way: Sequence[Point]) -> str:
    return " ".join("{:g},{:g}".format(*_place(point)) for point in way)


def _level(number: int) -> Markup:
    """One line of equal loss; inside it the surface is a shade deeper."""
    long, short, turned = ellipse((number / 2) ** 2)
    return Markup(
        '<ellipse rx="{:.1f}" ry="{:.1f}" transform="translate({:g} {:g}) rotate({:.2f})"/>'
    ).format(long * UNIT, short * UNIT, *_place(LEAST), -turned)


def _line(seen: Sequence[Point], whole: bool) -> Markup:
    """The student's way: a dot after each step, and a larger one where it ends."""
    steps = seen[1:] if whole else seen[1:-1]
    dots = "".join("M{:g} {:g}h0".format(*_place(point)) for point in steps)
    end = "M{:g} {:g}h0".format(*_place(seen[-1])) if whole else ""
    return Markup(
        '<polyline class="got" points="{}"/><path class="dots" d="{}"/><path class="end" d="{}"/>'
    ).format(_points(seen), dots, end)


def _marks(mine: Sequence[Point], torch: Sequence[Point]) -> Markup:
    """Where both begin, and the step at which they part, if it is to be seen."""
    x, y = _place(torch[0])
    found = Markup(
        '<circle class="start" cx="{:g}" cy="{:g}" r="5"/><text x="{:g}" y="{:g}">start</text>'
    ).format(x, y, x - 14, y + 22)
    parting = parted(mine, torch)
    if parting is None or not _inside(mine[parting]):
        return found
    x, y = _place(mine[parting])
    side, beside = ("last", x - 12) if x > 0.7 * _WIDE else ("first", x + 12)
    label = Markup(
        '<circle class="parted" cx="{:g}" cy="{:g}" r="8"/>'
        '<text class="parted {}" x="{:g}" y="{:g}">step {}</text>'
    )
    return found + label.format(x, y, side, beside, y - 9 if y > 25 else y + 20, parting)


def _cross(point: Point) -> str:
    x, y = _place(point)
    return f"M{x - 5:g} {y - 5:g}l10 10m0 -10l-10 10"


def _axes() -> Markup:
    bottom, parts = _EDGE + _HIGH, []
    parts.append(
        Markup('<path class="axis" d="M{} {}V{:g}h{:g}"/>').format(_LEFT, _EDGE, bottom, _WIDE)
    )
    for mark in range(math.ceil(LOW[0]), math.floor(HIGH[0]) + 1):
        x = _LEFT + _place((mark, 0))[0]
        parts.append(
            Markup('<text class="across" x="{:g}" y="{:g}">{}</text>').format(x, bottom + 17, mark)
        )
    for mark in range(math.ceil(LOW[1]), math.floor(HIGH[1])):  # above them the axis has its name
        y = _EDGE + _place((0, mark))[1]
        parts.append(
            Markup('<text class="up" x="{}" y="{:g}">{}</text>').format(_LEFT - 7, y + 4, mark)
        )
    parts.append(
        Markup('<text class="name" x="{:g}" y="{:g}">w</text>').format(_LEFT + _WIDE, bottom + 32)
    )
    parts.append(Markup('<text class="up" x="{}" y="{}">b</text>').format(_LEFT - 7, _EDGE + 10))
    return Markup("").join(parts)


def _words(point: Point) -> str:
    return "({:.2f}, {:.2f})".format(*point)
