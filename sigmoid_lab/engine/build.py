"""From a network's settings to the module, alone or as a stack."""

from collections.abc import Mapping
from typing import Any

import torch
from numpy.typing import NDArray

from sigmoid_lab.config.schema import BinaryNetwork, DeepNetwork, MultilabelNetwork
from sigmoid_lab.engine.networks import BinaryClassifier, DeepNet, MultiLabelClassifier, Network


def build(
    block: DeepNetwork | BinaryNetwork | MultilabelNetwork,
    features: int,
    labels: int,
    copies: int | None = None,
) -> Network:
    """Return the network that a config names, for inputs of F ``features`` and K ``labels``."""
    hidden, activation = block.hidden_widths, block.activation
    if block.kind == "binary":
        return BinaryClassifier(features, hidden, activation, copies)
    if block.kind == "multilabel":
        return MultiLabelClassifier(features, labels, hidden, activation, copies)
    if block.depth is not None and block.width is not None:
        return DeepNet(features, block.depth, block.width, activation, copies)
    return Network(features, hidden, labels, activation, copies)


def restore(block: DeepNetwork | BinaryNetwork | MultilabelNetwork, weights: Mapping[str, NDArray[Any]]) -> Network:
    """Return the plain module that a config names, with trained weights in it."""
    tensors = {name: torch.from_numpy(value) for name, value in weights.items()}
    first, *_, last = (tensor for name, tensor in tensors.items() if name.endswith("weight"))
    network = build(block, first.shape[1], last.shape[0]).to(first.dtype)
    network.load_state_dict(tensors)
    return network
