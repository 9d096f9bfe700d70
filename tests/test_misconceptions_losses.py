"""Every misconception of `losses` differs from torch on the kind of input its mistake needs."""

import math
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from observing import Case, Examination, crashed
from torch import Tensor


def loss_case(input: Any, target: Any, *, at_float64: bool = True, **options: Any) -> Case:
    """Value, type, gradient and inputs afterwards of one call of a loss."""

    def case(loss_fn: Any) -> Any:
        dtype = torch.float64 if at_float64 else torch.float32
        inputs = [torch.as_tensor(input).to(dtype), torch.as_tensor(target)]
        if inputs[1].is_floating_point():
            inputs[1] = inputs[1].to(dtype)
        inputs = [one.clone() for one in inputs]
        given = {
            name: value.to(dtype) if isinstance(value, Tensor) else value
            for name, value in options.items()
        }
        inputs[0].requires_grad_()
        loss = loss_fn(*inputs, **given)
        gradient = None
        if isinstance(loss, Tensor) and loss.requires_grad:
            weights = torch.arange(1, loss.numel() + 1, dtype=loss.dtype).reshape(loss.shape)
            (loss * weights).sum().backward()
            gradient = inputs[0].grad
        value = loss.detach() if isinstance(loss, Tensor) else loss
        return [value, gradient, *[one.detach() for one in inputs]]

    return case


def checked(loss_fn: Any) -> Any:
    """torch's loss, but unequal shapes raise instead of being broadcast."""

    def loss(input: Tensor, target: Tensor, *args: Any, **options: Any) -> Tensor:
        if input.shape != target.shape:
            raise ValueError("unequal shapes")
        result: Tensor = loss_fn(input, target, *args, **options)
        return result

    return loss


RIGHT = {
    "l1_loss": checked(F.l1_loss),
    "mse_loss": checked(F.mse_loss),
    "binary_cross_entropy": checked(F.binary_cross_entropy),
    "nll_loss": F.nll_loss,
    "cross_entropy": F.cross_entropy,
}

A = [[1.0, -2.0, 3.0], [0.5, 4.0, -1.0]]
B = [[2.0, 1.0, 3.5], [-1.0, 4.5, 1.0]]
ELEMENTWISE: dict[str, Case] = {
    "matrix": loss_case(A, B),
    "sum": loss_case(A, B, reduction="sum"),
    "none": loss_case(A, B, reduction="none"),
    "equal elements": loss_case([1.0, 2.0], [1.0, 5.0]),
    "unequal shapes": loss_case([[1.0], [2.0]], [1.0, 4.0]),
    "bad reduction": loss_case(A, B, reduction="average"),
}
P = [[0.2, 0.9, 0.5], [0.7, 0.4, 0.1]]
Y = [[0.0, 1.0, 1.0], [0.3, 0.0, 0.8]]
W3 = torch.tensor([1.0, 2.0, 3.0])
BINARY: dict[str, Case] = {
    "matrix": loss_case(P, Y),
    "hard targets": loss_case(P, [[0.0, 1.0, 1.0], [1.0, 0.0, 0.0]]),
    "sum": loss_case(P, Y, reduction="sum"),
    "none": loss_case(P, Y, reduction="none"),
    "weight": loss_case(P, Y, weight=W3),
    "certain and wrong": lambda loss_fn: loss_fn(
        torch.tensor([0.0, 1.0, 0.0]), torch.tensor([1.0, 0.0, 0.0])
    ),
    "unequal shapes": loss_case([[0.1], [0.2]], [1.0, 0.0]),
    "bad reduction": loss_case(P, Y, reduction="average"),
}
LOGITS = torch.tensor(
    [[0.5, -1.0, 2.0], [1.5, 0.3, -0.2], [-0.7, 0.1, 0.4], [2.0, 1.0, -3.0]], dtype=torch.float64
)
LABELS = [2, 1, 0, 1]
IGNORED = [2, -100, 0, -100]
IMAGE = torch.linspace(-2, 3, 24, dtype=torch.float64).sin().mul(3).reshape(2, 3, 2, 2)
PIXELS = [[[0, 2], [1, 1]], [[2, 0], [0, 1]]]


def class_cases(to_input: Any) -> dict[str, Case]:
    rows, image = to_input(LOGITS), to_input(IMAGE)
    return {
        "rows": loss_case(rows, LABELS),
        "sum": loss_case(rows, LABELS, reduction="sum"),
        "none": loss_case(rows, LABELS, reduction="none"),
        "one sample": loss_case(to_input(LOGITS[:1])[0], 2),
        "image": loss_case(image, PIXELS),
        "weight": loss_case(rows, LABELS, weight=W3),
        "ignored": loss_case(rows, IGNORED),
        "ignored class 2": loss_case(rows, LABELS, ignore_index=2, weight=W3),
        "all ignored": loss_case(rows, [-100] * 4),
        "bad reduction": loss_case(rows, LABELS, reduction="average"),
    }


NLL = class_cases(lambda logits: logits.log_softmax(1))
CROSS_ENTROPY: dict[str, Case] = {
    **class_cases(lambda logits: logits),
    "logits of 1000": loss_case([[1000.0, -1000.0, 0.0], [0.0, 0.0, 1.0]], [0, 2]),
    "certain and wrong": loss_case([[1000.0, 0.0]], [1]),
    "rows far apart": loss_case([[1000.0, 1001.0], [0.0, 1.0]], [0, 1]),
    "smoothing": loss_case(LOGITS, LABELS, label_smoothing=0.1),
    "smoothing, weight": loss_case(LOGITS, LABELS, label_smoothing=0.1, weight=W3),
    "smoothing, ignored": loss_case(LOGITS, IGNORED, label_smoothing=0.1),
    "bad smoothing": lambda loss_fn: loss_fn(LOGITS, torch.tensor(LABELS), label_smoothing=1.5),
}
CASES = {
    "l1_loss": ELEMENTWISE,
    "mse_loss": ELEMENTWISE,
    "binary_cross_entropy": BINARY,
    "nll_loss": NLL,
    "cross_entropy": CROSS_ENTROPY,
}


@pytest.fixture(scope="module")
def examination() -> Examination:
    def smoothed(*args: Any, **options: Any) -> Tensor:
        if not 0 <= options.get("label_smoothing", 0) <= 1:
            raise ValueError("label_smoothing")
        return F.cross_entropy(*args, **options)

    return Examination("losses", {**RIGHT, "cross_entropy": smoothed}, CASES)


# misconception: the case of its function in which it shows
SHOWS = {
    "l1_mean_over_batch": "matrix",
    "l1_reduction_ignored": "none",
    "l1_sum_by_default": "matrix",
    "l1_without_abs": "none",
    "l1_abs_after_reduction": "matrix",
    "l1_broadcasts": "unequal shapes",
    "l1_python_number": "matrix",
    "l1_detached": "matrix",
    "l1_root_of_square": "equal elements",
    "l1_changes_input": "matrix",
    "l1_in_float32": "matrix",
    "mse_mean_over_batch": "matrix",
    "mse_reduction_ignored": "sum",
    "mse_sum_by_default": "matrix",
    "mse_halved": "none",
    "mse_root": "matrix",
    "mse_squares_after_reduction": "matrix",
    "mse_absolute_errors": "none",
    "mse_broadcasts": "unequal shapes",
    "mse_python_number": "matrix",
    "mse_through_numpy": "matrix",
    "mse_changes_input": "matrix",
    "mse_in_float32": "matrix",
    "bce_mean_over_batch": "matrix",
    "bce_reduction_ignored": "sum",
    "bce_sum_by_default": "matrix",
    "bce_broadcasts": "unequal shapes",
    "bce_python_number": "matrix",
    "bce_detached": "matrix",
    "bce_not_clamped": "certain and wrong",
    "bce_log_with_eps": "certain and wrong",
    "bce_target_term_only": "none",
    "bce_rounds_the_target": "matrix",
    "bce_weight_after_reduction": "weight",
    "bce_divided_by_weights": "weight",
    "bce_weight_ignored": "weight",
    "bce_sigmoid_first": "matrix",
    "bce_base_two": "matrix",
    "bce_sign_lost": "matrix",
    "bce_in_float32": "matrix",
    "nll_mean_over_batch": "image",
    "nll_reduction_ignored": "none",
    "nll_sum_by_default": "rows",
    "nll_python_number": "rows",
    "nll_detached": "rows",
    "nll_changes_target": "ignored",
    "nll_classes_in_the_last_dimension": "image",
    "nll_of_the_prediction": "rows",
    "nll_divided_by_classes": "rows",
    "nll_divided_by_ignored_too": "ignored",
    "nll_zero_where_all_ignored": "all ignored",
    "nll_looks_up_ignored": "ignored",
    "nll_counts_ignored_as_class_zero": "ignored",
    "nll_weighted_mean_by_number": "weight",
    "nll_weight_ignored": "weight",
    "nll_sign_lost": "rows",
    "nll_takes_the_log_again": "rows",
    "nll_normalises_again": "rows",
    "nll_in_float32": "rows",
    "ce_naive_exponential": "logits of 1000",
    "ce_one_maximum_for_the_batch": "rows far apart",
    "ce_log_with_eps": "certain and wrong",
    "ce_log_of_softmax": "certain and wrong",
    "ce_softmax_over_the_batch": "rows",
    "ce_softmax_over_the_last_dimension": "image",
    "ce_reshaped_without_moving_classes": "image",
    "ce_softmax_twice": "rows",
    "ce_without_softmax": "rows",
    "ce_base_ten": "rows",
    "ce_sign_lost": "rows",
    "ce_of_the_prediction": "rows",
    "ce_changes_input": "rows",
    "ce_detached": "rows",
    "ce_python_number": "rows",
    "ce_in_float32": "rows",
    "ce_mean_over_batch": "image",
    "ce_reduction_ignored": "none",
    "ce_sum_by_default": "rows",
    "ce_divided_by_classes": "rows",
    "ce_divided_by_ignored_too": "ignored",
    "ce_zero_where_all_ignored": "all ignored",
    "ce_looks_up_ignored": "ignored",
    "ce_counts_ignored_as_class_zero": "ignored",
    "ce_weighted_mean_by_number": "weight",
    "ce_weight_ignored": "weight",
    "ce_smoothing_ignored": "smoothing",
    "ce_smoothing_spares_the_target": "smoothing",
    "ce_smoothing_added_on_top": "smoothing",
    "ce_smoothing_drops_the_weight": "smoothing, weight",
    "ce_smoothing_drops_the_mask": "smoothing, ignored",
}
ONLY_ON_A_GPU = {"l1_on_the_cpu", "mse_on_the_cpu", "nll_on_the_cpu", "ce_on_the_cpu"}
CRASHES = {"nll_looks_up_ignored", "ce_looks_up_ignored"}


def test_every_misconception_is_in_the_table(examination: Examination) -> None:
    assert {name for name, known in examination.known.items() if known.needs_gpu} == ONLY_ON_A_GPU
    assert set(examination.known) == set(SHOWS) | ONLY_ON_A_GPU


@pytest.mark.parametrize("name", SHOWS)
def test_the_mistake_shows_in_its_case(examination: Examination, name: str) -> None:
    assert SHOWS[name] in examination.shows_in(name)
    assert examination.always_crashes(name) == (name in CRASHES)
    assert not {"bad reduction", "bad smoothing"} & set(examination.shows_in(name))


@pytest.mark.parametrize("name", sorted(ONLY_ON_A_GPU))
def test_a_mistake_of_device_is_right_on_the_cpu(examination: Examination, name: str) -> None:
    assert examination.shows_in(name) == []


def test_no_two_misconceptions_of_a_function_behave_alike(examination: Examination) -> None:
    assert examination.look_alikes(skipped=ONLY_ON_A_GPU) == []


def test_most_misconceptions_answer_wrongly_instead_of_crashing(examination: Examination) -> None:
    for name in SHOWS:
        usual = {"nll_loss": "rows", "cross_entropy": "rows"}
        known, seen, _ = examination.of(name)
        assert not crashed(seen[usual.get(known.function, "matrix")]), name


def test_the_root_of_the_square_has_no_gradient_at_zero(examination: Examination) -> None:
    _, seen, _ = examination.of("l1_root_of_square")
    assert math.isnan(float(seen["equal elements"][1][0]))
