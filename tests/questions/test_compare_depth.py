import numpy as np
import pytest
import torch
from torch import nn

from sigmoid_lab import LabError, compare_depth


def independent_norms(depth: int, activation: type[nn.Module], seeds: int) -> np.ndarray:
    """Return first-layer gradient norms of networks that plain torch draws and differentiates."""
    torch.manual_seed(1)
    found = []
    for _ in range(seeds):
        widths = [10] + [64] * depth
        hidden = [m for i in range(depth) for m in (nn.Linear(widths[i], widths[i + 1]), activation())]
        network = nn.Sequential(*hidden, nn.Linear(64, 1))
        x, y = torch.randn(32, 10), torch.randint(0, 2, (32, 1)).float()
        nn.functional.binary_cross_entropy_with_logits(network(x), y).backward()
        gradient = next(network.parameters()).grad
        assert gradient is not None
        found.append(gradient.norm().item())
    return np.array(found)


@pytest.mark.parametrize(("name", "module"), [("sigmoid", nn.Sigmoid), ("relu", nn.ReLU)])
@pytest.mark.parametrize("depth", [1, 3])
def test_gradient_norms_are_those_of_networks_that_plain_torch_draws(
    name: str, module: type[nn.Module], depth: int
) -> None:
    answer = compare_depth(depth, [name], seeds=300)
    measured = next(row.gradient_norm for row in answer.by_depth if row.depth == depth)
    independent = independent_norms(depth, module, 300)
    # The two draws are independent: means differ by at most 5 standard errors of their difference.
    error = independent.std() * np.sqrt(2 / 300)
    assert measured.mean == pytest.approx(independent.mean(), abs=5 * error)


def test_every_depth_and_layer_is_told_for_every_activation() -> None:
    answer = compare_depth(3, ["tanh", "relu"], ["he", "default"], seeds=2, width=4)
    assert [(r.depth, r.activation, r.init) for r in answer.by_depth] == [
        (depth, activation, init)
        for depth in (1, 2, 3)
        for activation in ("tanh", "relu")
        for init in ("he", "default")
    ]
    assert {row.depth for row in answer.by_layer} == {3}
    assert sorted({row.layer for row in answer.by_layer}) == [1, 2, 3, 4]
    assert len(answer.by_layer) == 4 * 4


def test_ratios_are_taken_seed_by_seed() -> None:
    both = compare_depth(1, ["sigmoid", "relu"], seeds=1, seed=7)
    sigmoid, relu = (row.gradient_norm.median for row in both.by_depth)
    assert sigmoid is not None
    assert relu is not None
    (ratio,) = both.ratios
    assert ratio.ratio.median == pytest.approx(sigmoid / relu, rel=1e-12)


def test_the_slope_bound_is_the_numerators_greatest_slope_to_the_power_of_the_depth() -> None:
    assert [row.slope_bound for row in compare_depth(4, seeds=1).ratios] == [0.25, 0.0625, 0.015625, 0.00390625]


def test_networks_of_one_seed_are_the_same_whatever_else_is_compared() -> None:
    alone = compare_depth(2, ["relu"], seeds=3).by_depth
    among = [row for row in compare_depth(2, ["erf", "relu"], seeds=3).by_depth if row.activation == "relu"]
    assert list(alone) == among


def test_one_activation_has_no_ratio() -> None:
    assert compare_depth(2, ["relu"], seeds=2).ratios == ()


def test_deep_sigmoid_networks_have_tiny_gradients_and_not_zero() -> None:
    first = compare_depth(40, ["sigmoid"], seeds=2, width=16).by_layer[0].gradient_norm
    assert first.low is not None
    assert 0.0 < first.low < 1e-25


def test_a_result_turns_into_plain_rows() -> None:
    (row,) = compare_depth(1, ["relu"], seeds=2).records()
    assert {"depth", "activation", "init", "gradient_norm.median", "gradient_norm.low", "predicted_rms"} <= row.keys()
    assert row["predicted_rms"] > 0.0


@pytest.mark.parametrize("init", ["default", "xavier-uniform"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_what_theory_predicts_is_what_is_measured(init: str, dtype: str) -> None:
    """On the very batches of the networks; what is left is how 200 draws of the weights vary."""
    answer = compare_depth(3, ["sigmoid", "tanh", "relu"], [init], seeds=200, dtype=dtype)
    for row in answer.by_depth:
        assert row.predicted_rms == pytest.approx(row.gradient_norm.rms, rel=0.04)
    for layer in answer.by_layer:
        assert layer.predicted_rms == pytest.approx(layer.gradient_norm.rms, rel=0.15)


def test_where_there_is_no_theory_nothing_is_predicted() -> None:
    answer = compare_depth(2, ["tanh"], ["orthogonal", "he"], seeds=2)
    for row in answer.by_depth:
        assert (row.predicted_rms is None) == (row.init == "orthogonal")
    for layer in answer.by_layer:
        assert (layer.predicted_rms is None) == (layer.init == "orthogonal")


def test_a_predictions_first_layer_is_the_same_by_depth_and_by_layer() -> None:
    answer = compare_depth(3, ["relu"], seeds=4)
    assert answer.by_layer[0].predicted_rms == pytest.approx(answer.by_depth[-1].predicted_rms, rel=1e-12)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"layers": 0}, "layers: 0 is out of range"),
        ({"layers": 10**12}, "layers"),
        ({"activations": ["sigmod"]}, "did you mean 'sigmoid'"),
        ({"inits": ["kaiming"]}, "'kaiming' is unknown"),
        ({"loss": "bce"}, "'bce' is unknown"),
        ({"seeds": 0}, "seeds"),
        ({"width": -1}, "^width: -1 is out of range"),
        ({"dtype": "float8"}, "float8"),
        ({"device": "cuda"}, "cuda"),
        ({"batch": 1}, "^batch: 1 is out of range"),
    ],
)
def test_bad_values_are_refused(arguments: dict[str, object], message: str) -> None:
    if arguments == {"device": "cuda"} and torch.cuda.is_available():
        pytest.skip("there is a GPU here")
    with pytest.raises(LabError, match=message):
        compare_depth(**arguments)  # type: ignore[arg-type]
