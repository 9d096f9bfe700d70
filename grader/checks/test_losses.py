"""Hidden checks of `losses`: each function against torch.nn.functional."""

import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from grader.checking import (
    assert_gradient_matches,
    assert_matches,
    assert_raises,
    points,
    probes,
    strategies,
)

OPTIONS = strategies.reduction_options()
TIED = torch.tensor([[0.0, 1.0, -2.0], [3.0, 0.5, 0.0]])
LARGE = torch.tensor([[1000.0, 0.0, -1000.0], [-1000.0, -999.0, -1000.0], [500.0, 499.0, 498.0]])
LARGE_TARGET = torch.tensor([1, 2, 0])
# Errors of 1/16, of 1/8 and of 2000.
NEAR_AND_FAR = torch.tensor([3.0, 1000.125, -1000.0]), torch.tensor([2.9375, 1000.0, 1000.0])
CLASS_WEIGHT = torch.tensor([0.5, 2.0, 3.0])
SMOOTHING_AND_WEIGHT = [
    {},
    {"weight": CLASS_WEIGHT},
    {"label_smoothing": 0.5},
    {"weight": CLASS_WEIGHT, "label_smoothing": 0.25},
]
UNEQUAL = [  # torch broadcasts all but the last two in silence
    ((3, 1), (3,)),
    ((2, 3), (3,)),
    ((3,), (1,)),
    ((1,), ()),
    ((1, 3), (3, 1)),
    ((2, 3), (3, 2)),
    ((2,), (3,)),
]


def refuse_unequal_shapes(loss):
    """Ones of one shape against halves of the other, both ways round."""
    for shapes in UNEQUAL:
        for left, right in (shapes, shapes[::-1]):
            assert_raises(ValueError, loss, torch.ones(left), torch.full(right, 0.5))


def in_order(function, *names):
    """torch's function, its arguments by position in this order."""
    return lambda *args: function(**dict(zip(names, args, strict=False)))


def numbers(*shape):
    """1/8, 3/8, 5/8, … and again."""
    count = torch.arange(torch.Size(shape).numel())
    return ((2 * count + 1) % 9).reshape(shape) / 8


def volumes(drawn):
    """Log-probabilities (2, 3, 1, 2, 2) and the class of each of the 8 places."""
    scores = drawn.near(4 * numbers(2, 3, 1, 2, 2)).log_softmax(1)
    return scores, torch.tensor([0, 1, 2, 2, 1, 0, 0, 1]).reshape(2, 1, 2, 2)


@points(0.5)
@given(pair=strategies.pairs(), options=OPTIONS)
def test_l1_loss_matches_torch(losses, pair, options):
    """l1_loss agrees with torch for every shape, dtype and reduction."""
    assert_matches(losses.l1_loss, F.l1_loss, *pair, **options)


@points(0.5)
@given(pair=strategies.pairs(apart=True), options=OPTIONS)
def test_l1_loss_gradient(losses, pair, options):
    """The gradient of l1_loss is torch's."""
    assert_gradient_matches(losses.l1_loss, F.l1_loss, *pair, **options)


@points(0.25)
def test_l1_loss_gradient_where_both_are_equal(losses, drawn):
    """The gradient of l1_loss is finite also where input and target are equal."""
    target = TIED + drawn.scaled(torch.tensor([[0.0, 0.0, 1.0], [0.0, -2.0, 0.0]]))
    for options in ({}, {"reduction": "none"}):
        asked = {"probe": probes.finite_gradient, **options}
        assert_matches(losses.l1_loss, F.l1_loss, TIED, target, **asked)


@points(0.25)
def test_l1_loss_refuses_unequal_shapes(losses):
    """l1_loss raises ValueError for shapes that differ, also where torch would broadcast."""
    refuse_unequal_shapes(losses.l1_loss)


@points(0.25)
def test_l1_loss_of_any_shape_by_name_and_by_position(losses, drawn):
    """A number, an image, near and far; `input` and `target` by name, `reduction` comes third."""
    ordered = in_order(F.l1_loss, "input", "target", "reduction")
    image = drawn.tensor(1, 2, 2, 3)
    for input, target in ((torch.tensor(0.5), torch.tensor(2.0)), (image, 1 - image), NEAR_AND_FAR):
        assert_matches(losses.l1_loss, F.l1_loss, input=input, target=target)
        assert_matches(losses.l1_loss, ordered, input, target, "none")


@points(0.25)
def test_l1_loss_refuses_unknown_reductions(losses):
    """l1_loss raises ValueError for a reduction that is none."""
    for reduction in ("average", "MEAN", ""):
        assert_raises(ValueError, losses.l1_loss, TIED, TIED + 1, reduction=reduction)


@points(0.5)
@given(pair=strategies.pairs(), options=OPTIONS)
def test_mse_loss_matches_torch(losses, pair, options):
    """mse_loss agrees with torch for every shape, dtype and reduction."""
    assert_matches(losses.mse_loss, F.mse_loss, *pair, **options)


@points(0.75)
@given(pair=strategies.pairs(), options=OPTIONS)
def test_mse_loss_gradient(losses, pair, options):
    """The gradient of mse_loss is torch's."""
    assert_gradient_matches(losses.mse_loss, F.mse_loss, *pair, **options)


@points(0.25)
def test_mse_loss_refuses_every_unequal_shape(losses):
    """mse_loss raises ValueError for shapes that differ, also where torch would broadcast."""
    refuse_unequal_shapes(losses.mse_loss)


@points(0.25)
def test_mse_loss_of_any_shape_by_name_and_by_position(losses, drawn):
    """A number, an image, near and far; `input` and `target` by name, `reduction` comes third."""
    ordered = in_order(F.mse_loss, "input", "target", "reduction")
    image = drawn.tensor(1, 2, 2, 3)
    for input, target in ((torch.tensor(0.5), torch.tensor(2.0)), (image, 1 - image), NEAR_AND_FAR):
        assert_matches(losses.mse_loss, F.mse_loss, input=input, target=target)
        assert_matches(losses.mse_loss, ordered, input, target, "none")


@points(0.25)
def test_mse_loss_refuses_unknown_reductions(losses):
    """mse_loss raises ValueError for a reduction that is none."""
    for reduction in ("average", "MEAN", ""):
        assert_raises(ValueError, losses.mse_loss, TIED, TIED + 1, reduction=reduction)


@points(0.5)
@given(pair=strategies.probabilities(), options=OPTIONS)
def test_binary_cross_entropy_matches_torch(losses, pair, options):
    """binary_cross_entropy agrees with torch, also at probabilities of 0 and 1."""
    assert_matches(losses.binary_cross_entropy, F.binary_cross_entropy, *pair, **options)


@points(0.5)
@given(pair=strategies.probabilities(), options=OPTIONS, data=st.data())
def test_binary_cross_entropy_weight(losses, pair, options, data):
    """Each element is weighted before the reduction; the mean is over the elements."""
    weight = data.draw(strategies.tensors(pair[0].shape, pair[0].dtype, 0.25, 3.0))
    reference = F.binary_cross_entropy
    assert_matches(losses.binary_cross_entropy, reference, *pair, weight=weight, **options)


@points(0.5)
def test_binary_cross_entropy_of_certainty(losses, drawn):
    """Probabilities of exactly 0 and 1 give finite losses: each log is clamped at -100."""
    for dtype in (torch.float32, torch.float64):
        sure = torch.tensor([0.0, 1.0, 0.0, 1.0, 1e-45, 0.0], dtype=dtype)
        partly = [drawn.integer(0, 64) / 64 for _ in range(2)]
        target = torch.tensor([0.0, 1.0, 1.0, 0.0, *partly], dtype=dtype)
        for reduction in ("none", "mean"):
            reference = F.binary_cross_entropy
            assert_matches(
                losses.binary_cross_entropy, reference, sure, target, reduction=reduction
            )


@points(0.25)
@given(pair=strategies.probabilities(inside=True), options=OPTIONS, data=st.data())
def test_binary_cross_entropy_gradient(losses, pair, options, data):
    """The gradient of binary_cross_entropy is torch's, with a weight and without."""
    weight = data.draw(
        st.none() | strategies.tensors(pair[0].shape, pair[0].dtype, 0.25, 3.0), label="weight"
    )
    named = options if weight is None else {**options, "weight": weight}
    assert_gradient_matches(losses.binary_cross_entropy, F.binary_cross_entropy, *pair, **named)


@points(0.25)
def test_binary_cross_entropy_of_any_shape_by_name_and_by_position(losses, drawn):
    """A number, an image, a weight that broadcasts; `weight` comes third, `reduction` fourth."""
    reference = F.binary_cross_entropy
    ordered = in_order(reference, "input", "target", "weight", "reduction")
    half, image = torch.tensor(0.5), drawn.tensor(1, 2, 2, 3, low=0.0, high=8.0) / 8
    assert_matches(losses.binary_cross_entropy, reference, input=half, target=half / 2)
    assert_matches(losses.binary_cross_entropy, reference, input=image, target=1 - image)
    for weight in (torch.tensor([1.0, 2.0, 3.0]), torch.tensor([[0.5], [2.0]])):
        for reduction in ("mean", "none"):
            arguments = image, 1 - image, weight, reduction
            assert_matches(losses.binary_cross_entropy, ordered, *arguments)
    sure = torch.tensor([0.001, 0.999, 0.001, 0.999]), torch.tensor([0.0, 1.0, 1.0, 0.0])
    assert_gradient_matches(losses.binary_cross_entropy, reference, *sure)


@points(0.25)
def test_binary_cross_entropy_refuses_unequal_shapes(losses):
    """binary_cross_entropy raises ValueError for shapes that differ."""
    refuse_unequal_shapes(losses.binary_cross_entropy)


@points(0.25)
def test_binary_cross_entropy_refuses_unknown_reductions(losses):
    """binary_cross_entropy raises ValueError for a reduction that is none."""
    half = torch.full((2, 3), 0.5)
    for reduction in ("average", "MEAN", ""):
        assert_raises(ValueError, losses.binary_cross_entropy, half, half, reduction=reduction)


@points(0.25)
@given(batch=strategies.log_probabilities(most=0), options=OPTIONS)
def test_nll_loss_matches_torch(losses, batch, options):
    """nll_loss agrees with torch: minus the target's log-probability."""
    assert_matches(losses.nll_loss, F.nll_loss, *batch, **options)


@points(0.25)
def test_nll_loss_by_name_and_by_position(losses, drawn):
    """The order is input, target, weight, ignore_index, reduction; log-densities may exceed 0."""
    names = "input", "target", "weight", "ignore_index", "reduction"
    for scores, target in (volumes(drawn), (drawn.near(TIED), torch.tensor([1, 0]))):
        assert_matches(losses.nll_loss, F.nll_loss, input=scores, target=target)
        for ignored in (-100, 1, 255):
            for reduction in ("mean", "none"):
                arguments = scores, target, CLASS_WEIGHT, ignored, reduction
                assert_matches(losses.nll_loss, in_order(F.nll_loss, *names), *arguments)


@points(0.25)
@given(batch=strategies.log_probabilities(least=1), options=OPTIONS)
def test_nll_loss_per_pixel(losses, batch, options):
    """nll_loss takes (N, C, d1, …): the classes are dimension 1."""
    assert_matches(losses.nll_loss, F.nll_loss, *batch, **options)


@points(0.25)
def test_nll_loss_keeps_every_dimension(losses, drawn):
    """Without a reduction the losses have the shape of the target, lengths of 1 included."""
    for shape in ((1,), (2, 1), (1, 3), (1, 1, 1), (1, 2, 1)):
        target = torch.ones(shape, dtype=torch.int64)
        scores = drawn.tensor(shape[0], 2, *shape[1:])
        assert_matches(losses.nll_loss, F.nll_loss, scores, target, reduction="none")


@points(0.5)
@given(batch=strategies.log_probabilities(), options=OPTIONS, data=st.data())
def test_nll_loss_weight_and_ignore_index(losses, batch, options, data):
    """The mean divides by the summed weight of the targets that count."""
    scores, target = batch
    weight = data.draw(strategies.class_weights(scores.shape[1], scores.dtype))
    target, ignored = data.draw(strategies.ignoring(target, scores.shape[1]))
    weighted = {"weight": weight} if data.draw(st.booleans(), label="weighted") else {}
    named = {**weighted, "ignore_index": ignored, **options}
    assert_matches(losses.nll_loss, F.nll_loss, scores, target, **named)


@points(0.25)
def test_nll_loss_with_every_target_ignored(losses, drawn):
    """A mean over nothing is NaN, a sum over nothing 0; over one target both are that target's."""
    nothing = torch.full((3,), -100)
    for scores in (LARGE.log_softmax(1), torch.zeros(3, 1)):
        for reduction in ("mean", "sum", "none"):
            assert_matches(losses.nll_loss, F.nll_loss, scores, nothing, reduction=reduction)
    scores, target = volumes(drawn)
    for weight in (None, CLASS_WEIGHT):
        arguments = scores, torch.full_like(target, -100)
        assert_matches(losses.nll_loss, F.nll_loss, *arguments, weight=weight)
    one = drawn.tensor(3, 3), torch.tensor([-100, drawn.integer(0, 2), -100])
    for reduction in ("mean", "sum"):
        assert_matches(losses.nll_loss, F.nll_loss, *one, reduction=reduction)


@points(0.5)
@given(batch=strategies.log_probabilities(), options=OPTIONS, data=st.data())
def test_nll_loss_gradient(losses, batch, options, data):
    """The gradient of nll_loss is torch's, also with weights and ignored targets."""
    scores, target = batch
    target, ignored = data.draw(strategies.ignoring(target, scores.shape[1], keep_one=True))
    named = {"ignore_index": ignored, **options}
    if data.draw(st.booleans(), label="weighted"):
        named["weight"] = data.draw(strategies.class_weights(scores.shape[1], scores.dtype))
    scores = scores.contiguous()  # torch's own gradient of images asks for it
    assert_gradient_matches(losses.nll_loss, F.nll_loss, scores, target, **named)


@points(0.25)
def test_nll_loss_refuses_unknown_reductions(losses):
    """nll_loss raises ValueError for a reduction that is none."""
    for reduction in ("average", "MEAN", ""):
        arguments = LARGE.log_softmax(1), LARGE_TARGET
        assert_raises(ValueError, losses.nll_loss, *arguments, reduction=reduction)


@points(0.25)
@given(batch=strategies.classifications(single=True, most=0), options=OPTIONS)
def test_cross_entropy_matches_torch(losses, batch, options):
    """cross_entropy agrees with torch, for a batch and for one sample."""
    assert_matches(losses.cross_entropy, F.cross_entropy, *batch, **options)


@points(0.25)
@given(batch=strategies.classifications(least=1), options=OPTIONS)
def test_cross_entropy_per_pixel(losses, batch, options):
    """cross_entropy takes (N, C, d1, …): the classes are dimension 1."""
    assert_matches(losses.cross_entropy, F.cross_entropy, *batch, **options)


@points(0.25)
def test_cross_entropy_by_name_and_by_position(losses, drawn):
    """The order is input, target, weight, ignore_index, reduction, label_smoothing."""
    names = "input", "target", "weight", "ignore_index", "reduction", "label_smoothing"
    ordered = in_order(F.cross_entropy, *names)
    assert_matches(losses.cross_entropy, F.cross_entropy, input=LARGE, target=LARGE_TARGET)
    tied = drawn.near(TIED)
    for logits, target in (
        volumes(drawn),
        (tied, torch.tensor([1, 0])),
        (tied[0], torch.tensor(1)),
    ):
        for ignored in (-100, 0, 1, 255):
            for reduction, smoothing in (("mean", 0.5), ("none", 0.5), ("none", 0.0)):
                arguments = logits, target, CLASS_WEIGHT, ignored, reduction, smoothing
                assert_matches(losses.cross_entropy, ordered, *arguments)


@points(0.5)
def test_cross_entropy_of_large_logits(losses, drawn):
    """Logits of ±1000 give torch's values and gradients: no overflow, no NaN."""
    large = drawn.near(LARGE)
    one, pixels = (large[0], torch.tensor(2)), (large.T.unsqueeze(0), LARGE_TARGET.unsqueeze(0))
    for logits, target in ((large, LARGE_TARGET), one, pixels):
        for named in SMOOTHING_AND_WEIGHT:
            arguments = losses.cross_entropy, F.cross_entropy, logits, target
            assert_gradient_matches(*arguments, **named)
    for dtype in (torch.float32, torch.float64):
        for target in (torch.tensor([0, 1, 2]), torch.tensor([2, 0, 1])):
            arguments = losses.cross_entropy, F.cross_entropy, large.to(dtype), target
            for reduction in ("sum", "none"):
                assert_gradient_matches(*arguments, reduction=reduction)


@points(0.5)
@given(batch=strategies.classifications(single=True), options=OPTIONS, data=st.data())
def test_cross_entropy_weight_and_ignore_index(losses, batch, options, data):
    """The mean divides by the summed weight of the targets that count."""
    logits, target = batch
    classes = logits.shape[0] if logits.dim() == 1 else logits.shape[1]
    weight = data.draw(strategies.class_weights(classes, logits.dtype))
    target, ignored = data.draw(strategies.ignoring(target, classes))
    weighted = {"weight": weight} if data.draw(st.booleans(), label="weighted") else {}
    named = {**weighted, "ignore_index": ignored, **options}
    assert_matches(losses.cross_entropy, F.cross_entropy, logits, target, **named)


@points(0.25)
def test_cross_entropy_ignores_minus_100_by_default(losses, drawn):
    """A target of -100 does not count; where none counts, the mean is NaN and the sum 0."""
    large = drawn.near(LARGE)
    for target in ([1, -100, 0], [-100, -100, -100]):
        for options in ({}, {"reduction": "sum"}, {"label_smoothing": 0.5}):
            arguments = large, torch.tensor(target)
            assert_matches(losses.cross_entropy, F.cross_entropy, *arguments, **options)
    assert_matches(losses.cross_entropy, F.cross_entropy, LARGE[:1, :1], torch.tensor([-100]))


@points(0.25)
@given(batch=strategies.classifications(), options=OPTIONS, data=st.data())
def test_cross_entropy_label_smoothing(losses, batch, options, data):
    """Label smoothing is torch's, alone and with weights and ignored targets."""
    logits, target = batch
    named = {**options, "label_smoothing": data.draw(st.sampled_from([0.1, 0.5, 1.0, 0.0]))}
    if data.draw(st.booleans(), label="weighted"):
        named["weight"] = data.draw(strategies.class_weights(logits.shape[1], logits.dtype))
    if data.draw(st.booleans(), label="some ignored"):
        target, named["ignore_index"] = data.draw(strategies.ignoring(target, logits.shape[1]))
    assert_matches(losses.cross_entropy, F.cross_entropy, logits, target, **named)


@points(0.5)
@given(batch=strategies.classifications(single=True), options=OPTIONS, data=st.data())
def test_cross_entropy_gradient(losses, batch, options, data):
    """The gradient of cross_entropy is torch's, with weights and smoothing too."""
    logits, target = batch
    classes = logits.shape[0] if logits.dim() == 1 else logits.shape[1]
    target, ignored = data.draw(strategies.ignoring(target, classes, keep_one=True))
    named = {"ignore_index": ignored, **options}
    if data.draw(st.booleans(), label="weighted"):
        named["weight"] = data.draw(strategies.class_weights(classes, logits.dtype))
        named["label_smoothing"] = 0.25
    assert_gradient_matches(losses.cross_entropy, F.cross_entropy, logits, target, **named)


@points(0.25)
def test_cross_entropy_refuses_bad_arguments(losses):
    """cross_entropy raises ValueError for an unknown reduction and a smoothing outside [0, 1]."""
    reductions = [{"reduction": reduction} for reduction in ("average", "MEAN", "")]
    for options in (*reductions, {"label_smoothing": -0.1}, {"label_smoothing": 1.1}):
        assert_raises(ValueError, losses.cross_entropy, LARGE, LARGE_TARGET, **options)
