"""What goes wrong in `linear` and in `collapse`."""

import torch
from torch import Tensor, nn

from grader.misconceptions import misconception

KEEP_THE_BIASES = "Carry both biases over: the new one is W₂ b₁ + b₂."
BIAS_MAY_BE_NONE = "Ask whether there is a bias before you use it: it may be None."
LEAVE_THE_TWO = (
    "Return a new layer and leave the two as they were: they may be in use elsewhere, and what "
    "shares their memory changes with them."
)


def plus_bias(product: Tensor, bias: Tensor | None) -> Tensor:
    return product if bias is None else product + bias


@misconception(
    of="linear",
    hint="Multiply by the transpose of the weight: row j of the weight makes output j, y = x Wᵀ.",
)
def linear_without_transpose(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    return plus_bias(x @ weight, bias)


@misconception(
    of="linear",
    hint="Add the bias along the last dimension: it has one number for each output, none for "
    "a sample.",
)
def linear_bias_along_the_batch(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    product = x @ weight.T
    if bias is None:
        return product
    return product + (bias if x.dim() == 1 else bias.unsqueeze(-1))


@misconception(of="linear", hint="Add the bias where one is given.")
def linear_bias_forgotten(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    return x @ weight.T


@misconception(of="linear", hint="Add the bias: do not subtract it.")
def linear_bias_subtracted(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    return plus_bias(x @ weight.T, None if bias is None else -bias)


@misconception(of="linear", hint=BIAS_MAY_BE_NONE)
def linear_needs_a_bias(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    product: Tensor = x @ weight.T
    return product + bias  # type: ignore[operator]  # None is what it does not think of


@misconception(
    of="linear",
    hint="Multiply and sum over the features: the products alone are as many as x and the weight "
    "have pairs of elements.",
)
def linear_without_the_sum(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    return plus_bias(x.unsqueeze(-2) * weight, None if bias is None else bias.unsqueeze(-1))


@misconception(
    of="linear",
    hint="Keep all dimensions before the last as they are, however many: @ does, flattening does "
    "not.",
)
def linear_flattens(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    return plus_bias(x.reshape(-1, x.shape[-1]) @ weight.T, bias)


@misconception(
    of="linear",
    hint="Take x of any number of dimensions, one row alone and stacks of batches too: torch.mm "
    "knows matrices only.",
)
def linear_of_matrices_only(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    return plus_bias(torch.mm(x, weight.t()), bias)


@misconception(
    of="linear",
    hint="Leave what you were given as it is: transposed in place, the weight stays transposed.",
)
def linear_transposes_in_place(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    with torch.no_grad():
        weight.t_()
    return plus_bias(x @ weight, bias)


@misconception(
    of="linear",
    hint="Use weight and bias themselves, not their .data or .detach(): they need gradients as x "
    "does.",
)
def linear_detaches_the_weight(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    return plus_bias(x @ weight.data.T, None if bias is None else bias.data)


@misconception(of="linear", hint="Keep the dtype of the input: float64 in, float64 out.")
def linear_in_float32(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    return plus_bias(x.float() @ weight.float().T, None if bias is None else bias.float())


# collapse


def new_layer(weight: Tensor, bias: Tensor | None) -> nn.Linear:
    outputs, inputs = weight.shape
    layer = nn.Linear(inputs, outputs, bias is not None, weight.device, weight.dtype)
    with torch.no_grad():
        layer.weight.copy_(weight)
        if bias is not None:
            layer.bias.copy_(bias)
    return layer


def zeros_for_none(layer: nn.Linear) -> Tensor:
    return layer.weight.new_zeros(layer.out_features) if layer.bias is None else layer.bias


def right_bias(first: nn.Linear, second: nn.Linear) -> Tensor:
    return second.weight @ zeros_for_none(first) + zeros_for_none(second)


@misconception(
    of="collapse",
    hint="Send the first bias through the second weight: the new bias is W₂ b₁ + b₂.",
)
def collapse_adds_the_biases(first: nn.Linear, second: nn.Linear) -> nn.Linear:
    bias = zeros_for_none(first) + zeros_for_none(second)
    return new_layer(second.weight @ first.weight, bias)


@misconception(
    of="collapse",
    hint="Multiply in the order W₂ W₁: what comes first stands next to x, on the right.",
)
def collapse_in_the_wrong_order(first: nn.Linear, second: nn.Linear) -> nn.Linear:
    return new_layer(first.weight @ second.weight, right_bias(first, second))


@misconception(
    of="collapse",
    hint="Multiply W₂ W₁ as they are: torch keeps a weight as (out, in), so that no transpose is "
    "needed.",
)
def collapse_transposed(first: nn.Linear, second: nn.Linear) -> nn.Linear:
    return new_layer(first.weight.T @ second.weight.T, right_bias(first, second))


@misconception(
    of="collapse", hint="Multiply the two weights, W₂ W₁: one map after the other is a product."
)
def collapse_adds_the_weights(first: nn.Linear, second: nn.Linear) -> nn.Linear:
    return new_layer(second.weight + first.weight, right_bias(first, second))


@misconception(of="collapse", hint=KEEP_THE_BIASES)
def collapse_drops_the_first_bias(first: nn.Linear, second: nn.Linear) -> nn.Linear:
    return new_layer(second.weight @ first.weight, zeros_for_none(second))


@misconception(of="collapse", hint=KEEP_THE_BIASES)
def collapse_drops_the_second_bias(first: nn.Linear, second: nn.Linear) -> nn.Linear:
    return new_layer(second.weight @ first.weight, second.weight @ zeros_for_none(first))


@misconception(of="collapse", hint=KEEP_THE_BIASES)
def collapse_drops_both_biases(first: nn.Linear, second: nn.Linear) -> nn.Linear:
    return new_layer(second.weight @ first.weight, None)


@misconception(of="collapse", hint=BIAS_MAY_BE_NONE)
def collapse_needs_the_first_bias(first: nn.Linear, second: nn.Linear) -> nn.Linear:
    bias = second.weight @ first.bias
    return new_layer(
        second.weight @ first.weight, bias if second.bias is None else bias + second.bias
    )


@misconception(of="collapse", hint=BIAS_MAY_BE_NONE)
def collapse_needs_both_biases(first: nn.Linear, second: nn.Linear) -> nn.Linear:
    return new_layer(
        second.weight @ first.weight, torch.add(second.weight @ first.bias, second.bias)
    )


@misconception(
    of="collapse",
    hint="Look at each layer by itself: where one has no bias, that of the other still counts.",
)
def collapse_with_two_biases_or_none(first: nn.Linear, second: nn.Linear) -> nn.Linear:
    has_both = first.bias is not None and second.bias is not None
    return new_layer(second.weight @ first.weight, right_bias(first, second) if has_both else None)


@misconception(of="collapse", hint=LEAVE_THE_TWO)
def collapse_into_the_second(first: nn.Linear, second: nn.Linear) -> nn.Linear:
    bias = right_bias(first, second)
    second.weight = nn.Parameter(second.weight @ first.weight)
    second.bias = nn.Parameter(bias)
    second.in_features = first.in_features
    return second


@misconception(of="collapse", hint=LEAVE_THE_TWO)
def collapse_borrows_the_bias(first: nn.Linear, second: nn.Linear) -> nn.Linear:
    layer = new_layer(second.weight @ first.weight, right_bias(first, second))
    if first.bias is None and second.bias is not None:
        layer.bias = second.bias
    return layer


@misconception(of="collapse", hint="Make the new layer in the dtype of the two, float64 too.")
def collapse_in_float32(first: nn.Linear, second: nn.Linear) -> nn.Linear:
    layer = nn.Linear(first.in_features, second.out_features)
    with torch.no_grad():
        layer.weight.copy_(second.weight @ first.weight)
        layer.bias.copy_(right_bias(first, second))
    return layer


@misconception(
    of="collapse",
    hint="Return one nn.Linear: in an nn.Sequential the two are still two layers.",
)
def collapse_into_a_sequential(first: nn.Linear, second: nn.Linear) -> nn.Module:
    return nn.Sequential(first, second)


@misconception(
    of="collapse",
    hint="Return an nn.Linear that holds the product, not the product alone: weight and bias go "
    "into a layer.",
)
def collapse_into_numbers(first: nn.Linear, second: nn.Linear) -> tuple[Tensor, Tensor]:
    return second.weight @ first.weight, right_bias(first, second)


@misconception(
    of="collapse",
    hint="Copy the numbers into the new layer's parameters, or make new ones as nn.Parameter: a "
    "frozen one cannot be trained.",
)
def collapse_frozen(first: nn.Linear, second: nn.Linear) -> nn.Linear:
    layer = new_layer(second.weight @ first.weight, right_bias(first, second))
    layer.requires_grad_(False)
    return layer


@misconception(
    of="collapse",
    hint="Fill the new layer: made by nn.Linear, its weight and bias are random until you set "
    "them.",
)
def collapse_with_a_random_bias(first: nn.Linear, second: nn.Linear) -> nn.Linear:
    layer = nn.Linear(
        first.in_features, second.out_features, device=first.weight.device, dtype=first.weight.dtype
    )
    layer.weight.data.copy_(second.weight @ first.weight)
    return layer


@misconception(of="collapse", hint="Make the new layer on the device of the two.", needs_gpu=True)
def collapse_on_the_cpu(first: nn.Linear, second: nn.Linear) -> nn.Linear:
    weight = (second.weight @ first.weight).cpu()
    return new_layer(weight, right_bias(first, second).cpu())
