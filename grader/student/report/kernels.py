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
    "<div><h4>before</h4>{before}</div><div><h4>after {steps} steps</h4>{after}</div>"
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
    return _FIGURE.format(
        id=id,
        told=told(before, after, right, steps),
        steps=steps,
        before=_grid(before, id),
        after=_grid(after, id),
    )


def is_finite(kernels: Sequence[Kernel]) -> bool:
    return all(math.isfinite(weight) for kernel in kernels for weight in kernel)


def told(
    before: Sequence[Kernel], after: Sequence[Kernel], right: tuple[float, float], steps: int
) -> str:
    """What is to be seen, in words."""
    moved = [math.dist(old, new) for old, new in zip(before, after, strict=True)]
    most = max(range(len(moved)), key=moved.__getitem__)
    return (
        f"The {len(before)} kernels of conv1, each {_SIZE}×{_SIZE} pixels in colour, before and "
        f"after {steps} steps on the generated images. Noise turns into edges and colours: number "
        f"{most + 1}, counted row by row, has changed most. Of images it has not seen your network "
        f"names {right[0]:.0%} rightly before and {right[1]:.0%} after; guessing gives 10%."
    )


def _grid(kernels: Sequence[Kernel], id: str) -> Markup:
    rows = math.ceil(len(kernels) / _COLUMNS)
    drawn = Markup("").join(_kernel(kernel, number) for number, kernel in enumerate(kernels))
    return Markup(
        '<svg viewBox="0 0 {} {}" shape-rendering="crispEdges" role="img" '
        'aria-labelledby="{}">{}</svg>'
    ).format(_COLUMNS * _PITCH - 1, rows * _PITCH - 1, id, drawn)


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
