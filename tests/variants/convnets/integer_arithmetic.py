"""Sizes by negated floor division and bit operations; parameters counted from the state_dict."""

import operator


def conv_output_size(size, kernel_size, stride=1, padding=0, dilation=1):
    for name, number in {"size": size, "kernel": kernel_size, "stride": stride}.items():
        if number <= 0:
            raise ValueError(f"{name} is {number}")
    if dilation <= 0:
        raise ValueError(f"dilation is {dilation}")
    if operator.index(padding) < 0:
        raise ValueError(f"padding is {padding}")
    free = size + padding + padding - dilation * kernel_size + dilation
    if free <= 0:
        raise ValueError("the kernel is larger than the padded input")
    return -(-free // stride)  # ceil(free / stride) = floor((free − 1) / stride) + 1


def same_padding(kernel_size, dilation=1):
    growth = dilation * (kernel_size - 1)
    if growth & 1 or kernel_size <= 0 or dilation <= 0:
        raise ValueError("an even kernel")
    return growth >> 1


def count_parameters(model):
    tensors = model.state_dict(keep_vars=True).values()
    trainable = {id(tensor): tensor for tensor in tensors if tensor.requires_grad}
    return sum(tensor.nelement() for tensor in trainable.values())
