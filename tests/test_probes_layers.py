"""The probes of layers: what they observe of right and of odd implementations, and their words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from conftest import solution
from torch import nn

from grader.checking.question import Question
from grader.checking.words import place_text, question_text, shortened
from grader.probes import run_probe

layers = solution("layers")
MANY = torch.linspace(-2.0, 2.0, 4000).reshape(50, 80)
TRUTHS = {
    "dtype": "float32",
    "positive elements stay as they are": True,
    "each slope lies in [lower, upper]": True,
    "different slopes": "one for each element",
    "the slopes are spread evenly": True,
    "another call draws other slopes": True,
    "the gradient is 1 or the slope": True,
}
TWO, THREE = torch.tensor([[2.0]]), torch.tensor([[3.0]])
ONE, FOUR = torch.tensor([1.0]), torch.tensor([4.0])
STATE = {
    "layer1.weight": torch.tensor([[1.0], [-1.0]]),
    "layer1.bias": torch.zeros(2),
    "layer2.weight": torch.tensor([[1.0, 1.0]]),
    "layer2.bias": torch.tensor([-5.0]),
}
SHAPES = {name: list(tensor.shape) for name, tensor in sorted(STATE.items())}


def observed(probe: str, subject: Callable[..., Any], *args: Any, **options: Any) -> dict[str, Any]:
    return run_probe(probe, subject, "cpu", args, options)


# random_slopes


def slopes_of(subject: Callable[..., Any], *bounds: float, **options: Any) -> dict[str, Any]:
    return observed("random_slopes", subject, MANY, *bounds, **options)


def bent(x: torch.Tensor, slopes: torch.Tensor | float) -> torch.Tensor:
    return torch.where(x > 0, x, slopes * x)


@pytest.mark.parametrize("subject", [F.rrelu, layers.rrelu])
@pytest.mark.parametrize(
    ("bounds", "options"),
    [((), {}), ((0.25, 0.75, True), {}), ((0.0,), {"upper": 2.0}), ((), {"lower": -1.0})],
)
def test_random_slopes_are_told_by_what_holds_of_them(
    subject: Callable[..., Any], bounds: Any, options: Any
) -> None:
    training = {} if len(bounds) == 3 else {"training": True}
    found = slopes_of(subject, *bounds, **options, **training)
    assert found == {"graph": True, "value": TRUTHS, "devices": ["cpu"], "changed": []}


def test_what_holds_depends_on_no_seed() -> None:
    for seed in range(20):

        def seeded(x: torch.Tensor, seed: int = seed) -> torch.Tensor:
            generator = torch.Generator().manual_seed(seed * 2 + int(torch.randint(2**40, ())))
            drawn = torch.empty_like(x).uniform_(1 / 8, 1 / 3, generator=generator)
            return bent(x, drawn)

        assert slopes_of(seeded)["value"] == TRUTHS


def row_by_row(x: torch.Tensor) -> torch.Tensor:
    return bent(x, torch.empty(len(x), 1).uniform_(1 / 8, 1 / 3))


ODD: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {
    "always the same": (
        lambda x: bent(x, 0.2),
        {
            "different slopes": "1",
            "the slopes are spread evenly": False,
            "another call draws other slopes": False,
        },
    ),
    "a slope a row": (row_by_row, {"different slopes": "25"}),
    "below the bounds": (
        lambda x: bent(x, torch.rand_like(x) * 0.2),
        {"each slope lies in [lower, upper]": False, "the slopes are spread evenly": False},
    ),
    "more of the small ones": (
        lambda x: bent(x, 1 / 8 + (1 / 3 - 1 / 8) * torch.rand_like(x) ** 1.5),
        {"the slopes are spread evenly": False},
    ),
    "positive ones too": (
        lambda x: x * torch.empty_like(x).uniform_(1 / 8, 1 / 3),
        {"positive elements stay as they are": False, "the gradient is 1 or the slope": False},
    ),
    "another gradient": (
        lambda x: bent(x, torch.empty_like(x).uniform_(1 / 8, 1 / 3)) + (x - x.detach()),
        {"the gradient is 1 or the slope": False},
    ),
    "other numbers": (
        lambda x: bent(x, torch.empty_like(x).uniform_(1 / 8, 1 / 3)).double(),
        {"dtype": "float64", "positive elements stay as they are": False},
    ),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_slopes_are_seen(name: str) -> None:
    subject, expected = ODD[name]
    value = slopes_of(subject)["value"]
    seen = {fact: value[fact] for fact in TRUTHS if value[fact] != TRUTHS[fact]}
    assert expected.items() <= seen.items()
    assert seen.keys() - expected.keys() <= {"the slopes are spread evenly"}


def test_what_is_no_tensor_of_the_shape_is_told_as_it_is() -> None:
    assert slopes_of(lambda x: None)["value"] is None
    assert slopes_of(lambda x: x[x > 0])["value"].shape == (2000,)


def test_a_result_without_a_graph_and_a_changed_input_are_seen() -> None:
    def in_place(x: torch.Tensor) -> torch.Tensor:
        x.detach().mul_(2)
        return bent(x.detach(), torch.rand_like(x))

    found = slopes_of(in_place)
    assert (found["graph"], found["changed"]) == (False, ["argument 1"])
    assert "the gradient is 1 or the slope" not in found["value"]


# collapsed


def collapsed(subject: Callable[..., Any], bias: torch.Tensor | None = ONE) -> dict[str, Any]:
    return observed("collapsed", subject, TWO, bias, THREE, FOUR)


def made(weight: torch.Tensor, bias: torch.Tensor | None = None) -> nn.Linear:
    layer = nn.Linear(1, 1, bias=bias is not None)
    layer.weight = nn.Parameter(weight.detach().clone())
    if bias is not None:
        layer.bias = nn.Parameter(bias.detach().clone())
    return layer


def test_the_new_layer_is_seen_with_its_numbers() -> None:
    for bias, total in ((ONE, 7.0), (None, 4.0)):
        assert collapsed(layers.collapse, bias) == {
            "layer": "an nn.Linear",
            "value": {
                "weight": torch.tensor([[6.0]]),
                "bias": torch.tensor([total]),
                "its parameters can be trained": True,
            },
            "devices": ["cpu"],
            "changed": [],
        }


def test_no_bias_is_one_of_zeros() -> None:
    found = collapsed(lambda first, second: made(TWO))
    assert found["value"]["bias"].tolist() == [0.0]
    assert found["value"]["bias"].dtype == torch.float32


@pytest.mark.parametrize("change", ["weight", "bias", "grad", "frozen", "mode"])
def test_what_becomes_of_the_two_layers_is_seen(change: str) -> None:
    def changing(first: nn.Linear, second: nn.Linear) -> nn.Linear:
        if change == "weight":
            first.weight.data += 1
        elif change == "bias":
            first.bias = None
        elif change == "grad":
            first(torch.ones(1)).backward()
        elif change == "frozen":
            first.requires_grad_(False)
        else:
            first.eval()
        return made(THREE)

    assert collapsed(changing)["changed"] == ["the first layer"]


def test_memory_that_is_shared_is_seen() -> None:
    def borrowing(first: nn.Linear, second: nn.Linear) -> nn.Linear:
        layer = made(THREE)
        layer.bias = second.bias
        return layer

    shared = "the new layer, by a change of the {} (they share memory)"
    assert collapsed(borrowing)["changed"] == [shared.format("second")]
    assert collapsed(lambda first, second: first)["changed"] == [shared.format("first")]


def test_parameters_that_cannot_be_trained_are_seen() -> None:
    @torch.inference_mode()
    def inferred(first: nn.Linear, second: nn.Linear) -> nn.Linear:
        return made(first.weight)

    def of_the_graph(first: nn.Linear, second: nn.Linear) -> nn.Linear:
        layer = nn.Linear(1, 1)
        del layer.weight
        layer.weight = second.weight @ first.weight
        return layer

    frozen = lambda first, second: made(TWO).requires_grad_(False)
    for subject in (inferred, of_the_graph, frozen):
        assert collapsed(subject)["value"]["its parameters can be trained"] is False


def test_what_is_no_linear_layer_is_named() -> None:
    found = collapsed(nn.Sequential)
    assert (found["layer"], found["value"]) == ("Sequential", {"type": "Sequential"})
    assert collapsed(lambda first, second: None)["layer"] == "nothing"


# two_layers


def test_a_network_is_seen_with_its_layers_and_its_output() -> None:
    asked = STATE, torch.tensor([[2.0]])
    found = observed("two_layers", layers.TwoLayerNet, *asked, gradients=True)
    assert found.pop("gradients")["layer2.weight"].tolist() == [[-12.0, 0.0]]
    assert found == {
        "network": "an nn.Module",
        "layer1": "an nn.Linear",
        "layer2": "an nn.Linear",
        "parameters": SHAPES,
        "value": torch.tensor([[-3.0]]),
        "devices": ["cpu"],
        "changed": [],
        "graph": True,
    }


def test_without_an_input_only_the_layers_are_seen() -> None:
    found = observed("two_layers", layers.TwoLayerNet, STATE)
    assert found["value"] == found["parameters"] == SHAPES


def test_a_network_of_other_parameters_is_not_run() -> None:
    class Other(nn.Module):
        def __init__(self, *sizes: int) -> None:
            super().__init__()
            self.layer1, self.layer3 = nn.Linear(1, 2), nn.Linear(2, 1)

    found = observed("two_layers", Other, STATE, torch.tensor([[2.0]]))
    assert (found["layer1"], found["layer2"]) == ("an nn.Linear", "nothing")
    assert found["value"] == found["parameters"] != SHAPES


def test_what_is_no_network_is_named() -> None:
    found = observed("two_layers", lambda *sizes: sizes, STATE)
    assert (found["network"], found["value"]) == ("tuple", [1, 2, 1])


def test_a_network_that_changes_its_input_is_seen() -> None:
    class Changing(layers.TwoLayerNet):  # type: ignore[misc, name-defined]  # made at run time
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return super().forward(x.mul_(2))

    found = observed("two_layers", Changing, STATE, torch.tensor([[2.0]]))
    assert found["changed"] == ["the input"]


# activation


def test_an_activation_is_seen_by_class_and_by_what_it_does() -> None:
    x = torch.zeros(1, 2)
    found = observed("activation", layers.output_activation, "multiclass", x, x)
    assert (found["layer"], len(found["value"])) == ("Softmax", 2)
    assert found["value"][0].tolist() == [[0.5, 0.5]]

    class Own(nn.Sigmoid):
        pass

    assert observed("activation", lambda task: Own(), "binary")["layer"] == "Sigmoid"


@pytest.mark.parametrize(
    ("made", "seen"), [(nn.Sigmoid, "the class Sigmoid"), (None, None), ("binary", "binary")]
)
def test_what_is_no_layer_is_told_as_it_is(made: object, seen: object) -> None:
    found = observed("activation", lambda task: made, "binary", torch.zeros(1))
    assert found["layer"] == found["value"] == seen


# words


def test_a_collapse_is_written_with_both_layers() -> None:
    question = Question("layers", "collapse", "collapsed", (TWO, None, THREE.double(), FOUR), {})
    assert question_text(question).splitlines() == [
        "first = nn.Linear(1, 1, bias=False)",
        "first.weight.data = torch.tensor([[2.0]])",
        "second = nn.Linear(1, 1, dtype=torch.float64)",
        "second.weight.data = torch.tensor([[3.0]], dtype=torch.float64)",
        "second.bias.data = torch.tensor([4.0])",
        "layer = collapse(first, second)",
        "layer, layer.weight, layer.bias",
    ]
    assert place_text(question, ("value", "bias")) == "layer.bias"
    assert place_text(question, ("layer",)) == "what is returned"


def test_a_network_is_written_as_far_as_it_is_needed() -> None:
    asked = STATE, torch.tensor([[2.0]])
    question = Question("layers", "TwoLayerNet", "two_layers", asked, {"gradients": True})
    assert question_text(question).splitlines()[-2] == "output.square().sum().backward()"
    of_the_output = shortened(question, ("value",))
    assert question_text(of_the_output).splitlines()[-1] == "network(torch.tensor([[2.0]]))"
    of_its_parts = question_text(shortened(question, ("parameters",)))
    assert of_its_parts.splitlines()[:2] == ["network = TwoLayerNet(1, 2, 1)", "network"]
    assert "torch" not in of_its_parts
    places = {part: place_text(question, part) for part in [("layer1",), ("parameters", "a", 0)]}
    assert list(places.values()) == ["network.layer1", "the shape of a"]


def test_an_activation_is_written_with_the_input_that_differs() -> None:
    asked = "binary", torch.tensor([1.0]), torch.tensor([2.0])
    question = Question("layers", "output_activation", "activation", asked, {})
    text = question_text(shortened(question, ("value", 1)))
    assert text.splitlines() == [
        "layer = output_activation('binary')",
        "layer",
        "layer(torch.tensor([2.0]))",
    ]
    assert question_text(shortened(question, ("layer",))).count("\n") == 1
    assert place_text(question, ("value", 1)) == "the output"


def test_random_slopes_are_written_with_what_is_looked_at() -> None:
    options = {"training": True}
    text = question_text(Question("layers", "rrelu", "random_slopes", (MANY, 0.25), options))
    assert text.splitlines() == [
        "x = torch.linspace(-2.0, 2.0, 4000).reshape(50, 80)",
        "result = rrelu(x, 0.25, training=True)",
        "slopes = (result / x)[x < 0]",
        "slopes, slopes.min(), slopes.max(), len(slopes.unique()), len(slopes)",
    ]
