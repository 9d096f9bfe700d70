"""A curve of training as a picture: the submission's numbers over steps beside the reference's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from grader.grades import Curve
from grader.reports.html.pages import shown
from grader.reports.html.scales import Scale, scale, steps

_WIDTH, _HEIGHT = 520, 250
_LEFT, _RIGHT, _TOP, _BOTTOM = 58, 16, 14, 40
_DOTS = 40  # of more points than these the line alone is drawn
_RANGE = 1e12  # what is further off is drawn at the edge: beside it nothing else could be seen


@dataclass(frozen=True)
class Voice:
    """What a reader calls the two lines: a submission is somebody's, or the reader's own."""

    key: str
    mine: str
    of_mine: str
    key_of_reference: str
    reference: str
    of_reference: str


ABOUT = Voice(
    "this submission",
    "The submission",
    "The submission's",
    "reference",
    "the reference",
    "the reference's",
)
OWN = Voice("yours", "Yours", "Yours", "torch's", "torch's", "torch's")

_FIGURE = Markup(
    '<figure class="curve"><figcaption id="{id}"><b>{title}</b> of <code>{function}</code>. '
    '{told}</figcaption>\n<ul class="key" aria-hidden="true"><li class="got">{key}</li>'
    '<li class="expected">{key_of_reference}</li></ul>\n'
    '<svg viewBox="0 0 {width} {height}" role="img" aria-labelledby="{id}">{axes}{got}'
    '<polyline class="expected" points="{expected}"/></svg></figure>\n'
)


def curve_chart(curve: Curve, id: str, voice: Voice = ABOUT) -> Markup:
    """A figure with axes, a key that does not go by colour alone, and the same in words.

    `id` is for its caption: no other thing of the page has it.
    """
    unit = "epoch" if "epoch" in curve.title else "step"
    longest = max(len(curve.got), len(curve.expected))
    across = steps(longest, _LEFT, _WIDTH - _RIGHT)
    limit = _RANGE * max(map(abs, curve.expected))
    drawn = [value for value in (*curve.got, *curve.expected) if abs(value) <= (limit or _RANGE)]
    up = scale(drawn or [0.0], _HEIGHT - _BOTTOM, _TOP)
    return _FIGURE.format(
        id=id,
        title=shown(curve.title),
        function=shown(curve.function),
        told=_told(curve, voice, unit),
        key=voice.key,
        key_of_reference=voice.key_of_reference,
        width=_WIDTH,
        height=_HEIGHT,
        axes=_axes(across, up, unit),
        expected=_points(curve.expected, across, up),
        got=_line(curve.got, across, up),
    )


def _told(curve: Curve, voice: Voice, unit: str) -> str:
    """The curves in words: where each begins and ends, and what is remarkable."""
    if curve.got == curve.expected:
        return f"{voice.of_mine} is {voice.of_reference}: it {_way(curve.got, unit)}."
    said = f"{voice.mine} {_way(curve.got, unit)}; "
    said += f"{voice.reference} {_way(curve.expected, unit)}."
    if len(curve.got) < len(curve.expected):
        said += f" {voice.of_mine} has {len(curve.got)} of {len(curve.expected)} {unit}s."
    return said


def _way(values: Sequence[float], unit: str) -> str:
    first, last = f"{values[0]:.3g}", f"{values[-1]:.3g}"
    if len(values) == 1 or first == last:
        return f"stays at {last}" if len(values) > 1 else f"is at {last}"
    lowest = min(range(len(values)), key=values.__getitem__)
    way = f"goes from {first} to {last}"
    if values[lowest] < min(values[0], values[-1]):
        way += f", lowest at {unit} {lowest + 1} with {values[lowest]:.3g}"
    return way


def _points(values: Sequence[float], across: Scale, up: Scale) -> str:
    return " ".join(f"{across(step):g},{up(value):g}" for step, value in enumerate(values, 1))


def _line(values: Sequence[float], across: Scale, up: Scale) -> Markup:
    line = Markup('<polyline class="got" points="{}"/>').format(_points(values, across, up))
    if len(values) > _DOTS:
        return line
    dots = "".join(f"M{across(step):g} {up(value):g}h0" for step, value in enumerate(values, 1))
    return line + Markup('<path class="dots" d="{}"/>').format(dots)


def _axes(across: Scale, up: Scale, step: str) -> Markup:
    left, right, bottom = _LEFT, _WIDTH - _RIGHT, _HEIGHT - _BOTTOM
    parts = []
    for mark in up.marks:
        parts.append(
            Markup(
                '<path class="grid" d="M{} {:g}H{}"/><text class="up" x="{}" y="{:g}">{:.6g}</text>'
            ).format(left, up(mark), right, left - 8, up(mark) + 4, mark)
        )
    for mark in across.marks:
        parts.append(
            Markup('<text class="across" x="{:g}" y="{}">{:g}</text>').format(
                across(mark), bottom + 18, mark
            )
        )
    parts.append(Markup('<path class="axis" d="M{} {}H{}"/>').format(left, bottom, right))
    how = f"{step}; the upward axis is logarithmic" if up.logarithmic else step
    parts.append(
        Markup('<text class="name" x="{}" y="{}">{}</text>').format(right, _HEIGHT - 4, how)
    )
    return Markup("").join(parts)
