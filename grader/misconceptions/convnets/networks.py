"""What goes wrong in the networks: `CifarNet`, its two Sequential forms and `LeNet5`."""

from collections import OrderedDict

import torch
from torch import Tensor, nn

from grader.misconceptions import misconception

KEEP_THE_BATCH = "Flatten from dimension 1 on: dimension 0 is the batch."
ASK_FOR_THE_BATCH = "Ask the input for its batch size: it is not always 64."
RETURN_LOGITS = "Return the logits: nothing follows the last linear layer."
NOTHING_BETWEEN = "Leave out the activations: the layers follow one another directly here."
REGISTER = (
    "Keep the layers in an nn.Sequential or nn.ModuleList: in a Python list their parameters are "
    "not found."
)
BUILD_ONCE = "Build every layer in __init__: one built in forward is new, and random, at each call."


class RightCifarNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 32, 5, padding=2)
        self.maxpool1: nn.Module = nn.MaxPool2d(2)
        self.conv2 = nn.Conv2d(32, 32, 5, padding=2)
        self.maxpool2: nn.Module = nn.MaxPool2d(2)
        self.conv3 = nn.Conv2d(32, 64, 5, padding=2)
        self.maxpool3: nn.Module = nn.MaxPool2d(2)
        self.flatten = nn.Flatten()
        self.linear1 = nn.Linear(1024, 64)
        self.linear2 = nn.Linear(64, 10)

    def features(self, x: Tensor) -> Tensor:
        x = self.maxpool1(self.conv1(x))
        x = self.maxpool2(self.conv2(x))
        x = self.maxpool3(self.conv3(x))
        return x

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.linear2(self.linear1(self.flatten(self.features(x))))
        return logits


def right_cifar_layers() -> list[nn.Module]:
    return list(RightCifarNet().children())


def right_lenet_layers() -> list[nn.Module]:
    convolutions: list[nn.Module] = [nn.Conv2d(3, 6, 5), nn.MaxPool2d(2)]
    convolutions += [nn.Conv2d(6, 16, 5), nn.MaxPool2d(2), nn.Flatten()]
    return [*convolutions, nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 10)]


class RightLeNet5(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.model: nn.Module = nn.Sequential(*right_lenet_layers())

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.model(x)
        return logits


@misconception(
    of="CifarNet", hint="Pad each convolution by 2: without it a 5×5 kernel makes 28 of 32."
)
class CifarNetWithoutPadding(RightCifarNet):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 32, 5)
        self.conv2 = nn.Conv2d(32, 32, 5)
        self.conv3 = nn.Conv2d(32, 64, 5)


@misconception(of="CifarNet", hint=KEEP_THE_BATCH)
class CifarNetFlattensTheBatch(RightCifarNet):
    def __init__(self) -> None:
        super().__init__()
        self.flatten = nn.Flatten(start_dim=0)


@misconception(of="CifarNet", hint=ASK_FOR_THE_BATCH)
class CifarNetForBatchesOf64(RightCifarNet):
    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.linear2(self.linear1(self.features(x).reshape(64, 1024)))
        return logits


@misconception(of="CifarNet", hint=REGISTER)
class CifarNetInAList(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = right_cifar_layers()

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = layer(x)
        return x


@misconception(of="CifarNet", hint=BUILD_ONCE)
class CifarNetBuiltInForward(RightCifarNet):
    def forward(self, x: Tensor) -> Tensor:
        linear1 = nn.Linear(1024, 64, dtype=x.dtype, device=x.device)
        logits: Tensor = self.linear2(linear1(self.flatten(self.features(x))))
        return logits


@misconception(of="CifarNet", hint=RETURN_LOGITS + " The loss takes the softmax.")
class CifarNetWithSoftmax(RightCifarNet):
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x).softmax(1)


@misconception(of="CifarNet", hint=RETURN_LOGITS + " A ReLU there loses every negative one.")
class CifarNetWithFinalRelu(RightCifarNet):
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x).relu()


@misconception(of="CifarNet", hint=NOTHING_BETWEEN)
class CifarNetWithActivations(RightCifarNet):
    def forward(self, x: Tensor) -> Tensor:
        x = self.maxpool1(self.conv1(x).relu())
        x = self.maxpool2(self.conv2(x).relu())
        x = self.maxpool3(self.conv3(x).relu())
        logits: Tensor = self.linear2(self.linear1(self.flatten(x)).relu())
        return logits


@misconception(of="CifarNet", hint="Run every layer: conv2 is built but forward passes it by.")
class CifarNetSkipsConv2(RightCifarNet):
    def features(self, x: Tensor) -> Tensor:
        x = self.maxpool2(self.maxpool1(self.conv1(x)))
        x = self.maxpool3(self.conv3(x))
        return x


@misconception(of="CifarNet", hint="Run each layer once: forward passes through conv2 twice.")
class CifarNetRunsConv2Twice(RightCifarNet):
    def features(self, x: Tensor) -> Tensor:
        x = self.conv2(self.maxpool1(self.conv1(x)))
        x = self.maxpool2(self.conv2(x))
        x = self.maxpool3(self.conv3(x))
        return x


@misconception(
    of="CifarNet",
    hint="Give conv3 64 output channels: 64 maps of 4×4 make the 1024 features of linear1.",
)
class CifarNetWithNarrowConv3(RightCifarNet):
    def __init__(self) -> None:
        super().__init__()
        self.conv3 = nn.Conv2d(32, 32, 5, padding=2)
        self.linear1 = nn.Linear(512, 64)


@misconception(
    of="CifarNet", hint="Pool over windows of 2×2: a kernel of 3 sees the neighbours as well."
)
class CifarNetWithLargePools(RightCifarNet):
    def __init__(self) -> None:
        super().__init__()
        self.maxpool1 = nn.MaxPool2d(3, stride=2, padding=1)
        self.maxpool2 = nn.MaxPool2d(3, stride=2, padding=1)
        self.maxpool3 = nn.MaxPool2d(3, stride=2, padding=1)


@misconception(of="CifarNet", hint="Pool by the maximum of each window, not by its average.")
class CifarNetWithAveragePools(RightCifarNet):
    def __init__(self) -> None:
        super().__init__()
        self.maxpool1 = nn.AvgPool2d(2)
        self.maxpool2 = nn.AvgPool2d(2)
        self.maxpool3 = nn.AvgPool2d(2)


@misconception(
    of="CifarNet",
    hint="Name the layers as the exercise does: the names are the keys of the state_dict.",
)
class CifarNetWithOtherNames(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.pool = nn.Conv2d(3, 32, 5, padding=2), nn.MaxPool2d(2)
        self.conv2, self.conv3 = nn.Conv2d(32, 32, 5, padding=2), nn.Conv2d(32, 64, 5, padding=2)
        self.fc1, self.fc2 = nn.Linear(1024, 64), nn.Linear(64, 10)

    def forward(self, x: Tensor) -> Tensor:
        for convolution in (self.conv1, self.conv2, self.conv3):
            x = self.pool(convolution(x))
        logits: Tensor = self.fc2(self.fc1(torch.flatten(x, 1)))
        return logits


@misconception(of="sequential_cifar_net", hint=KEEP_THE_BATCH)
def sequential_flattens_the_batch() -> nn.Sequential:
    layers = right_cifar_layers()
    layers[6] = nn.Flatten(start_dim=0)
    return nn.Sequential(*layers)


@misconception(of="sequential_cifar_net", hint=RETURN_LOGITS + " The loss takes the softmax.")
def sequential_with_softmax() -> nn.Sequential:
    return nn.Sequential(*right_cifar_layers(), nn.Softmax(dim=1))


@misconception(of="sequential_cifar_net", hint=NOTHING_BETWEEN)
def sequential_with_activations() -> nn.Sequential:
    layers: list[nn.Module] = []
    for layer in right_cifar_layers():
        layers += [layer, nn.ReLU()] if isinstance(layer, nn.Conv2d) else [layer]
    return nn.Sequential(*layers)


@misconception(
    of="sequential_cifar_net",
    hint="Put all nine layers in: the second convolution is missing. Print the model to see them.",
)
def sequential_without_conv2() -> nn.Sequential:
    layers = right_cifar_layers()
    return nn.Sequential(*layers[:2], *layers[3:])


@misconception(
    of="sequential_cifar_net",
    hint="Build three convolutions: one used in two places has one set of weights for both.",
)
def sequential_with_a_tied_conv() -> nn.Sequential:
    layers = right_cifar_layers()
    layers[4], layers[7] = layers[2], nn.Linear(512, 64)
    return nn.Sequential(*layers)


@misconception(
    of="sequential_cifar_net", hint="Pass the layers by position: this network gives them no names."
)
def sequential_with_names() -> nn.Sequential:
    return nn.Sequential(OrderedDict(RightCifarNet().named_children()))


@misconception(
    of="named_cifar_net",
    hint="Use the attribute names of CifarNet: the names are the keys of the state_dict.",
)
def named_with_underscores() -> nn.Sequential:
    names = ["conv_1", "pool_1", "conv_2", "pool_2", "conv_3", "pool_3"]
    names += ["flatten", "linear_1", "linear_2"]
    return nn.Sequential(OrderedDict(zip(names, right_cifar_layers(), strict=True)))


@misconception(
    of="named_cifar_net",
    hint="Pass one OrderedDict of names and layers: by position the keys are numbers.",
)
def named_by_position() -> nn.Sequential:
    return nn.Sequential(*right_cifar_layers())


@misconception(of="named_cifar_net", hint=KEEP_THE_BATCH)
def named_flattens_the_batch() -> nn.Sequential:
    layers = OrderedDict(RightCifarNet().named_children())
    layers["flatten"] = nn.Flatten(start_dim=0)
    return nn.Sequential(layers)


@misconception(of="named_cifar_net", hint=RETURN_LOGITS + " The loss takes the softmax.")
def named_with_softmax() -> nn.Sequential:
    layers = OrderedDict(RightCifarNet().named_children())
    layers["softmax"] = nn.Softmax(dim=1)
    return nn.Sequential(layers)


@misconception(of="LeNet5", hint=KEEP_THE_BATCH)
class LeNet5FlattensTheBatch(RightLeNet5):
    def __init__(self) -> None:
        super().__init__()
        layers = right_lenet_layers()
        layers[4] = nn.Flatten(start_dim=0)
        self.model = nn.Sequential(*layers)


@misconception(of="LeNet5", hint=REGISTER)
class LeNet5InAList(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.model = right_lenet_layers()

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.model:
            x = layer(x)
        return x


@misconception(of="LeNet5", hint=BUILD_ONCE)
class LeNet5BuiltInForward(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        self.model = nn.Sequential(*right_lenet_layers()).to(x)
        logits: Tensor = self.model(x)
        return logits


@misconception(of="LeNet5", hint=RETURN_LOGITS + " The loss takes the softmax.")
class LeNet5WithSoftmax(RightLeNet5):
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x).softmax(1)


@misconception(of="LeNet5", hint=NOTHING_BETWEEN)
class LeNet5WithActivations(RightLeNet5):
    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for layer in right_lenet_layers()[:-1]:
            layers += [layer, nn.ReLU()] if isinstance(layer, nn.Conv2d | nn.Linear) else [layer]
        self.model = nn.Sequential(*layers, nn.Linear(84, 10))


@misconception(
    of="LeNet5", hint="Let the windows of a pool not overlap: its stride is its kernel size, 2."
)
class LeNet5PoolsWithStrideOne(RightLeNet5):
    def __init__(self) -> None:
        super().__init__()
        layers = right_lenet_layers()
        layers[1], layers[3] = nn.MaxPool2d(2, stride=1), nn.MaxPool2d(2, stride=1)
        layers[5] = nn.Linear(16 * 22 * 22, 120)
        self.model = nn.Sequential(*layers)


@misconception(of="LeNet5", hint="Pool by the maximum of each window, not by its average.")
class LeNet5WithAveragePools(RightLeNet5):
    def __init__(self) -> None:
        super().__init__()
        layers = right_lenet_layers()
        layers[1], layers[3] = nn.AvgPool2d(2), nn.AvgPool2d(2)
        self.model = nn.Sequential(*layers)


@misconception(
    of="LeNet5",
    hint="Leave the convolutions without padding: 32 becomes 28, and 400 features reach the end.",
)
class LeNet5WithPadding(RightLeNet5):
    def __init__(self) -> None:
        super().__init__()
        layers = right_lenet_layers()
        layers[0], layers[2] = nn.Conv2d(3, 6, 5, padding=2), nn.Conv2d(6, 16, 5, padding=2)
        layers[5] = nn.Linear(16 * 8 * 8, 120)
        self.model = nn.Sequential(*layers)


@misconception(
    of="LeNet5", hint="Put the nn.Sequential into the attribute `model`: the state_dict starts so."
)
class LeNet5UnderAnotherName(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(*right_lenet_layers())

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.layers(x)
        return logits
