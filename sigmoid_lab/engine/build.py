"""From a network's settings to the module, alone or as a stack."""

from collections.abc import Mapping
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from sigmoid_lab.config.schema import BinaryNetwork, DeepNetwork, MultilabelNetwork
from sigmoid_lab.engine.networks import (
    BinaryClassifier,
    DeepNet,
    MultiLabelClassifier,
    Network,
    StackedLinear,
    linear_layers,
)
from sigmoid_lab.errors import LabError

INPUT_MEAN, INPUT_DEVIATION = "inputs.mean", "inputs.deviation"
"""Names, beside the weights, of what a table's columns were standardised with."""

NetworkBlock = DeepNetwork | BinaryNetwork | MultilabelNetwork


def build(
    block: NetworkBlock,
    features: int,
    labels: int,
    copies: int | None = None,
) -> Network:
    """Return the network that a config names, for inputs of F ``features`` and K ``labels``."""
    with torch.random.fork_rng(devices=[]):  # first weights that nobody sees must not move the user's random state
        return _build(block, features, labels, copies)


def _build(block: NetworkBlock, features: int, labels: int, copies: int | None) -> Network:
    hidden, activation = block.hidden_widths, block.activation
    if block.kind == "binary":
        return BinaryClassifier(features, hidden, activation, copies)
    if block.kind == "multilabel":
        return MultiLabelClassifier(features, labels, hidden, activation, copies)
    if block.depth is not None and block.width is not None:
        return DeepNet(features, block.depth, block.width, activation, copies)
    return Network(features, hidden, labels, activation, copies)


def restore(block: NetworkBlock, weights: Mapping[str, NDArray[Any]]) -> Network:
    """Return the plain module that a config names, with trained weights in it; raise LabError if they do not fit.

    A network trained on a standardised table takes the table's own columns: with x′ = (x − μ)/s, the first layer's
    W x′ + b is (W/s) x + (b − (W/s) μ).
    """
    tensors = {name: torch.from_numpy(value) for name, value in weights.items()}
    mean, deviation = tensors.pop(INPUT_MEAN, None), tensors.pop(INPUT_DEVIATION, None)
    try:
        first, *_, last = (tensor for name, tensor in tensors.items() if name.endswith("weight"))
        network = build(block, first.shape[1], last.shape[0]).to(first.dtype)
        network.load_state_dict(tensors)
        if mean is not None and deviation is not None:
            _take_raw_columns(linear_layers(network)[0], mean, deviation)
    except (ValueError, IndexError, RuntimeError) as error:
        raise LabError(f"the weights stored are not those of this network ({error})") from None
    return network


@torch.no_grad()
def _take_raw_columns(first: nn.Linear | StackedLinear, mean: Tensor, deviation: Tensor) -> None:
    weight = first.weight.double() / deviation
    first.bias.copy_(first.bias.double() - weight @ mean)
    first.weight.copy_(weight)
