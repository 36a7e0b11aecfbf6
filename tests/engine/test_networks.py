from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from sigmoid_lab.engine.networks import (
    BadDeepNet,
    BinaryClassifier,
    DeepNet,
    GoodDeepNet,
    MultiLabelClassifier,
    Network,
    linear_layers,
)
from sigmoid_lab.errors import LabError
from sigmoid_lab.vocabulary import ACTIVATIONS, ActivationName

Maker = Callable[[int | None], Network]

MAKERS: dict[str, Maker] = {
    "BinaryClassifier": lambda copies: BinaryClassifier(10, copies=copies),
    "MultiLabelClassifier": lambda copies: MultiLabelClassifier(10, 4, copies=copies),
    "DeepNet": lambda copies: DeepNet(10, 2, 7, "gelu", copies=copies),
    "BadDeepNet": lambda copies: BadDeepNet(copies=copies),
    "GoodDeepNet": lambda copies: GoodDeepNet(copies=copies),
}
STRUCTURES: dict[str, list[tuple[int, int] | type[nn.Module]]] = {
    "BinaryClassifier": [(10, 64), nn.ReLU, (64, 32), nn.ReLU, (32, 1)],
    "MultiLabelClassifier": [(10, 64), nn.ReLU, (64, 4)],
    "DeepNet": [(10, 7), nn.GELU, (7, 7), nn.GELU, (7, 1)],
    "BadDeepNet": [(10, 64), nn.Sigmoid, (64, 64), nn.Sigmoid, (64, 64), nn.Sigmoid, (64, 1)],
    "GoodDeepNet": [(10, 64), nn.ReLU, (64, 64), nn.ReLU, (64, 64), nn.ReLU, (64, 1)],
}


@pytest.fixture(autouse=True)
def seed() -> None:
    torch.manual_seed(0)


@pytest.fixture(params=MAKERS)
def maker(request: pytest.FixtureRequest) -> Maker:
    return MAKERS[request.param]


def by_hand(x: Tensor, state: dict[str, Tensor], activation: Callable[[Tensor], Tensor]) -> Tensor:
    """A forward pass from nothing but a state dict."""
    weights = [value for name, value in state.items() if name.endswith("weight")]
    biases = [value for name, value in state.items() if name.endswith("bias")]
    for weight, bias in zip(weights[:-1], biases[:-1], strict=True):
        x = activation(functional.linear(x, weight, bias))
    return functional.linear(x, weights[-1], biases[-1])


@pytest.mark.parametrize("name", STRUCTURES)
def test_a_network_is_a_row_of_plain_linear_layers_with_an_activation_between(name: str) -> None:
    modules = list(MAKERS[name](None).layers)
    for module, expected in zip(modules, STRUCTURES[name], strict=True):
        if isinstance(expected, tuple):
            assert type(module) is nn.Linear
            assert (module.in_features, module.out_features) == expected
        else:
            assert type(module) is expected


def test_a_network_owns_nothing_but_its_layers(maker: Maker) -> None:
    network = maker(None)
    owned = sum(parameter.numel() for layer in linear_layers(network) for parameter in layer.parameters())
    assert owned == sum(parameter.numel() for parameter in network.parameters())
    assert not list(network.buffers())


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_names_a_deep_net(activation: ActivationName) -> None:
    network = DeepNet(3, 2, 4, activation)
    assert network(torch.randn(5, 3)).shape == (5, 1)


def test_forward_gives_logits_and_no_probabilities() -> None:
    network, x = BadDeepNet(), torch.randn(6, 10)
    assert torch.allclose(network(x), by_hand(x, network.state_dict(), torch.sigmoid), atol=1e-6)


def test_logits_leave_the_unit_interval() -> None:
    network = BinaryClassifier(10)
    logits = network(100 * torch.randn(50, 10))
    assert logits.min() < 0
    assert logits.max() > 1


def test_forward_carries_gradients_to_every_parameter(maker: Maker) -> None:
    for copies in (None, 3):
        network = maker(copies)
        network(torch.randn(5, 10)).sum().backward()
        assert all(parameter.grad is not None and parameter.grad.any() for parameter in network.parameters())


def test_probabilities_have_no_gradient(maker: Maker) -> None:
    assert not maker(None).predict_proba(torch.randn(5, 10)).requires_grad


def test_probabilities_are_the_sigmoid_of_the_logits(maker: Maker) -> None:
    network, x = maker(None), torch.randn(50, 10)
    expected = 1 / (1 + np.exp(-network(x).detach().double().numpy()))
    np.testing.assert_allclose(network.predict_proba(x), expected, rtol=1e-6)


def test_probabilities_lie_between_zero_and_one_for_extreme_logits() -> None:
    network = GoodDeepNet()
    probabilities = network.predict_proba(torch.tensor([[1e30], [-1e30], [0.0]]).expand(-1, 10))
    assert ((probabilities >= 0) & (probabilities <= 1)).all()


@pytest.mark.parametrize("threshold", [0.0, 0.3, 0.5, 0.9])
def test_a_decision_is_whether_the_probability_reaches_the_threshold(threshold: float) -> None:
    network, x = MultiLabelClassifier(10, 4), 20 * torch.randn(50, 10)
    decided = network.predict(x, threshold)
    assert decided.dtype == torch.int64
    assert torch.equal(decided, torch.tensor((network.predict_proba(x).numpy() >= threshold).astype(int)))
    assert 0.0 < decided.double().mean() < 1.0 or threshold == 0.0


def test_the_usual_threshold_is_a_half_which_is_reached_by_a_logit_of_zero() -> None:
    network = BinaryClassifier(2)
    nn.init.zeros_(linear_layers(network)[-1].weight)
    nn.init.zeros_(linear_layers(network)[-1].bias)
    assert network.predict(torch.randn(3, 2)).tolist() == [[1], [1], [1]]


def test_labels_are_independent_sigmoids_and_no_softmax() -> None:
    network, x = MultiLabelClassifier(10, 4), torch.randn(50, 10)
    sums = network.predict_proba(x).sum(1)
    assert sums.min() < sums.max() - 0.1
    others = network.predict_proba(x)[:, 1:]
    with torch.no_grad():
        linear_layers(network)[-1].bias[0] += 5.0
    assert torch.equal(network.predict_proba(x)[:, 1:], others)
    assert (network.predict_proba(x).sum(1) > 1.0).any()


def test_a_stack_has_the_names_of_a_plain_network_and_a_leading_axis(maker: Maker) -> None:
    plain, stack = maker(None).state_dict(), maker(3).state_dict()
    assert {name: (3, *value.shape) for name, value in plain.items()} == {
        name: tuple(value.shape) for name, value in stack.items()
    }


def test_every_copy_gives_what_a_plain_network_with_its_weights_gives(maker: Maker) -> None:
    stack, x = maker(3).double(), torch.randn(3, 5, 10, dtype=torch.float64)
    logits = stack(x)
    for copy in range(3):
        plain = maker(None).double()
        plain.load_state_dict({name: value[copy] for name, value in stack.state_dict().items()})
        torch.testing.assert_close(logits[copy], plain(x[copy]), rtol=1e-12, atol=1e-14)
        torch.testing.assert_close(stack.predict_proba(x)[copy], plain.predict_proba(x[copy]), rtol=1e-12, atol=1e-14)
        assert torch.equal(stack.predict(x)[copy], plain.predict(x[copy]))


def test_every_copy_has_the_gradients_of_a_plain_network_with_its_weights(maker: Maker) -> None:
    stack, x = maker(3).double(), torch.randn(3, 5, 10, dtype=torch.float64)
    stack(x).pow(2).sum().backward()
    for copy in range(3):
        plain = maker(None).double()
        plain.load_state_dict({name: value[copy] for name, value in stack.state_dict().items()})
        plain(x[copy]).pow(2).sum().backward()
        for one, other in zip(stack.parameters(), plain.parameters(), strict=True):
            assert one.grad is not None
            torch.testing.assert_close(one.grad[copy], other.grad, rtol=1e-10, atol=1e-13)


def test_inputs_without_a_copy_axis_are_shared_by_all_copies(maker: Maker) -> None:
    stack, x = maker(3).double(), torch.randn(5, 10, dtype=torch.float64)
    assert stack(x).shape[:2] == (3, 5)
    torch.testing.assert_close(stack(x), stack(torch.stack([x] * 3)), rtol=1e-12, atol=1e-14)


def test_copies_differ(maker: Maker) -> None:
    first, second = maker(2)(torch.randn(5, 10))
    assert not torch.allclose(first, second)


def test_a_new_stack_is_drawn_within_the_bounds_of_nn_linear() -> None:
    for stacked, plain in zip(linear_layers(BadDeepNet(copies=50)), linear_layers(BadDeepNet()), strict=True):
        bound = plain.weight.shape[1] ** -0.5
        assert 0.98 * bound < stacked.weight.abs().max() <= bound
        assert 0.8 * bound < stacked.bias.abs().max() <= bound


@pytest.mark.parametrize("activation", ["Sigmoid", "swish", ""])
def test_an_unknown_activation_is_refused_by_name(activation: ActivationName) -> None:
    with pytest.raises(LabError, match=f"activation: '{activation}' is unknown"):
        DeepNet(activation=activation)


TOO_SMALL: dict[str, Callable[[], Network]] = {
    "no features": lambda: DeepNet(n_features=0),
    "features below 0": lambda: DeepNet(n_features=-1),
    "no width": lambda: DeepNet(width=0),
    "width below 0": lambda: DeepNet(width=-4),
    "no depth": lambda: DeepNet(depth=0),
    "depth below 0": lambda: DeepNet(depth=-1),
    "no copies": lambda: DeepNet(copies=0),
    "copies below 0": lambda: DeepNet(copies=-2),
    "no depth, bad": lambda: BadDeepNet(depth=0),
    "no width, good": lambda: GoodDeepNet(width=0),
    "no features, binary": lambda: BinaryClassifier(0),
    "an empty layer": lambda: BinaryClassifier(3, hidden=(8, 0)),
    "no labels": lambda: MultiLabelClassifier(3, 0),
    "labels below 0": lambda: MultiLabelClassifier(3, -1),
    "no copies, multilabel": lambda: MultiLabelClassifier(3, 2, copies=0),
}


@pytest.mark.parametrize("size", TOO_SMALL)
def test_sizes_below_one_are_refused(size: str) -> None:
    with pytest.raises(LabError):
        TOO_SMALL[size]()
