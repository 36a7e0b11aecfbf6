from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from sigmoid_lab.config.schema import Settings
from sigmoid_lab.engine.build import build, restore
from sigmoid_lab.engine.execute import execute
from sigmoid_lab.engine.networks import BinaryClassifier, DeepNet, MultiLabelClassifier, Network, linear_layers
from sigmoid_lab.plan import Group, Stack

BLOCKS: dict[str, tuple[dict[str, Any], type[Network], list[int], type[nn.Module]]] = {
    "deep": ({"kind": "deep", "depth": 2, "width": 9}, DeepNet, [5, 9, 9, 1], nn.Sigmoid),
    "deep as it comes": ({}, DeepNet, [5, 64, 64, 64, 1], nn.Sigmoid),
    "deep with widths": ({"widths": [4, 8], "activation": "mish"}, Network, [5, 4, 8, 1], nn.Mish),
    "binary": ({"kind": "binary"}, BinaryClassifier, [5, 64, 32, 1], nn.ReLU),
    "binary with widths": (
        {"kind": "binary", "widths": [3], "activation": "tanh"},
        BinaryClassifier,
        [5, 3, 1],
        nn.Tanh,
    ),
    "multilabel": ({"kind": "multilabel"}, MultiLabelClassifier, [5, 64, 3], nn.ReLU),
    "multilabel with widths": ({"kind": "multilabel", "widths": [7, 7]}, MultiLabelClassifier, [5, 7, 7, 3], nn.ReLU),
}


def settings_of(name: str) -> Settings:
    block = BLOCKS[name][0]
    multilabel = block.get("kind") == "multilabel"
    data = {"kind": "multilabel", "labels": 3} if multilabel else {"kind": "linear"}
    training = {"steps": 2, "batch_size": 8}
    return Settings.model_validate(
        {"network": block, "data": data | {"features": 5, "samples": 20}, "training": training}
    )


@pytest.mark.parametrize("name", BLOCKS)
def test_a_block_names_a_class_with_its_widths_and_activation(name: str) -> None:
    _, kind, widths, activation = BLOCKS[name]
    network = build(settings_of(name).network, 5, widths[-1])
    assert type(network) is kind
    assert [5, *(layer.weight.shape[0] for layer in linear_layers(network))] == widths
    assert {type(module) for module in list(network.layers)[1::2]} == {activation}


@pytest.mark.parametrize("name", BLOCKS)
def test_a_trained_network_comes_back_as_the_plain_module_with_the_same_logits(name: str) -> None:
    settings = settings_of(name)
    result = execute(Stack(0, Group(0, {}, settings), (0, 1)), lambda _: None)
    stack = build(settings.network, 5, BLOCKS[name][2][-1], copies=2)
    stack.load_state_dict({key: torch.from_numpy(values) for key, values in result.weights.items()})
    x = torch.randn(4, 5)
    for copy in range(2):
        plain = restore(settings.network, {key: values[copy] for key, values in result.weights.items()})
        assert type(plain) is BLOCKS[name][1]
        assert all(type(layer) is nn.Linear for layer in linear_layers(plain))
        torch.testing.assert_close(plain(x), stack(x)[copy])


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_a_network_comes_back_in_the_format_of_its_weights(dtype: type[np.floating[Any]]) -> None:
    weights = {
        name: value.numpy().astype(dtype)
        for name, value in build(settings_of("binary").network, 5, 1).state_dict().items()
    }
    restored = restore(settings_of("binary").network, weights)
    for name, value in restored.state_dict().items():
        assert np.array_equal(value.numpy(), weights[name])
        assert value.numpy().dtype == dtype
