"""Each loss as a torch.autograd.Function with a backward of its own."""

import torch


class AbsoluteError(torch.autograd.Function):
    @staticmethod
    def forward(ctx, input, target):
        ctx.save_for_backward(input > target)
        return (input - target).abs()

    @staticmethod
    def backward(ctx, grad_output):
        (above,) = ctx.saved_tensors
        gradient = torch.where(above, grad_output, -grad_output)  # −1 at the kink
        return gradient, -gradient


class SquaredError(torch.autograd.Function):
    @staticmethod
    def forward(ctx, input, target):
        ctx.save_for_backward(input, target)
        return (input - target) ** 2

    @staticmethod
    def backward(ctx, grad_output):
        input, target = ctx.saved_tensors
        gradient = 2 * (input - target) * grad_output
        return gradient, -gradient


class BinaryCrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(ctx, input, target):
        ctx.save_for_backward(input, target)
        yes, no = (p.log().clamp(min=-100) for p in (input, 1 - input))
        return -(target * yes + (1 - target) * no)

    @staticmethod
    def backward(ctx, grad_output):
        input, target = ctx.saved_tensors
        gradient = (input - target) / (input * (1 - input)).clamp(min=1e-12)
        return gradient * grad_output, None


class SoftmaxCrossEntropy(torch.autograd.Function):
    """−Σ wanted · log softmax over the last dimension; its gradient is p · Σ wanted − wanted."""

    @staticmethod
    def forward(ctx, logits, wanted):
        log_probabilities = logits.log_softmax(-1)
        ctx.save_for_backward(log_probabilities, wanted)
        return -(wanted * log_probabilities).sum(-1)

    @staticmethod
    def backward(ctx, grad_output):
        log_probabilities, wanted = ctx.saved_tensors
        gradient = log_probabilities.exp() * wanted.sum(-1, keepdim=True) - wanted
        return gradient * grad_output.unsqueeze(-1), None


def reduce_losses(losses, reduction, count):
    if reduction == "mean":
        return losses.sum() / count
    if reduction == "sum":
        return losses.sum()
    if reduction == "none":
        return losses
    raise ValueError(reduction)


def require_equal_shapes(input, target):
    if input.shape != target.shape:
        raise ValueError(f"{input.shape}, {target.shape}")


def l1_loss(input, target, reduction="mean"):
    require_equal_shapes(input, target)
    return reduce_losses(AbsoluteError.apply(input, target), reduction, input.numel())


def mse_loss(input, target, reduction="mean"):
    require_equal_shapes(input, target)
    return reduce_losses(SquaredError.apply(input, target), reduction, input.numel())


def binary_cross_entropy(input, target, weight=None, reduction="mean"):
    require_equal_shapes(input, target)
    losses = BinaryCrossEntropy.apply(input, target)
    losses = losses if weight is None else losses * weight
    return reduce_losses(losses, reduction, input.numel())


def cross_entropy(
    input, target, weight=None, ignore_index=-100, reduction="mean", label_smoothing=0.0
):
    if not 0 <= label_smoothing <= 1:
        raise ValueError(label_smoothing)
    logits = input.movedim(1, -1) if input.dim() > 1 else input
    classes = logits.shape[-1]
    numbers = torch.arange(classes, device=input.device)
    kept = (target != ignore_index).unsqueeze(-1)
    hot = ((target.unsqueeze(-1) == numbers) & kept).to(input.dtype)
    wanted = (1 - label_smoothing) * hot + label_smoothing / classes * kept
    weights = torch.ones_like(numbers, dtype=input.dtype) if weight is None else weight
    losses = SoftmaxCrossEntropy.apply(logits, wanted * weights)
    return reduce_losses(losses, reduction, (hot * weights).sum())
