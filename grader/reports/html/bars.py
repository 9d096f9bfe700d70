"""A share as a picture beside its number: what was earned is quiet, what is missing is ink."""

from __future__ import annotations

from markupsafe import Markup


def bar(part: float, whole: float, largest: float | None = None, unwritten: float = 0.0) -> Markup:
    """A share as a bar, as long as its whole is beside the `largest` one.

    What is missing is ink, but for the `unwritten` part of it: nothing is wrong with that yet.

    The number stands beside it: nobody needs to see the picture.
    """
    length = 100 * whole / (largest or whole) if whole else 0.0
    share = part / whole if whole else 0.0
    earned = round(length * min(max(share, 0.0), 1.0), 1)
    written = round(length - (length * unwritten / whole if whole else 0.0), 1)
    waiting = f'<path class="waiting" d="M{written:g} 0H{length:.1f}V10H{written:g}z"/>'
    # Numbers alone go in, some thousands of times: nothing is there to be escaped.
    return Markup(
        '<svg class="share" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
        f'<path class="earned" d="M0 0H{earned:g}V10H0z"/>'
        f'<path class="lost" d="M{earned:g} 0H{written:g}V10H{earned:g}z"/>'
        f"{waiting if unwritten else ''}</svg>"
    )
