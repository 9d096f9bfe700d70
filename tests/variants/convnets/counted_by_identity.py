"""Parameters counted by walking through the modules, each remembered by its identity."""

from math import prod

from torch import nn


def conv_output_size(size, kernel_size, stride=1, padding=0, dilation=1):
    """The places of the kernel are counted one by one."""
    if size < 1 or kernel_size < 1 or stride < 1 or dilation < 1 or padding < 0:
        raise ValueError("a size, kernel, stride or dilation below 1, or a negative padding")
    first, end = -padding, size + padding
    places = range(first, end - dilation * (kernel_size - 1), stride)
    if len(places) == 0:
        raise ValueError("there is no place for the kernel")
    return len(places)


def same_padding(kernel_size, dilation=1):
    """The first padding with which conv_output_size gives back the size."""
    for padding in range(max(kernel_size, 0) * max(dilation, 0) + 1):
        try:
            if conv_output_size(64, kernel_size, padding=padding, dilation=dilation) == 64:
                return padding
        except ValueError:
            continue
    raise ValueError(f"no padding keeps the size for {kernel_size=}, {dilation=}")


def count_parameters(model: nn.Module) -> int:
    seen: set[int] = set()

    def count(module: nn.Module) -> int:
        total = 0
        for parameter in module._parameters.values():
            if parameter is None or id(parameter) in seen or not parameter.requires_grad:
                continue
            seen.add(id(parameter))
            total += prod(parameter.shape)
        return total + sum(map(count, module.children()))

    return count(model)
