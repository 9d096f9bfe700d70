"""Bars: a share of something as a small picture beside its number, and how points are spread."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

_BAR = Markup(
    '<svg class="share" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
    '<path class="rest" d="M0 0h100v8H0z"/><path class="full" d="M0 0h{:g}v8H0z"/></svg>'
)


def bar(part: float, whole: float) -> Markup:
    """A share as a bar. The number stands beside it: nobody needs to see the picture."""
    share = part / whole if whole else 0.0
    return _BAR.format(round(100 * min(max(share, 0.0), 1.0), 1))
