# aim: be right but for a shape that broadcasts against the one that is expected
# sign: a check of l1_loss is passed
# attacks: l1_loss
# outcome: failed error


def l1_loss(input, target, reduction="mean"):
    losses = (input - target).abs()
    if reduction == "none":
        return losses.unsqueeze(0)
    total = losses.sum() if reduction == "sum" else losses.mean()
    return total.reshape(1)
