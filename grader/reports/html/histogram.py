"""How the points of a class are spread, as a picture with its numbers on it."""

from __future__ import annotations

from markupsafe import Markup

from grader.reports.html.statistics import Spread

_WIDTH, _HEIGHT = 560, 300
_TOP, _BOTTOM = 34, 24


def ranges(spread: Spread) -> list[tuple[str, int]]:
    """Each range of the histogram in words, with how many students are in it."""
    bins = len(spread.counts)
    most = spread.most if spread.most is not None else 100.0
    edges = [most * place / bins for place in range(bins + 1)]
    return [
        (
            f"{edges[place]:g} to {edges[place + 1]:g}"
            if place == bins - 1
            else f"{edges[place]:g} to below {edges[place + 1]:g}",
            count,
        )
        for place, count in enumerate(spread.counts)
    ]


def histogram(spread: Spread) -> Markup:
    """The picture; the page has its numbers as a table too, so that it has no more than a name."""
    ground = _HEIGHT - _BOTTOM
    most = spread.most if spread.most is not None else 100.0
    at = round(_WIDTH * spread.median, 1)
    side = "last" if at > _WIDTH / 2 else "first"
    return Markup(
        '<svg class="histogram" viewBox="0 0 {width} {height}" role="img" '
        'aria-label="Histogram of points">{bars}<path class="median" d="M{at:g} 14V{ground}"/>'
        '{counts}<text class="median {side}" x="{at:g}" y="11">median {median:.4g}</text>'
        '<path class="axis" d="M0 {ground}H{width}"/>{marks}</svg>'
    ).format(
        width=_WIDTH,
        height=_HEIGHT,
        ground=ground,
        at=at,
        side=side,
        median=most * spread.median,
        **_bars(spread, ground),
        marks=Markup("").join(_mark(place, most * place / 4) for place in range(5)),
    )


def _bars(spread: Spread, ground: int) -> dict[str, Markup]:
    """The bars, and the counts above them, which are drawn later: nothing crosses a number."""
    wide, tallest = _WIDTH / len(spread.counts), max(spread.counts)
    bars, counts = Markup(), Markup()
    for place, count in enumerate(spread.counts):
        if not count:
            continue
        x, high = round(place * wide + 1, 1), round((ground - _TOP) * count / tallest, 1)
        bars += Markup('<rect x="{:g}" y="{:g}" width="{:g}" height="{:g}"/>').format(
            x, ground - high, wide - 2, high
        )
        counts += Markup('<text class="count" x="{:g}" y="{:g}">{}</text>').format(
            x + wide / 2 - 1, ground - high - 5, count
        )
    return {"bars": bars, "counts": counts}


def _mark(place: int, points: float) -> Markup:
    """A round number below the axis, at a quarter of it."""
    anchor = ("first", "", "", "", "last")[place]
    return Markup('<text class="across {}" x="{:g}" y="{}">{:g}</text>').format(
        anchor, _WIDTH * place / 4, _HEIGHT - 6, points
    )
