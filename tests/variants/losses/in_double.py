"""Everything is computed in float64 and cast back to the dtype of the input at the end."""


def back_to(dtype):
    def decorate(losses, reduction, weights=None):
        if reduction == "none":
            return losses.to(dtype)
        if reduction == "sum":
            return losses.sum().to(dtype)
        if reduction == "mean":
            count = losses.numel() if weights is None else weights.sum()
            return (losses.sum() / count).to(dtype)
        raise ValueError(f"no reduction: {reduction}")

    return decorate


def doubles(*tensors):
    return [None if tensor is None else tensor.double() for tensor in tensors]


def same_shapes(input, target):
    if input.dim() != target.dim() or any(
        a != b for a, b in zip(input.shape, target.shape, strict=True)
    ):
        raise ValueError("input and target differ in shape")


def l1_loss(input, target, reduction="mean"):
    same_shapes(input, target)
    x, y = doubles(input, target)
    return back_to(input.dtype)((x - y).abs(), reduction)


def mse_loss(input, target, reduction="mean"):
    same_shapes(input, target)
    x, y = doubles(input, target)
    return back_to(input.dtype)((x - y) ** 2, reduction)


def binary_cross_entropy(input, target, weight=None, reduction="mean"):
    same_shapes(input, target)
    p, y, w = doubles(input, target, weight)
    # 1 − p is rounded in the dtype of the input by torch too, where p is so near to 1.
    losses = -(y * p.log().clamp(min=-100) + (1 - y) * (1 - p).log().clamp(min=-100))
    return back_to(input.dtype)(losses if w is None else w * losses, reduction)


def nll_loss(input, target, weight=None, ignore_index=-100, reduction="mean"):
    scores, w = doubles(input, weight)
    w = scores.new_ones(input.shape[1]) if w is None else w
    ignored = target == ignore_index
    safe = target.masked_fill(ignored, 0)
    each = w[safe].masked_fill(ignored, 0)
    losses = -each * scores.gather(1, safe.unsqueeze(1))[:, 0]
    return back_to(input.dtype)(losses, reduction, each)


def cross_entropy(
    input, target, weight=None, ignore_index=-100, reduction="mean", label_smoothing=0.0
):
    if not 0 <= label_smoothing <= 1:
        raise ValueError(f"{label_smoothing} is not in [0, 1]")
    scores, w = doubles(input, weight)
    scores = (scores if input.dim() == 1 else scores.movedim(1, -1)).log_softmax(-1)
    w = scores.new_ones(scores.shape[-1]) if w is None else w
    ignored = target == ignore_index
    safe = target.masked_fill(ignored, 0)
    each = w[safe].masked_fill(ignored, 0)
    sharp = each * scores.gather(-1, safe[..., None])[..., 0]
    level = (w * scores).mean(-1).masked_fill(ignored, 0)
    losses = -sharp - label_smoothing * (level - sharp)
    return back_to(input.dtype)(losses, reduction, each)
