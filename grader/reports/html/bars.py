"""A share as a picture beside its number: what was earned is quiet, what is missing is ink."""

from __future__ import annotations

from markupsafe import Markup

_BAR = Markup(
    '<svg class="share" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
    '<path class="earned" d="M0 0H{:g}V10H0z"/>'
    '<path class="lost" d="M{:g} 0H{:g}V10H{:g}z"/></svg>'
)


def bar(part: float, whole: float, largest: float | None = None) -> Markup:
    """A share as a bar, as long as its whole is beside the `largest` one.

    The number stands beside it: nobody needs to see the picture.
    """
    length = 100 * whole / (largest or whole) if whole else 0.0
    share = part / whole if whole else 0.0
    earned = round(length * min(max(share, 0.0), 1.0), 1)
    return _BAR.format(earned, earned, round(length, 1), earned)
