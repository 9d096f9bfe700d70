"""Inputs for checks, as hypothesis strategies that shrink to what one would write on a blackboard.

Values are multiples of 1/4 of small size, shapes are short, and everything shrinks towards one
element, zeros, float32 and the default reduction.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from hypothesis import strategies as st

Tensors = tuple[torch.Tensor, ...]


def reductions() -> st.SearchStrategy[str]:
    """The three reductions of torch's losses."""
    return st.sampled_from(["mean", "sum", "none"])


def reduction_options() -> st.SearchStrategy[dict[str, str]]:
    """Keyword arguments: the reduction left out, or one of the three."""
    named = reductions().map(lambda reduction: {"reduction": reduction})
    return st.one_of(st.just({}), named)


def dtypes() -> st.SearchStrategy[torch.dtype]:
    """float32 and float64."""
    return st.sampled_from([torch.float32, torch.float64])


def shapes(least: int = 1, most: int = 3, longest: int = 4) -> st.SearchStrategy[tuple[int, ...]]:
    """Shapes of `least` to `most` dimensions, none empty."""
    return st.lists(st.integers(1, longest), min_size=least, max_size=most).map(tuple)


@st.composite
def tensors(
    draw: st.DrawFn,
    shape: Sequence[int],
    dtype: torch.dtype = torch.float32,
    low: float = -3.0,
    high: float = 3.0,
) -> torch.Tensor:
    """A tensor of multiples of 1/4 in [low, high]; now and then transposed in memory."""
    count = math.prod(shape)
    quarters = st.integers(math.ceil(low * 4), math.floor(high * 4))
    values = draw(st.lists(quarters, min_size=count, max_size=count))
    tensor = torch.tensor(values, dtype=dtype).reshape(tuple(shape)) / 4
    return draw(layouts(tensor))


def layouts(tensor: torch.Tensor) -> st.SearchStrategy[torch.Tensor]:
    """The same numbers, contiguous or transposed in memory."""
    if tensor.dim() < 2:
        return st.just(tensor)
    return st.sampled_from([tensor, tensor.transpose(0, -1).contiguous().transpose(0, -1)])


@st.composite
def elements(draw: st.DrawFn, nonzero: bool = False) -> torch.Tensor:
    """A tensor of any shape and dtype; with `nonzero`, no element is 0 or near it."""
    x = draw(tensors(draw(shapes(longest=3)), draw(dtypes())))
    return torch.where(x == 0, x - 0.25, x) if nonzero else x


@st.composite
def scores(draw: st.DrawFn) -> tuple[torch.Tensor, int]:
    """A tensor of few elements and one of its dimensions, now and then counted from the end.

    Of many, the gradients that weights 1, 2, 3, … give are sums that cancel, rounded.
    """
    shape = draw(st.one_of(shapes(1, 2, 3), shapes(3, 3, 2)))
    dim = draw(st.integers(-len(shape), len(shape) - 1))
    return draw(tensors(shape, draw(dtypes()))), dim


@st.composite
def pairs(draw: st.DrawFn, apart: bool = False) -> Tensors:
    """Two tensors of one shape and dtype; with `apart`, no two elements are equal or near."""
    shape, dtype = draw(shapes()), draw(dtypes())
    first, second = draw(tensors(shape, dtype)), draw(tensors(shape, dtype))
    if apart:
        second = torch.where((first - second).abs() < 0.1, second - 1, second)
    return first, second


@st.composite
def unequal_pairs(draw: st.DrawFn) -> Tensors:
    """Two tensors of different shapes that torch would broadcast in silence."""
    length, width = draw(st.integers(2, 4)), draw(st.integers(2, 4))
    left, right = draw(
        st.sampled_from(
            [((length, 1), (length,)), ((length, width), (width,)), ((length,), (1,)), ((1,), ())]
        )
    )
    if draw(st.booleans()):
        left, right = right, left
    return torch.ones(left), torch.zeros(right)


@st.composite
def probabilities(draw: st.DrawFn, inside: bool = False) -> Tensors:
    """Probabilities in [0, 1] and soft targets of one shape; `inside` keeps them off 0 and 1."""
    shape, dtype = draw(shapes()), draw(dtypes())
    count = math.prod(shape)
    least, most = (1, 9) if inside else (0, 10)
    tenths = draw(st.lists(st.integers(least, most), min_size=count, max_size=count))
    targets = draw(st.lists(st.sampled_from([0, 4, 1, 3]), min_size=count, max_size=count))
    predicted = torch.tensor(tenths, dtype=torch.float64).reshape(shape) / 10
    wanted = torch.tensor(targets, dtype=torch.float64).reshape(shape) / 4
    return draw(layouts(predicted.to(dtype))), draw(layouts(wanted.to(dtype)))


@st.composite
def class_targets(draw: st.DrawFn, shape: Sequence[int], classes: int) -> torch.Tensor:
    """int64 class indices below `classes`."""
    count = math.prod(shape)
    drawn = draw(st.lists(st.integers(0, classes - 1), min_size=count, max_size=count))
    return draw(layouts(torch.tensor(drawn, dtype=torch.int64).reshape(tuple(shape))))


@st.composite
def classifications(
    draw: st.DrawFn, single: bool = False, largest: float = 3.0, least: int = 0, most: int = 2
) -> Tensors:
    """Logits (N, C, d1, …) and class targets (N, d1, …), with `least` to `most` further dimensions.

    With `single` also logits (C,) and one target.
    """
    classes, dtype = draw(st.integers(2, 4)), draw(dtypes())
    batch = draw(st.integers(1, 4))
    further = draw(st.lists(st.integers(1, 3), min_size=least, max_size=most))
    logits = draw(tensors((batch, classes, *further), dtype, -largest, largest))
    targets = draw(class_targets((batch, *further), classes))
    if single and not further and draw(st.booleans()):
        return logits[0].clone(), targets[0].clone()
    return logits, targets


@st.composite
def log_probabilities(draw: st.DrawFn, least: int = 0, most: int = 2) -> Tensors:
    """`classifications` after log_softmax, laid out in memory as the logits were."""
    logits, targets = draw(classifications(least=least, most=most))
    return torch.empty_like(logits).copy_(logits.log_softmax(1)), targets


def class_weights(classes: int, dtype: torch.dtype) -> st.SearchStrategy[torch.Tensor]:
    """A positive weight for each class, no two classes alike by necessity."""
    drawn = st.lists(
        st.sampled_from([1.0, 2.0, 0.5, 3.0, 0.125]), min_size=classes, max_size=classes
    )
    return drawn.map(lambda values: torch.tensor(values, dtype=dtype))


@st.composite
def ignoring(
    draw: st.DrawFn, targets: torch.Tensor, classes: int, keep_one: bool = False
) -> tuple[torch.Tensor, int]:
    """The targets with some replaced by an ignore_index, and that index.

    With `keep_one` the first target counts, so that the mean is over something.
    """
    outside = [-100, -1, 255]
    index = draw(st.sampled_from(outside if keep_one else [*outside, 0, classes - 1]))
    count = targets.numel()
    kept = draw(st.lists(st.booleans(), min_size=count, max_size=count))
    kept[0] |= keep_one
    mask = torch.tensor(kept).reshape(targets.shape)
    return torch.where(mask, targets, torch.full_like(targets, index)), index


@st.composite
def training_runs(
    draw: st.DrawFn, parameters: int = 2, steps: int = 4, missing: bool = True
) -> tuple[list[torch.Tensor], list[list[torch.Tensor | None]]]:
    """Parameters of different shapes and a row of gradients for each step; some are None."""
    dtype = draw(dtypes())
    every_shape = draw(st.lists(shapes(1, 2, 3), min_size=1, max_size=parameters))
    starts = [draw(tensors(shape, dtype)) for shape in every_shape]
    rows: list[list[torch.Tensor | None]] = []
    for _ in range(draw(st.integers(1, steps))):
        row: list[torch.Tensor | None] = []
        for shape in every_shape:
            absent = missing and draw(st.integers(0, 5)) == 5
            row.append(None if absent else draw(tensors(shape, dtype)))
        rows.append(row)
    return starts, rows
