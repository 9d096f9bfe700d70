"""Convolutional networks: the sizes they compute with, and one network written three ways.

A convolution or a pooling layer turns `size` pixels along one side of an image into

    output size = floor((size + 2·padding − dilation·(kernel_size − 1) − 1) / stride) + 1

pixels. Images are tensors of shape (N, channels, height, width), with `N` of them in a batch.
"""

from __future__ import annotations

from collections import OrderedDict

import torch
from torch import nn


def conv_output_size(
    size: int, kernel_size: int, stride: int = 1, padding: int = 0, dilation: int = 1
) -> int:
    """The pixels along one side of the image that a convolution or pooling layer puts out.

    All are numbers of pixels along that side: `size` of the image, `kernel_size` of the kernel,
    `stride` from one place of the kernel to the next, `padding` added at each of the two ends,
    `dilation` from one element of the kernel to the next. The result is an int:

        floor((size + 2·padding − dilation·(kernel_size − 1) − 1) / stride) + 1

    Raises ValueError where `size`, `kernel_size`, `stride` or `dilation` is below 1, where
    `padding` is negative, and where the kernel, dilation·(kernel_size − 1) + 1 pixels wide, is
    larger than the padded image of size + 2·padding pixels.

    >>> conv_output_size(32, kernel_size=5)
    28
    >>> conv_output_size(28, kernel_size=2, stride=2)
    14
    """
    raise NotImplementedError("TODO: conv_output_size")


def same_padding(kernel_size: int, dilation: int = 1) -> int:
    """The padding with which a convolution of stride 1 keeps the size of the image.

    The dilated kernel is dilation·(kernel_size − 1) + 1 pixels wide. Where that is odd, half of
    what is left without its middle pixel goes to each end:

        padding = dilation·(kernel_size − 1) / 2        (an int)

    Raises ValueError where the dilated kernel's width is even, for then no padding keeps the size,
    and where `kernel_size` or `dilation` is below 1.

    >>> same_padding(5)
    2
    >>> same_padding(2, dilation=2)
    1
    """
    raise NotImplementedError("TODO: same_padding")


class CifarNet(nn.Module):
    """A network for the ten classes of CIFAR-10, the first way: a module with named layers.

    Nine layers, kept as attributes of these names and run in this order:

        conv1      Conv2d, 3 → 32 channels, 5×5, padding 2      32×32 pixels
        maxpool1   MaxPool2d, 2×2                               16×16
        conv2      Conv2d, 32 → 32 channels, 5×5, padding 2     16×16
        maxpool2   MaxPool2d, 2×2                               8×8
        conv3      Conv2d, 32 → 64 channels, 5×5, padding 2     8×8
        maxpool3   MaxPool2d, 2×2                               4×4
        flatten    Flatten                                      64·4·4 = 1024 features
        linear1    Linear, 1024 → 64
        linear2    Linear, 64 → 10

    Use the layers of torch.nn. There is nothing between them: no ReLU, no softmax at the end.

    >>> CifarNet()(torch.zeros(2, 3, 32, 32)).shape
    torch.Size([2, 10])
    """

    def __init__(self) -> None:
        """Make the nine layers; begin with `super().__init__()`, which registers them."""
        raise NotImplementedError("TODO: CifarNet.__init__")

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Run the nine layers: images (N, 3, 32, 32), N ≥ 1 → logits (N, 10)."""
        raise NotImplementedError("TODO: CifarNet.forward")


def sequential_cifar_net() -> nn.Sequential:
    """The network of `CifarNet`, the second way: an nn.Sequential of its nine layers, by position.

    The layers, in this order and with nothing between them: Conv2d 3 → 32 channels, MaxPool2d,
    Conv2d 32 → 32, MaxPool2d, Conv2d 32 → 64, MaxPool2d, Flatten, Linear 1024 → 64, Linear 64 → 10.
    Kernels are 5×5 with padding 2, pools 2×2. Images (N, 3, 32, 32) → logits (N, 10).

    >>> sequential_cifar_net()[6]
    Flatten(start_dim=1, end_dim=-1)
    """
    raise NotImplementedError("TODO: sequential_cifar_net")


def named_cifar_net() -> nn.Sequential:
    """The network of `CifarNet`, the third way: an nn.Sequential made from an OrderedDict.

    The keys are the attribute names of CifarNet, in its order: conv1, maxpool1, conv2, maxpool2,
    conv3, maxpool3, flatten, linear1, linear2. So each of the two can load the other's state_dict.
    The layers are Conv2d 3 → 32 channels, MaxPool2d, Conv2d 32 → 32, MaxPool2d, Conv2d 32 → 64,
    MaxPool2d, Flatten, Linear 1024 → 64, Linear 64 → 10; kernels 5×5 with padding 2, pools 2×2.
    Images (N, 3, 32, 32) → logits (N, 10).

    >>> named_cifar_net().linear2
    Linear(in_features=64, out_features=10, bias=True)
    """
    raise NotImplementedError("TODO: named_cifar_net")


class LeNet5(nn.Module):
    """LeNet-5 for colour images, with its layers in one attribute, `model`, an nn.Sequential.

    Eight layers of torch.nn, in this order and with nothing between them:

        Conv2d 3 → 6 channels, 5×5        32×32 → 28×28 pixels
        MaxPool2d 2×2                     14×14
        Conv2d 6 → 16 channels, 5×5       10×10
        MaxPool2d 2×2                     5×5
        Flatten                           16·5·5 = 400 features
        Linear 400 → 120
        Linear 120 → 84
        Linear 84 → 10

    >>> LeNet5()(torch.zeros(1, 3, 32, 32)).shape
    torch.Size([1, 10])
    """

    def __init__(self) -> None:
        """Make `self.model`; begin with `super().__init__()`, which registers it."""
        raise NotImplementedError("TODO: LeNet5.__init__")

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Run the model: images (N, 3, 32, 32), N ≥ 1 → logits (N, 10)."""
        raise NotImplementedError("TODO: LeNet5.forward")


def count_parameters(model: nn.Module) -> int:
    """How many numbers training can change: the elements of all trainable parameters of `model`.

    A parameter is trainable where its `requires_grad` is True. One that several layers share
    counts once. Buffers, such as the running mean of a batch norm, are no parameters. The model
    stays as it is.

    >>> count_parameters(nn.Linear(3, 4))
    16
    """
    raise NotImplementedError("TODO: count_parameters")
