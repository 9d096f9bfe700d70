"""A line through points: first by hand, step by step, then with nn.Module and torch's optimizer.

From points (x, y) we learn two numbers, the slope w and the bias b of a line, such that

    prediction = w · x + b        is close to y

Every network is trained in the same four steps, over and over:

    predict → how wrong is it? → in which direction is it less wrong? → go a little that way
    predict   squared_error      loss.backward()                       gradient_step

Write the functions from top to bottom: `fit` is made of the three above it. Each docstring says all
that you need and ends with an example, and `N` is the number of points. Put your code in the place
of the line that raises NotImplementedError, then run, in the folder above this one,

    pytest exercises/test_linear_regression.py

and read what it says of the function that you wrote. You need not finish all before you look.
"""

from __future__ import annotations

import torch
from torch import nn


def predict(x: torch.Tensor, w: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """What the line says for each point: w · x + b.

    `x` has shape (N, 1), one row for each point; `w` and `b` have shape (1,). The result has shape
    (N,), one number for each point, so a single point gives shape (1,). Hint: `@` multiplies a
    matrix by a vector, and (N, 1) @ (1,) is (N,).

    The result has the dtype of the inputs, which are left as they are. Stay in torch all the way
    (no `.item()`, `.detach()` or numpy): later, autograd has to find its way back to w and b.

    >>> x = torch.tensor([[1.0], [2.0], [3.0]])
    >>> predict(x, w=torch.tensor([2.0]), b=torch.tensor([1.0]))
    tensor([3., 5., 7.])
    """
    ### BEGIN SOLUTION
    return x @ w + b
    ### END SOLUTION


def squared_error(
    prediction: torch.Tensor, target: torch.Tensor, reduction: str = "mean"
) -> torch.Tensor:
    """How wrong a prediction is, as one number: (prediction − target)² of every element, reduced.

    `prediction` and `target` have the same shape, whatever it is. `reduction` is "mean" (over all
    elements, the default) or "sum" (over all elements). The result is a tensor of shape (), with
    the dtype of the inputs, which are left as they are. Stay in torch all the way, as in `predict`.

    Raises ValueError where the two shapes differ. torch would not: from (N,) − (N, 1) it makes, in
    silence, an (N, N) of all the differences, and you would minimise the wrong thing. Raises
    ValueError for any other reduction too, "none" included.

    Forbidden: torch's mse_loss, under any name (nn.MSELoss is one).

    >>> prediction, target = torch.tensor([3.0, 5.0]), torch.tensor([2.0, 7.0])
    >>> squared_error(prediction, target)
    tensor(2.5000)
    >>> squared_error(prediction, target, reduction="sum")
    tensor(5.)
    """
    ### BEGIN SOLUTION
    if prediction.shape != target.shape:
        raise ValueError(f"shapes differ: {tuple(prediction.shape)} and {tuple(target.shape)}")
    squares = (prediction - target) ** 2
    if reduction == "mean":
        return squares.mean()
    if reduction == "sum":
        return squares.sum()
    raise ValueError(f'reduction must be "mean" or "sum", not {reduction!r}')
    ### END SOLUTION


def gradient_step(w: torch.Tensor, b: torch.Tensor, learning_rate: float) -> None:
    """Go one step downhill: subtract learning_rate · grad from w and from b, then clear the grads.

    `w` and `b` have shape (1,). They are leaves (made by you, not computed) that require grad, and
    `loss.backward()` has just left a gradient in `w.grad` and in `b.grad`.

    Change both in place: the numbers change inside the memory of the very tensors that came, as
    `-=` does; `w = w - …` only makes a new tensor that nobody else sees. Autograd must not record
    the change, so make it under `torch.no_grad()`. Afterwards w and b are still leaves that require
    grad, ready for the next backward, which records again.

    Clear both grads at the end, for the next backward would add to them: None or zeros, as you
    like. There is nothing to return.

    Raises ValueError for a negative learning_rate (0 is fine: nothing moves).

    Forbidden: torch.optim, under any name.

    >>> w = torch.tensor([2.0], requires_grad=True)
    >>> b = torch.tensor([1.0], requires_grad=True)
    >>> loss = (3 * w - 2 * b).sum()
    >>> loss.backward()
    >>> w.grad, b.grad
    (tensor([3.]), tensor([-2.]))
    >>> gradient_step(w, b, learning_rate=0.5)
    >>> w, b
    (tensor([0.5000], requires_grad=True), tensor([2.], requires_grad=True))
    """
    ### BEGIN SOLUTION
    if learning_rate < 0:
        raise ValueError(f"learning_rate must not be negative, but is {learning_rate}")
    with torch.no_grad():
        w -= learning_rate * w.grad
        b -= learning_rate * b.grad
    w.grad = None
    b.grad = None
    ### END SOLUTION


def fit(
    x: torch.Tensor,
    y: torch.Tensor,
    w: torch.Tensor,
    b: torch.Tensor,
    learning_rate: float,
    epochs: int,
    reduction: str = "mean",
) -> list[float]:
    """Find the line by gradient descent: `epochs` times predict, measure, backward and step.

    `x` has shape (N, 1) and `y` shape (N,). `w` and `b`, of shape (1,), are float leaves that
    require grad; the descent starts from the values that they have and changes them in place, as in
    `gradient_step`. In every epoch

        loss = squared_error of the predictions for all points, with `reduction` ("mean" or "sum")
        w and b make one step against the gradient that autograd finds for this loss

    Grads that something else has left in w and b before do not count: clear them before you start.

    Returns one Python float for each epoch, in a list: the loss from before the epoch's step, so
    the first one belongs to the w and b that came. (A tensor would keep its whole graph in memory;
    `.item()` takes the number out.)

    Raises ValueError where the predictions, of shape (N,), and y differ in shape, for a reduction
    that squared_error does not know, and for a negative learning_rate.

    Forbidden: torch.optim and torch's mse_loss, under any name.

    >>> x, y = torch.tensor([[1.0], [2.0]]), torch.tensor([2.0, 4.0])
    >>> w, b = torch.zeros(1, requires_grad=True), torch.zeros(1, requires_grad=True)
    >>> losses = fit(x, y, w, b, learning_rate=0.1, epochs=2)
    >>> [round(loss, 4) for loss in losses]
    [10.0, 1.06]
    >>> w, b
    (tensor([1.3200], requires_grad=True), tensor([0.7800], requires_grad=True))
    """
    ### BEGIN SOLUTION
    w.grad = b.grad = None  # what was left from before does not count
    losses = []
    for _ in range(epochs):
        loss = squared_error(predict(x, w, b), y, reduction)
        losses.append(loss.item())
        loss.backward()
        gradient_step(w, b, learning_rate)
    return losses
    ### END SOLUTION


class LinearModel(nn.Module):
    """The same line as a module of torch, which keeps w and b itself.

    It has one layer, the attribute `linear`, an `nn.Linear(1, 1)`: one number in, one number out.
    Its `weight`, of shape (1, 1), is w, its `bias`, of shape (1,), is b; both start at random.

    >>> model = LinearModel()
    >>> model
    LinearModel(
      (linear): Linear(in_features=1, out_features=1, bias=True)
    )
    >>> model(torch.zeros(5, 1)).shape
    torch.Size([5, 1])
    """

    def __init__(self) -> None:
        """Make the layer; begin with `super().__init__()`, which lets the module register it."""
        ### BEGIN SOLUTION
        super().__init__()
        self.linear = nn.Linear(1, 1)
        ### END SOLUTION

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """What the line says for each point: x (N, 1) → (N, 1), the output of the layer."""
        ### BEGIN SOLUTION
        return self.linear(x)
        ### END SOLUTION


def fit_module(
    model: nn.Module, x: torch.Tensor, y: torch.Tensor, learning_rate: float, epochs: int
) -> list[float]:
    """Train a model on all points at once with torch's own tools: this is how it is done.

    `model` is any nn.Module that makes predictions of shape (N, 1) from `x` of shape (N, 1), such
    as a LinearModel; `y` has shape (N, 1). The loss is `nn.MSELoss(reduction="sum")`. The optimizer
    is `torch.optim.SGD` over the parameters of the model, with this learning_rate and nothing else.
    In every one of the `epochs`, clear the grads, compute the loss of model(x) and y, backpropagate
    and step. Grads that something else has left in the model before do not count.

    Returns one Python float for each epoch, in a list: the loss from before the epoch's step.

    Raises ValueError for a negative learning_rate (torch.optim.SGD does so of its own accord).

    >>> model = nn.Linear(1, 1)
    >>> _ = nn.init.zeros_(model.weight), nn.init.zeros_(model.bias)
    >>> x = torch.tensor([[1.0], [2.0], [3.0]])
    >>> losses = fit_module(model, x, 2 * x, learning_rate=0.01, epochs=2)
    >>> [round(loss, 4) for loss in losses]
    [56.0, 25.056]
    >>> round(model.weight.item(), 4), round(model.bias.item(), 4)
    (0.9344, 0.3984)
    """
    ### BEGIN SOLUTION
    loss_fn = nn.MSELoss(reduction="sum")
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate)
    losses = []
    for _ in range(epochs):
        optimizer.zero_grad()
        loss = loss_fn(model(x), y)
        losses.append(loss.item())
        loss.backward()
        optimizer.step()
    return losses
    ### END SOLUTION
