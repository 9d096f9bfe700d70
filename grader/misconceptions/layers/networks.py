"""What goes wrong in `TwoLayerNet` and in `output_activation`."""

import torch
from torch import Tensor, nn

from grader.misconceptions import misconception

RETURN_RAW = "Return what the last layer puts out: nothing follows it, and it may be negative."
REGISTER = (
    "Build the layers in __init__ and keep each as an attribute of its own: those in a Python "
    "list, or built anew in forward, are not found, and never learn."
)
OTHER_NAMES = "Call the layers layer1 and layer2: the names are part of the exercise."
AN_OBJECT = "Return a layer that is ready to be called, with its brackets: not its class."
A_MODULE = "Return a layer of torch.nn, not a function of torch: it goes into an nn.Sequential."
REFUSE = "Raise ValueError for a task that is none of the three."
ALONG_THE_CLASSES = "Normalise over dimension 1, where the classes are, with dim=1."


class RightNet(nn.Module):
    def __init__(self, input_size: int, hidden_size: int, output_size: int) -> None:
        super().__init__()
        self.layer1 = nn.Linear(input_size, hidden_size)
        self.layer2 = nn.Linear(hidden_size, output_size)

    def forward(self, x: Tensor) -> Tensor:
        output: Tensor = self.layer2(self.bend(self.layer1(x)))
        return output

    def bend(self, hidden: Tensor) -> Tensor:
        return hidden.relu()


@misconception(
    of="TwoLayerNet", hint="Put the ReLU between the layers: linear after linear is linear."
)
class NetWithoutActivation(RightNet):
    def bend(self, hidden: Tensor) -> Tensor:
        return hidden


@misconception(of="TwoLayerNet", hint=RETURN_RAW)
class NetWithFinalRelu(RightNet):
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x).relu()


@misconception(
    of="TwoLayerNet",
    hint="Put the ReLU between the layers, not after the last, whose output is returned as it is.",
)
class NetWithReluAtTheWrongPlace(RightNet):
    def forward(self, x: Tensor) -> Tensor:
        output: Tensor = self.layer2(self.layer1(x))
        return output.relu()


@misconception(
    of="TwoLayerNet", hint="Leave the input as it is: the ReLU follows layer1, it does not precede."
)
class NetWithReluFirst(RightNet):
    def forward(self, x: Tensor) -> Tensor:
        output: Tensor = self.layer2(self.layer1(x.relu()))
        return output


@misconception(of="TwoLayerNet", hint=RETURN_RAW + " The loss takes the softmax.")
class NetWithSoftmax(RightNet):
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x).softmax(-1)


@misconception(of="TwoLayerNet", hint=RETURN_RAW + " No probability is asked for.")
class NetWithSigmoid(RightNet):
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x).sigmoid()


@misconception(of="TwoLayerNet", hint="Bend with a ReLU between the layers, not with a sigmoid.")
class NetOfSigmoids(RightNet):
    def bend(self, hidden: Tensor) -> Tensor:
        return hidden.sigmoid()


@misconception(of="TwoLayerNet", hint="Bend with a ReLU between the layers, not with a tanh.")
class NetOfTanhs(RightNet):
    def bend(self, hidden: Tensor) -> Tensor:
        return hidden.tanh()


@misconception(of="TwoLayerNet", hint="Bend with a ReLU between the layers: here negatives leak.")
class NetOfLeakyRelus(RightNet):
    def bend(self, hidden: Tensor) -> Tensor:
        return nn.functional.leaky_relu(hidden)


@misconception(
    of="TwoLayerNet", hint="Drop nothing: there is a ReLU between the layers and no dropout."
)
class NetWithDropout(RightNet):
    def bend(self, hidden: Tensor) -> Tensor:
        return nn.functional.dropout(hidden.relu(), training=self.training)


@misconception(of="TwoLayerNet", hint=OTHER_NAMES)
class NetWithOtherNames(nn.Module):
    def __init__(self, input_size: int, hidden_size: int, output_size: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(input_size, hidden_size)
        self.fc2 = nn.Linear(hidden_size, output_size)

    def forward(self, x: Tensor) -> Tensor:
        output: Tensor = self.fc2(self.fc1(x).relu())
        return output


@misconception(of="TwoLayerNet", hint=OTHER_NAMES + " In an nn.Sequential they are numbers.")
class NetInASequential(nn.Module):
    def __init__(self, input_size: int, hidden_size: int, output_size: int) -> None:
        super().__init__()
        self.model = nn.Sequential(
            nn.Linear(input_size, hidden_size), nn.ReLU(), nn.Linear(hidden_size, output_size)
        )

    def forward(self, x: Tensor) -> Tensor:
        output: Tensor = self.model(x)
        return output


@misconception(of="TwoLayerNet", hint=REGISTER)
class NetInAList(nn.Module):
    def __init__(self, input_size: int, hidden_size: int, output_size: int) -> None:
        super().__init__()
        self.layers = [nn.Linear(input_size, hidden_size), nn.Linear(hidden_size, output_size)]

    def forward(self, x: Tensor) -> Tensor:
        output: Tensor = self.layers[1](self.layers[0](x).relu())
        return output


@misconception(of="TwoLayerNet", hint=REGISTER)
class NetBuiltInForward(nn.Module):
    def __init__(self, input_size: int, hidden_size: int, output_size: int) -> None:
        super().__init__()
        self.sizes = input_size, hidden_size, output_size

    def forward(self, x: Tensor) -> Tensor:
        input_size, hidden_size, output_size = self.sizes
        hidden = nn.Linear(input_size, hidden_size)(x).relu()
        output: Tensor = nn.Linear(hidden_size, output_size)(hidden)
        return output


@misconception(of="TwoLayerNet", hint="Give both layers a bias, as nn.Linear does by default.")
class NetWithoutBias(RightNet):
    def __init__(self, input_size: int, hidden_size: int, output_size: int) -> None:
        super().__init__(input_size, hidden_size, output_size)
        self.layer1 = nn.Linear(input_size, hidden_size, bias=False)
        self.layer2 = nn.Linear(hidden_size, output_size, bias=False)


@misconception(
    of="TwoLayerNet",
    hint="Mind the order of the sizes: what goes in, what stands between, what comes out.",
)
class NetWithOtherOrder(RightNet):
    def __init__(self, input_size: int, output_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size, output_size)


@misconception(
    of="TwoLayerNet", hint="Use the hidden size that is given for what stands between the layers."
)
class NetWithAHiddenSizeOfItsOwn(RightNet):
    def __init__(self, input_size: int, hidden_size: int, output_size: int) -> None:
        super().__init__(input_size, 128, output_size)


@misconception(of="TwoLayerNet", hint="Make two layers: there is one too many.")
class NetOfThreeLayers(RightNet):
    def __init__(self, input_size: int, hidden_size: int, output_size: int) -> None:
        super().__init__(input_size, hidden_size, output_size)
        self.layer3 = nn.Linear(output_size, output_size)

    def forward(self, x: Tensor) -> Tensor:
        output: Tensor = self.layer3(super().forward(x).relu())
        return output


@misconception(
    of="TwoLayerNet", hint="Begin __init__ with super().__init__(): it is what registers layers."
)
class NetWithoutSuper(nn.Module):
    def __init__(self, input_size: int, hidden_size: int, output_size: int) -> None:
        self.layer1 = nn.Linear(input_size, hidden_size)
        self.layer2 = nn.Linear(hidden_size, output_size)


@misconception(of="TwoLayerNet", hint="Return the output from forward.")
class NetThatReturnsNothing(RightNet):
    def forward(self, x: Tensor) -> None:  # type: ignore[override]  # the mistake itself
        super().forward(x)


@misconception(
    of="TwoLayerNet",
    hint="Stay in torch, and outside of no_grad: the parameters need a gradient to learn.",
)
class NetWithoutGradient(RightNet):
    def forward(self, x: Tensor) -> Tensor:
        with torch.no_grad():
            return super().forward(x)


# output_activation


def right_layer(task: str) -> nn.Module:
    layers: dict[str, nn.Module] = {
        "regression": nn.Identity(),
        "binary": nn.Sigmoid(),
        "multiclass": nn.Softmax(dim=1),
    }
    if task not in layers:
        raise ValueError(task)
    return layers[task]


@misconception(of="output_activation", hint=ALONG_THE_CLASSES + " Dimension 0 is the batch.")
def activation_over_the_batch(task: str) -> nn.Module:
    return nn.Softmax(dim=0) if task == "multiclass" else right_layer(task)


@misconception(of="output_activation", hint=ALONG_THE_CLASSES + " Left out, torch guesses.")
def activation_without_a_dimension(task: str) -> nn.Module:
    return nn.Softmax() if task == "multiclass" else right_layer(task)


@misconception(
    of="output_activation", hint=ALONG_THE_CLASSES + " With images, the last one is another."
)
def activation_over_the_last_dimension(task: str) -> nn.Module:
    return nn.Softmax(dim=-1) if task == "multiclass" else right_layer(task)


@misconception(of="output_activation", hint="Return probabilities for classes, not logarithms.")
def activation_of_logarithms(task: str) -> nn.Module:
    return nn.LogSoftmax(dim=1) if task == "multiclass" else right_layer(task)


@misconception(
    of="output_activation",
    hint="Let the probabilities of the classes sum to 1: a softmax, not a sigmoid of each.",
)
def activation_sigmoid_for_classes(task: str) -> nn.Module:
    return nn.Sigmoid() if task == "multiclass" else right_layer(task)


@misconception(
    of="output_activation",
    hint="Use a sigmoid for yes or no: the softmax of a single output is always 1.",
)
def activation_softmax_for_two(task: str) -> nn.Module:
    return nn.Softmax(dim=1) if task == "binary" else right_layer(task)


@misconception(of="output_activation", hint="Use a sigmoid for yes or no: tanh runs from −1 to 1.")
def activation_tanh_for_two(task: str) -> nn.Module:
    return nn.Tanh() if task == "binary" else right_layer(task)


@misconception(
    of="output_activation",
    hint="Leave the outputs of a regression as they are, nn.Identity: they may be negative.",
)
def activation_relu_for_regression(task: str) -> nn.Module:
    return nn.ReLU() if task == "regression" else right_layer(task)


@misconception(
    of="output_activation", hint="Return a layer for a regression too: nn.Identity, not None."
)
def activation_nothing_for_regression(task: str) -> nn.Module | None:
    return None if task == "regression" else right_layer(task)


@misconception(
    of="output_activation",
    hint="Leave the outputs of a regression as they are, with nn.Identity: a linear layer has "
    "parameters of its own.",
)
def activation_linear_for_regression(task: str) -> nn.Module:
    return nn.Linear(1, 1) if task == "regression" else right_layer(task)


@misconception(of="output_activation", hint=AN_OBJECT)
def activation_as_a_class(task: str) -> type[nn.Module]:
    return type(right_layer(task))


@misconception(of="output_activation", hint=A_MODULE)
def activation_as_a_function(task: str) -> object:
    right_layer(task)
    return {"regression": lambda x: x, "binary": torch.sigmoid, "multiclass": torch.softmax}[task]


@misconception(of="output_activation", hint=REFUSE + " A dictionary raises KeyError.")
def activation_raises_key_error(task: str) -> nn.Module:
    try:
        return right_layer(task)
    except ValueError:
        raise KeyError(task) from None


@misconception(of="output_activation", hint=REFUSE + " None hides that the name was misspelt.")
def activation_none_for_another_task(task: str) -> nn.Module | None:
    return right_layer(task) if task in ("regression", "binary", "multiclass") else None


@misconception(of="output_activation", hint=REFUSE + " Do not take it for a regression.")
def activation_identity_for_another_task(task: str) -> nn.Module:
    return right_layer(task) if task in ("binary", "multiclass") else nn.Identity()


@misconception(of="output_activation", hint=REFUSE + " Do not take it for a multiclass task.")
def activation_softmax_for_another_task(task: str) -> nn.Module:
    return right_layer(task) if task in ("regression", "binary") else nn.Softmax(dim=1)


@misconception(of="output_activation", hint=REFUSE + " Upper-case letters make another name.")
def activation_of_any_case(task: str) -> nn.Module:
    return right_layer(task.lower())
