"""The kernels of a network's first layer as pictures: before it has learnt and after."""

from __future__ import annotations

import math
from collections.abc import Sequence

from markupsafe import Markup

_SIZE, _CHANNELS = 5, 3
_COLUMNS = 8
_PITCH = _SIZE + 1

Kernel = Sequence[float]  # channel by channel, row by row

_FIGURE = Markup(
    '<figure class="kernels"><figcaption id="{id}">{told}</figcaption>\n<div class="pair">'
    "<div><h3>before</h3>{before}</div><div><h3>after {steps} steps</h3>{after}</div>"
    "</div></figure>\n"
)


def kernel_chart(
    before: Sequence[Kernel],
    after: Sequence[Kernel],
    right: tuple[float, float],
    steps: int,
    id: str,
) -> Markup:
    """A figure of all kernels, each in its own strength of colour: grey is 0.

    `right` is the share of unseen images that the network names rightly, before and after.
    """
    most = _moved_most(before, after)
    return _FIGURE.format(
        id=id,
        told=_told(len(before), most, right, steps),
        steps=steps,
        before=_grid(before, most, id),
        after=_grid(after, most, id),
    )


def is_finite(kernels: Sequence[Kernel]) -> bool:
    return all(math.isfinite(weight) for kernel in kernels for weight in kernel)


def _moved_most(before: Sequence[Kernel], after: Sequence[Kernel]) -> int:
    moved = [math.dist(old, new) for old, new in zip(before, after, strict=True)]
    return max(range(len(moved)), key=moved.__getitem__)


def _told(count: int, most: int, right: tuple[float, float], steps: int) -> str:
    """What is to be seen, in words."""
    row, column = divmod(most, _COLUMNS)
    return (
        f"The {count} kernels of conv1, each {_SIZE}×{_SIZE} pixels in colour, before and after "
        f"{steps} steps on the generated images. The noise they begin with turns into edges and "
        f"colours; the one that has changed most, in row {row + 1} and column {column + 1}, is "
        f"framed. Of images it has not seen your network names {right[0]:.0%} rightly before and "
        f"{right[1]:.0%} after; guessing gives 10%."
    )


def _grid(kernels: Sequence[Kernel], framed: int, id: str) -> Markup:
    rows = math.ceil(len(kernels) / _COLUMNS)
    drawn = Markup("").join(_kernel(kernel, number) for number, kernel in enumerate(kernels))
    left, top = framed % _COLUMNS * _PITCH, framed // _COLUMNS * _PITCH
    return Markup(
        '<svg viewBox="-.5 -.5 {} {}" shape-rendering="crispEdges" role="img" '
        'aria-labelledby="{}">{}<path class="most" d="M{} {}h5.4v5.4h-5.4z"/></svg>'
    ).format(_COLUMNS * _PITCH, rows * _PITCH, id, drawn, left - 0.2, top - 0.2)


def _kernel(kernel: Kernel, number: int) -> Markup:
    """One kernel; its largest weight, whatever its sign, has the strongest colour."""
    left, top = number % _COLUMNS * _PITCH, number // _COLUMNS * _PITCH
    largest = max(map(abs, kernel)) or 1.0
    levels = [round(127.5 + 127.5 * weight / largest) for weight in kernel]
    pixels = _SIZE * _SIZE
    parts = []
    for place in range(pixels):
        colour = "".join(f"{levels[channel * pixels + place]:02x}" for channel in range(_CHANNELS))
        row, column = divmod(place, _SIZE)
        parts.append(f'<path fill="#{colour}" d="M{left + column} {top + row}h1v1h-1z"/>')
    return Markup("".join(parts))  # of numbers alone: nothing is there to be escaped
