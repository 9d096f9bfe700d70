"""The loss surface on which optimizers are shown: a line's mean squared error on four points.

The line is w·x + b, the points lie on 2x + 1 at x = 0, ½, 1½ and 2. With d the way to the least
loss, w = 2 and b = 1, the loss is dᵀ A d: a ravine that lies askew, nine times as steep across as
along, in which each way of descending shows what it is.
"""

from __future__ import annotations

import math

Point = tuple[float, float]  # (w, b)

LEAST: Point = (2.0, 1.0)
START: Point = (-1.0, 3.2)
STEPS = 45
_XX, _XY, _YY = 1.625, 1.0, 1.0  # A: the means of x², x and 1


def loss(point: Point) -> float:
    """The mean squared error of the line with this w and b."""
    across, up = point[0] - LEAST[0], point[1] - LEAST[1]
    return _XX * across * across + 2 * _XY * across * up + _YY * up * up


def slope(point: Point) -> Point:
    """The gradient of `loss`."""
    across, up = point[0] - LEAST[0], point[1] - LEAST[1]
    return 2 * (_XX * across + _XY * up), 2 * (_XY * across + _YY * up)


def ellipse(level: float) -> tuple[float, float, float]:
    """The line along which the loss is `level`: its half axes, the longer one first, and by how
    much that is turned from w's axis towards b's, in degrees."""
    middle, apart = (_XX + _YY) / 2, math.hypot((_XX - _YY) / 2, _XY)
    turned = math.degrees(math.atan2(2 * _XY, _XX - _YY) / 2) + 90
    return math.sqrt(level / (middle - apart)), math.sqrt(level / (middle + apart)), turned
