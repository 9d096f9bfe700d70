"""What goes wrong in `conv_output_size`, `same_padding` and `count_parameters`."""

from torch import nn

from grader.misconceptions import misconception


def refuse_bad_sizes(size: int, kernel_size: int, stride: int, padding: int, dilation: int) -> None:
    if min(size, kernel_size, stride, dilation) < 1:
        raise ValueError("size, kernel_size, stride and dilation must be at least 1")
    if padding < 0:
        raise ValueError(f"padding {padding} is negative")


def refuse_large_kernel(size: int, kernel_size: int, padding: int, dilation: int) -> None:
    if dilation * (kernel_size - 1) + 1 > size + 2 * padding:
        raise ValueError(f"the kernel is larger than the padded input of size {size}")


@misconception(
    of="conv_output_size", hint="Round down: a window that does not fit any more is left out."
)
def size_rounded_up(
    size: int, kernel_size: int, stride: int = 1, padding: int = 0, dilation: int = 1
) -> int:
    refuse_bad_sizes(size, kernel_size, stride, padding, dilation)
    refuse_large_kernel(size, kernel_size, padding, dilation)
    return -(-(size + 2 * padding - dilation * (kernel_size - 1) - 1) // stride) + 1


@misconception(of="conv_output_size", hint="Count the padding twice: it is added on both sides.")
def size_padded_once(
    size: int, kernel_size: int, stride: int = 1, padding: int = 0, dilation: int = 1
) -> int:
    refuse_bad_sizes(size, kernel_size, stride, padding, dilation)
    refuse_large_kernel(size, kernel_size, padding, dilation)
    return (size + padding - dilation * (kernel_size - 1) - 1) // stride + 1


@misconception(
    of="conv_output_size",
    hint="Use the dilation: it spreads the kernel over dilation · (kernel_size − 1) + 1 elements.",
)
def size_without_dilation(
    size: int, kernel_size: int, stride: int = 1, padding: int = 0, dilation: int = 1
) -> int:
    refuse_bad_sizes(size, kernel_size, stride, padding, dilation)
    refuse_large_kernel(size, kernel_size, padding, dilation)
    return (size + 2 * padding - kernel_size) // stride + 1


@misconception(
    of="conv_output_size",
    hint="Spread the kernel over dilation · (kernel_size − 1) + 1 elements: the gaps lie between "
    "its elements, so there is one fewer.",
)
def size_with_one_gap_too_many(
    size: int, kernel_size: int, stride: int = 1, padding: int = 0, dilation: int = 1
) -> int:
    refuse_bad_sizes(size, kernel_size, stride, padding, dilation)
    refuse_large_kernel(size, kernel_size, padding, dilation)
    return (size + 2 * padding - dilation * kernel_size) // stride + 1


@misconception(
    of="conv_output_size", hint="Add 1 after the division: the first position counts too."
)
def size_without_the_first_position(
    size: int, kernel_size: int, stride: int = 1, padding: int = 0, dilation: int = 1
) -> int:
    refuse_bad_sizes(size, kernel_size, stride, padding, dilation)
    refuse_large_kernel(size, kernel_size, padding, dilation)
    return (size + 2 * padding - dilation * (kernel_size - 1) - 1) // stride


@misconception(
    of="conv_output_size", hint="Divide by the stride before you add 1: the window jumps that far."
)
def size_without_stride(
    size: int, kernel_size: int, stride: int = 1, padding: int = 0, dilation: int = 1
) -> int:
    refuse_bad_sizes(size, kernel_size, stride, padding, dilation)
    refuse_large_kernel(size, kernel_size, padding, dilation)
    return size + 2 * padding - dilation * (kernel_size - 1)


@misconception(
    of="conv_output_size",
    hint="Raise ValueError where the kernel, dilated, is larger than the padded input.",
)
def size_of_a_kernel_too_large(
    size: int, kernel_size: int, stride: int = 1, padding: int = 0, dilation: int = 1
) -> int:
    refuse_bad_sizes(size, kernel_size, stride, padding, dilation)
    return (size + 2 * padding - dilation * (kernel_size - 1) - 1) // stride + 1


@misconception(
    of="conv_output_size",
    hint="Raise ValueError for a size, kernel, stride or dilation below 1 and for a negative "
    "padding.",
)
def size_of_anything(
    size: int, kernel_size: int, stride: int = 1, padding: int = 0, dilation: int = 1
) -> int:
    refuse_large_kernel(size, kernel_size, padding, dilation)
    return (size + 2 * padding - dilation * (kernel_size - 1) - 1) // stride + 1


@misconception(
    of="same_padding",
    hint="Use the dilation: it spreads the kernel, so half of the spread kernel is the padding.",
)
def padding_without_dilation(kernel_size: int, dilation: int = 1) -> int:
    if dilation * (kernel_size - 1) % 2:
        raise ValueError("no padding keeps the size with an even effective kernel")
    return (kernel_size - 1) // 2


@misconception(
    of="same_padding",
    hint="Halve what the kernel takes away: the padding is added on both sides.",
)
def padding_not_halved(kernel_size: int, dilation: int = 1) -> int:
    if dilation * (kernel_size - 1) % 2:
        raise ValueError("no padding keeps the size with an even effective kernel")
    return dilation * (kernel_size - 1)


@misconception(
    of="same_padding",
    hint="Raise ValueError for an even effective kernel: no padding keeps the size then.",
)
def padding_of_an_even_kernel(kernel_size: int, dilation: int = 1) -> int:
    return dilation * (kernel_size - 1) // 2


@misconception(
    of="same_padding",
    hint="Look at the effective kernel, dilation included: an even kernel may be odd once it is "
    "spread.",
)
def padding_refuses_by_the_kernel_alone(kernel_size: int, dilation: int = 1) -> int:
    if kernel_size % 2 == 0:
        raise ValueError("no padding keeps the size with an even kernel")
    return dilation * (kernel_size - 1) // 2


@misconception(
    of="count_parameters", hint="Count trainable parameters only: a frozen one requires no grad."
)
def count_with_frozen(model: nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


@misconception(
    of="count_parameters",
    hint="Count a shared parameter once: it is the same tensor in two places.",
)
def count_shared_twice(model: nn.Module) -> int:
    return sum(
        parameter.numel()
        for _, parameter in model.named_parameters(remove_duplicate=False)
        if parameter.requires_grad
    )


@misconception(
    of="count_parameters", hint="Count the elements of each parameter, not the parameters."
)
def count_of_tensors(model: nn.Module) -> int:
    return len([parameter for parameter in model.parameters() if parameter.requires_grad])


@misconception(
    of="count_parameters",
    hint="Leave out buffers, such as the running mean of a batch norm: they are not trained.",
)
def count_with_buffers(model: nn.Module) -> int:
    trainable = sum(one.numel() for one in model.parameters() if one.requires_grad)
    return trainable + sum(buffer.numel() for buffer in model.buffers())


@misconception(
    of="count_parameters", hint="Count the parameters of every submodule, however deep it lies."
)
def count_of_the_top_level(model: nn.Module) -> int:
    own = [model, *model.children()]
    found = {one for module in own for one in module.parameters(recurse=False)}
    return sum(parameter.numel() for parameter in found if parameter.requires_grad)
