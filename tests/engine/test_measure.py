from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, hamming_loss, log_loss
from torch import Tensor, nn

from sigmoid_lab.config.schema import Settings
from sigmoid_lab.engine.backprop import Backpropagation, Gradients
from sigmoid_lab.engine.execute import execute
from sigmoid_lab.engine.measure import decide, evaluate, histograms, layer_states, metrics, norms
from sigmoid_lab.engine.networks import DeepNet, MultiLabelClassifier, Network, linear_layers
from sigmoid_lab.functions.losses import bce_with_logits
from sigmoid_lab.plan import Group, Stack
from sigmoid_lab.results.measured import HISTOGRAM_BINS
from sigmoid_lab.theory.slopes import GREATEST_SLOPES
from sigmoid_lab.vocabulary import ACTIVATIONS, ActivationName

TINIEST = {torch.float16: 2.0**-24, torch.bfloat16: 2.0**-133, torch.float32: 2.0**-149, torch.float64: 2.0**-1074}


@pytest.fixture(autouse=True)
def seed() -> None:
    torch.manual_seed(0)


# ---------------------------------------------------------------------------------------------- norms


def test_a_norm_is_the_root_of_the_sum_of_squares() -> None:
    gradients = torch.randn(3, 4, 5, dtype=torch.float64)
    expected = [np.sqrt(sum(float(g) ** 2 for g in network.flatten())) for network in gradients]
    assert norms(gradients).tolist() == pytest.approx(expected, rel=1e-14, abs=0.0)


@pytest.mark.parametrize("dtype", TINIEST)
def test_the_norm_of_the_formats_least_numbers_does_not_underflow(dtype: torch.dtype) -> None:
    least = torch.full((2, 4, 4), TINIEST[dtype], dtype=dtype)
    assert least.all()
    assert norms(least).tolist() == [4 * TINIEST[dtype]] * 2


@pytest.mark.parametrize("dtype", TINIEST)
def test_the_norm_of_the_formats_greatest_numbers_does_not_overflow(dtype: torch.dtype) -> None:
    greatest = torch.full((2, 4), torch.finfo(dtype).max / 4, dtype=dtype)
    assert norms(greatest).tolist() == pytest.approx([torch.finfo(dtype).max / 2] * 2, rel=1e-12, abs=0.0)


@pytest.mark.parametrize("size", [1e-30, 1e-38, 1e-44, 1e30])
def test_a_norm_in_float32_is_told_at_its_size(size: float) -> None:
    gradients = torch.randn(2, 30, 30, dtype=torch.float64).mul(size).float()
    expected = np.linalg.norm(gradients.double().flatten(1).numpy() / size, axis=1) * size
    assert norms(gradients).tolist() == pytest.approx(expected.tolist(), rel=1e-12, abs=0.0)


@pytest.mark.parametrize("dtype", TINIEST)
def test_a_norm_is_exactly_zero_where_every_gradient_is(dtype: torch.dtype) -> None:
    gradients = torch.zeros(3, 4, 5, dtype=dtype)
    gradients[1, 2, 3] = TINIEST[dtype]
    assert norms(gradients).tolist() == [0.0, TINIEST[dtype], 0.0]


@pytest.mark.parametrize("dtype", TINIEST)
@pytest.mark.parametrize("bad", [torch.nan, torch.inf, -torch.inf])
def test_a_gradient_that_is_not_finite_shows_in_its_own_norm_alone(bad: float, dtype: torch.dtype) -> None:
    gradients = torch.ones(3, 2, 2, dtype=dtype)
    gradients[1, 0, 0] = bad
    assert norms(gradients).isfinite().tolist() == [True, False, True]


def norms_of(dtype: str, depth: int, activation: str = "sigmoid") -> list[float]:
    """Return the gradient norm of every layer of one network."""
    block = Settings.model_validate(
        {
            "network": {"activation": activation, "depth": depth, "width": 32},
            "training": {"steps": 0},
            "dtype": dtype,
        }
    )
    layers = execute(Stack(0, Group(0, {}, block), (0,)), lambda _: None).series[0].layers
    return [norm for layer in layers for norm in layer.gradient_norm if norm is not None]


def test_gradients_forty_sigmoids_deep_are_told_in_float32_as_in_float64() -> None:
    rough, fine = norms_of("float32", 40), norms_of("float64", 40)
    assert 0.0 < rough[0] < 1e-30  # its square is far below float32's least number
    assert rough == pytest.approx(fine, rel=1e-2, abs=0.0)


def test_gradients_that_underflow_are_told_as_zero() -> None:
    assert norms_of("float32", 80)[:20] == [0.0] * 20


# ------------------------------------------------------------------------------------ state of layers


def states_by_loop(network: Network, x: Tensor, greatest: float) -> list[tuple[list[float], list[float]]]:
    """Saturated and dead shares of every hidden layer, (E networks,) each, unit by unit and example by example."""
    found = []
    for linear, activation in zip(list(network.layers)[::2], list(network.layers)[1::2], strict=False):
        z = linear(x).detach().requires_grad_()
        x = activation(z)
        slopes = torch.autograd.grad(x.sum(), z)[0].tolist()
        saturated, dead = [], []
        for copy in slopes:
            flat = [abs(slope) < 0.01 * greatest for example in copy for slope in example]
            saturated.append(sum(flat) / len(flat))
            units = [all(slope == 0.0 for slope in unit) for unit in zip(*copy, strict=True)]
            dead.append(sum(units) / len(units))
        found.append((saturated, dead))
    return found


def wide(activation: ActivationName) -> tuple[Network, Tensor]:
    """A stack whose units lie everywhere from dead to saturated."""
    network = DeepNet(3, 2, 16, activation, copies=2)
    with torch.no_grad():
        for layer in linear_layers(network)[:-1]:
            layer.bias[:, ::2].uniform_(-60.0, 60.0)
    return network.double(), torch.randn(2, 9, 3, dtype=torch.float64)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_shares_of_saturated_and_dead_are_those_of_a_loop(activation: ActivationName) -> None:
    network, x = wide(activation)
    greatest = GREATEST_SLOPES[activation].slope
    *hidden, output = layer_states(one_pass(network, x), greatest)
    assert (output.saturated_share, output.dead_share) == (None, None)
    for state, (saturated, dead) in zip(hidden, states_by_loop(network, x, greatest), strict=True):
        assert state.saturated_share is not None
        assert state.dead_share is not None
        assert state.saturated_share.tolist() == pytest.approx(saturated, rel=1e-12, abs=0.0)
        assert state.dead_share.tolist() == pytest.approx(dead, rel=1e-12, abs=0.0)


@pytest.mark.parametrize("activation", ["sigmoid", "relu", "gelu", "hard-tanh"])
def test_the_stacks_that_shares_are_tried_on_have_some_of_each(activation: ActivationName) -> None:
    network, x = wide(activation)
    for saturated, dead in states_by_loop(network, x, GREATEST_SLOPES[activation].slope):
        assert all(0.0 < share < 1.0 for share in (*saturated, *dead))


@pytest.mark.parametrize("dtype", TINIEST)
def test_the_small_slope_of_a_leaky_relu_is_one_percent_and_so_not_below_it(dtype: torch.dtype) -> None:
    network, x = wide("leaky-relu")
    for state in layer_states(one_pass(network.to(dtype), x.to(dtype)), 1.0)[:-1]:
        assert state.saturated_share is not None
        assert state.saturated_share.tolist() == [0.0, 0.0]


def test_norms_of_layers_are_those_of_their_gradients() -> None:
    network = DeepNet(3, 2, 4, "tanh", copies=2)
    gradients = one_pass(network, torch.randn(2, 5, 3))
    for state, gradient in zip(layer_states(gradients, 1.0), gradients.weights, strict=True):
        assert torch.equal(state.gradient_norm, norms(gradient))


def one_pass(network: Network, x: Tensor) -> Gradients:
    return Backpropagation(network, "bce-with-logits")(x, torch.ones(*x.shape[:2], 1, dtype=x.dtype), slopes=True)


def dead_relu() -> tuple[Network, Tensor]:
    network = DeepNet(3, 2, 4, "relu", copies=2)
    nn.init.constant_(linear_layers(network)[0].bias, -100.0)
    return network, torch.randn(2, 5, 3)


def test_units_that_no_example_wakes_are_dead() -> None:
    network, x = dead_relu()
    first, *_ = layer_states(one_pass(network, x), 1.0)
    assert first.dead_share is not None
    assert first.dead_share.tolist() == [1.0, 1.0]


def test_a_unit_that_one_example_wakes_is_not_dead() -> None:
    network, x = dead_relu()
    with torch.no_grad():
        linear_layers(network)[0].weight[0, 0] = torch.tensor([1.0, 0.0, 0.0])
    x[0, 2, 0] = 101.0
    first, *_ = layer_states(one_pass(network, x), 1.0)
    assert first.dead_share is not None
    assert first.saturated_share is not None
    assert first.dead_share.tolist() == [0.75, 1.0]
    assert first.saturated_share.tolist() == [0.95, 1.0]


# -------------------------------------------------------------------------------- metrics, evaluation


def predictions(labels: int, copies: int = 3, examples: int = 40) -> tuple[Tensor, Tensor]:
    logits = 2 * torch.randn(copies, examples, labels, dtype=torch.float64)
    return logits, (torch.rand(copies, examples, labels) < torch.sigmoid(logits)).double()


def arrays(logits: Tensor, targets: Tensor) -> list[tuple[NDArray[Any], NDArray[Any], NDArray[Any]]]:
    """Probabilities, decisions and targets of every network."""
    probabilities = 1 / (1 + np.exp(-logits.numpy()))
    return list(zip(probabilities, (probabilities >= 0.5).astype(int), targets.numpy().astype(int), strict=True))


def test_binary_metrics_are_those_of_scikit_learn() -> None:
    logits, targets = predictions(1)
    found = metrics(logits, targets, bce_with_logits, multilabel=False)
    assert set(found) == {"loss", "accuracy", "positive_share"}
    expected = [(log_loss(y, p), accuracy_score(y, d), d.mean()) for p, d, y in arrays(logits, targets)]
    rows = zip(*(found[name].tolist() for name in ("loss", "accuracy", "positive_share")), strict=True)
    for row, other in zip(rows, expected, strict=True):
        assert row == pytest.approx(other, rel=1e-12, abs=0.0)


def test_multilabel_metrics_are_those_of_scikit_learn() -> None:
    logits, targets = predictions(4)
    found = metrics(logits, targets, bce_with_logits, multilabel=True)
    for copy, (probabilities, decided, wanted) in enumerate(arrays(logits, targets)):
        assert found["exact_match"][copy].item() == pytest.approx(accuracy_score(wanted, decided), rel=1e-12, abs=0.0)
        assert found["hamming"][copy].item() == pytest.approx(hamming_loss(wanted, decided), rel=1e-12, abs=0.0)
        assert found["accuracy"][copy].item() == pytest.approx(1 - hamming_loss(wanted, decided), rel=1e-12, abs=0.0)
        assert found["positive_share"][copy].item() == pytest.approx(decided.mean(), rel=1e-12, abs=0.0)
        by_label = [log_loss(wanted[:, label], probabilities[:, label], labels=[0, 1]) for label in range(4)]
        assert found["loss"][copy].item() == pytest.approx(np.mean(by_label), rel=1e-12, abs=0.0)


@pytest.mark.parametrize("bad", [torch.nan, torch.inf, -torch.inf])
def test_metrics_are_nan_where_a_logit_is_not_finite_and_only_there(bad: float) -> None:
    logits, targets = predictions(4)
    clean = metrics(logits, targets, bce_with_logits, multilabel=True)
    logits[1, 7, 2] = bad
    for name, values in metrics(logits, targets, bce_with_logits, multilabel=True).items():
        assert values.isnan().tolist() == [False, True, False]
        assert torch.equal(values[[0, 2]], clean[name][[0, 2]])


def test_metrics_of_float16_are_averaged_in_float64() -> None:
    """Ten thousand losses of 9 sum to more than float16 holds."""
    logits = torch.full((1, 10_000, 1), 9.0, dtype=torch.float16)
    found = metrics(logits, torch.zeros_like(logits), bce_with_logits, multilabel=False)
    assert found["loss"].item() == pytest.approx(9.0, rel=1e-3)


def test_a_decision_is_what_predict_decides() -> None:
    network, x = MultiLabelClassifier(3, 2, copies=2), torch.randn(2, 50, 3)
    assert torch.equal(decide(evaluate(network, x)), network.predict(x).bool())


@pytest.mark.parametrize("dtype", TINIEST)
def test_a_logit_of_zero_is_decided_positive(dtype: torch.dtype) -> None:
    assert decide(torch.tensor([-1.0, -0.0, 0.0, 1.0, torch.nan], dtype=dtype)).tolist() == [
        False,
        True,
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(("width", "examples"), [(4, 1), (4, 50), (2**14, 9), (2**16 + 1, 3)])
def test_an_evaluation_in_parts_gives_every_example_once_and_in_order(width: int, examples: int) -> None:
    network, x = DeepNet(2, 1, width, "tanh", copies=2), torch.randn(2, examples, 2)
    logits = evaluate(network, x)
    assert not logits.requires_grad
    torch.testing.assert_close(logits, network(x), rtol=1e-4, atol=1e-5)


# ---------------------------------------------------------------------------------------- histograms

PROBABILITIES = st.lists(st.floats(0.0, 1.0) | st.sampled_from([0.0, 0.05, 0.5, 0.95, 1.0]), min_size=1, max_size=50)


@settings(deadline=None)
@given(PROBABILITIES)
def test_every_probability_is_counted_once_in_its_own_bin(values: list[float]) -> None:
    (counts,) = histograms(torch.tensor([values], dtype=torch.float64))
    expected = [0] * HISTOGRAM_BINS
    for value in values:
        expected[min(int(value * HISTOGRAM_BINS), HISTOGRAM_BINS - 1)] += 1
    assert counts == tuple(expected)


def test_each_network_has_its_own_histogram() -> None:
    probabilities = torch.rand(3, 100, 2)
    expected = [tuple(np.histogram(network, HISTOGRAM_BINS, (0.0, 1.0))[0]) for network in probabilities.numpy()]
    assert histograms(probabilities) == expected


def test_nan_is_in_no_bin() -> None:
    probabilities = torch.tensor([[0.1, torch.nan, 1.0], [torch.nan] * 3])
    assert [sum(counts) for counts in histograms(probabilities)] == [2, 0]


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
def test_the_ends_of_short_formats_fall_into_the_outer_bins(dtype: torch.dtype) -> None:
    (counts,) = histograms(torch.tensor([[0.0, 1.0, 1.0]], dtype=dtype))
    assert counts == (1, *[0] * (HISTOGRAM_BINS - 2), 2)
