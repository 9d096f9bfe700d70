"""What goes wrong in `LinearModel`."""

from typing import Any

import torch
from torch import Tensor, nn

from grader.misconceptions import misconception

THE_LAYERS_OUTPUT = "Return the output of the layer as it is: shape (N, 1), a row for each point."
ONE_LAYER = (
    "Make one layer with one input and one output, weight and bias: an nn.Linear(1, 1), and "
    "nothing else that has parameters."
)
MAKE_IT_ONCE = "Make the layer once, in __init__, and keep it as an attribute of the module itself."


@misconception(
    of="LinearModel",
    hint="Call the layer linear, as the exercise does: its name is a part of the state_dict.",
)
class ModelWithAnotherName(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(1, 1)

    def forward(self, x: Tensor) -> Any:
        return self.layer(x)


@misconception(
    of="LinearModel",
    hint="Begin __init__ with super().__init__(): it prepares the module for its layers.",
)
class ModelWithoutSuper(nn.Module):
    def __init__(self) -> None:
        self.linear = nn.Linear(1, 1)

    def forward(self, x: Tensor) -> Any:
        return self.linear(x)


@misconception(of="LinearModel", hint=MAKE_IT_ONCE)
class ModelMadeInForward(nn.Module):
    def forward(self, x: Tensor) -> Any:
        return nn.Linear(1, 1)(x)


@misconception(of="LinearModel", hint=MAKE_IT_ONCE)
class ModelWithAList(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear: Any = [nn.Linear(1, 1)]

    def forward(self, x: Tensor) -> Any:
        return self.linear[0](x)


@misconception(
    of="LinearModel",
    hint="Let the layer be torch's nn.Linear(1, 1), which has both the weight and the bias in it.",
)
class ModelOfParameters(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.w = nn.Parameter(torch.zeros(1))
        self.b = nn.Parameter(torch.zeros(1))

    def forward(self, x: Tensor) -> Any:
        return self.w * x + self.b


@misconception(of="LinearModel", hint=ONE_LAYER)
class ModelWithoutBias(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(1, 1, bias=False)

    def forward(self, x: Tensor) -> Any:
        return self.linear(x)


@misconception(of="LinearModel", hint=ONE_LAYER)
class ModelOfThreePoints(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(3, 1)

    def forward(self, x: Tensor) -> Any:
        return self.linear(x)


@misconception(of="LinearModel", hint=ONE_LAYER)
class ModelOfTwoLayers(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(1, 1)
        self.output = nn.Linear(1, 1)

    def forward(self, x: Tensor) -> Any:
        return self.output(self.linear(x))


@misconception(
    of="LinearModel",
    hint="Return the output of the layer as it is: a line has no activation, and it may be "
    "negative.",
)
class ModelWithRelu(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(1, 1)

    def forward(self, x: Tensor) -> Any:
        return self.linear(x).relu()


@misconception(
    of="LinearModel",
    hint="Return the output of the layer as it is: a line has no activation, and it may be "
    "negative.",
)
class ModelWithSigmoid(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(1, 1)

    def forward(self, x: Tensor) -> Any:
        return self.linear(x).sigmoid()


@misconception(of="LinearModel", hint="Use the layer once: applied twice, it is another line.")
class ModelAppliedTwice(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(1, 1)

    def forward(self, x: Tensor) -> Any:
        return self.linear(self.linear(x))


@misconception(of="LinearModel", hint=THE_LAYERS_OUTPUT)
class ModelThatSqueezes(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(1, 1)

    def forward(self, x: Tensor) -> Any:
        return self.linear(x).squeeze(1)


@misconception(of="LinearModel", hint=THE_LAYERS_OUTPUT)
class ModelThatFlattens(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(1, 1)

    def forward(self, x: Tensor) -> Any:
        return self.linear(x).squeeze()


@misconception(of="LinearModel", hint="Return what the layer gives: forward returns nothing.")
class ModelThatReturnsNothing(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(1, 1)

    def forward(self, x: Tensor) -> None:
        self.linear(x)


@misconception(
    of="LinearModel",
    hint="Leave the graph: detached, or under no_grad, the output teaches the layer nothing.",
)
class ModelDetached(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(1, 1)

    def forward(self, x: Tensor) -> Any:
        return self.linear(x).detach()
