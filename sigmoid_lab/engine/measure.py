"""What is read off a stack while it trains: gradient norms, the state of activations, metrics.

Everything is told network by network, (E networks,), in float64.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from sigmoid_lab.engine.backprop import Gradients
from sigmoid_lab.engine.networks import Network, linear_layers
from sigmoid_lab.functions.losses import Loss
from sigmoid_lab.results.measured import HISTOGRAM_BINS

SATURATED_BELOW = 0.01
"""A unit is saturated where its slope is below this share of the activation's greatest."""

EVALUATED_NUMBERS = 2**13
"""Numbers of one network's widest layer that an evaluation holds at a time; it must not depend on the stack."""


@dataclass(frozen=True)
class LayerState:
    """One linear layer of every network at one update, (E networks,) each; shares are null at the output."""

    gradient_norm: Tensor
    saturated_share: Tensor | None
    dead_share: Tensor | None


def norms(gradients: Tensor) -> Tensor:
    """Return each network's Frobenius norm in float64, whose squares of float32's least number do not underflow.

    Those of float64's least numbers do, so they are first divided by the greatest.
    """
    flat = gradients.flatten(1)
    if flat.dtype != torch.float64:
        return _length(flat)
    scale = flat.abs().amax(1, keepdim=True)
    scale = torch.where((scale > 0.0) & scale.isfinite(), scale, 1.0)
    return _length(flat / scale) * scale.squeeze(1)


def _length(rows: Tensor) -> Tensor:
    length: Tensor = torch.linalg.vector_norm(rows, dim=1, dtype=torch.float64)
    return length


def layer_states(gradients: Gradients, greatest_slope: float) -> list[LayerState]:
    """Return the state of every linear layer on the mini-batch that the gradients are of."""
    *hidden, output = map(norms, gradients.weights)
    states = [_hidden_state(norm, s, greatest_slope) for norm, s in zip(hidden, gradients.slopes, strict=True)]
    return [*states, LayerState(output, None, None)]


def _hidden_state(norm: Tensor, slopes: Tensor, greatest_slope: float) -> LayerState:
    saturated = (slopes.abs() < SATURATED_BELOW * greatest_slope).double().mean((1, 2))  # from (E, B, D width)
    dead = (slopes == 0.0).all(dim=1).double().mean(1)
    return LayerState(norm, _where_finite(norm, saturated), _where_finite(norm, dead))


def _where_finite(seen: Tensor, values: Tensor) -> Tensor:
    """Return ``values``, (E networks,), NaN for networks of which not all that was seen, (E, …), is finite."""
    return values.masked_fill(~seen.reshape(len(seen), -1).isfinite().all(1), torch.nan)


@torch.no_grad()
def evaluate(network: Network, x: Tensor) -> Tensor:
    """Return the logits of (E networks, N examples, F features), a bounded number of examples at a time."""
    widest = max(layer.weight.shape[-2] for layer in linear_layers(network))
    rows = max(1, EVALUATED_NUMBERS // widest)
    return torch.cat([network(x[:, start : start + rows]) for start in range(0, x.shape[1], rows)], dim=1)


@torch.no_grad()
def metrics(logits: Tensor, targets: Tensor, loss: Loss, multilabel: bool) -> dict[str, Tensor]:
    """Return each network's metrics on (E networks, N examples, K labels); NaN where its logits are not finite."""
    decided = decide(logits)
    right = decided == targets.bool()
    found = {
        "loss": loss(logits, targets).double().mean((1, 2)),
        "accuracy": right.double().mean((1, 2)),
        "positive_share": decided.double().mean((1, 2)),
    }
    if multilabel:
        found["exact_match"] = right.all(2).double().mean(1)
        found["hamming"] = 1.0 - found["accuracy"]
    return {name: _where_finite(logits, values) for name, values in found.items()}


def decide(logits: Tensor) -> Tensor:
    """Return where the probability is at least ½, as ``predict`` does."""
    return torch.sigmoid(logits) >= 0.5


def histograms(probabilities: Tensor) -> list[tuple[int, ...]]:
    """Count each network's probabilities, (E networks, …), in bins of equal width; NaN is in none."""
    flat = probabilities.double().flatten(1)
    bins = (flat * HISTOGRAM_BINS).nan_to_num(HISTOGRAM_BINS).long()
    bins = torch.where(flat == 1.0, HISTOGRAM_BINS - 1, bins)
    counts = torch.zeros(len(flat), HISTOGRAM_BINS + 1, dtype=torch.long, device=flat.device)
    counts.scatter_add_(1, bins, torch.ones_like(bins))
    return [tuple(row) for row in counts[:, :HISTOGRAM_BINS].tolist()]
