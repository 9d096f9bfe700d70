"""How the points of a class are spread, as a picture with its numbers on it."""

from __future__ import annotations

from markupsafe import Markup

from grader.reports.html.statistics import Spread

_WIDTH, _HEIGHT = 560, 210
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
    bins, tallest = len(spread.counts), max(spread.counts)
    wide, ground = _WIDTH / bins, _HEIGHT - _BOTTOM
    parts = []
    for place, count in enumerate(spread.counts):
        high = round((ground - _TOP) * count / tallest, 1)
        x = round(place * wide + 1, 1)
        if count:
            parts.append(
                Markup(
                    '<rect x="{:g}" y="{:g}" width="{:g}" height="{:g}"/>'
                    '<text class="count" x="{:g}" y="{:g}">{}</text>'
                ).format(
                    x, ground - high, wide - 2, high, x + wide / 2 - 1, ground - high - 5, count
                )
            )
    parts.append(Markup('<path class="axis" d="M0 {0}H{1}"/>').format(ground, _WIDTH))
    most = spread.most if spread.most is not None else 100.0
    for place in range(5):
        anchor = ("first", "", "", "", "last")[place]
        parts.append(
            Markup('<text class="across {}" x="{:g}" y="{}">{:g}</text>').format(
                anchor, _WIDTH * place / 4, _HEIGHT - 6, most * place / 4
            )
        )
    at = round(_WIDTH * spread.median, 1)
    parts.append(
        Markup(
            '<path class="median" d="M{0:g} 14V{1}"/><text class="median {2}" x="{3:g}" y="11">'
            "median {4:.4g}</text>"
        ).format(at, ground, "last" if at > _WIDTH / 2 else "first", at, most * spread.median)
    )
    return Markup(
        '<svg class="histogram" viewBox="0 0 {} {}" role="img" aria-label="Histogram of points">'
        "{}</svg>"
    ).format(_WIDTH, _HEIGHT, Markup("").join(parts))
