"""The networks, each alone or as a stack: ``copies=E`` gives every parameter a leading axis of E networks."""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from sigmoid_lab.errors import LabError
from sigmoid_lab.functions.activations import ACTIVATIONS
from sigmoid_lab.vocabulary import ActivationName, known


class StackedLinear(nn.Module):
    """E linear layers side by side: weight (E networks, out, in), bias (E networks, out)."""

    def __init__(self, copies: int, in_features: int, out_features: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(copies, out_features, in_features))
        self.bias = nn.Parameter(torch.empty(copies, out_features))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw weights and biases from U(−1/√fan_in, 1/√fan_in), as ``nn.Linear`` does."""
        bound = self.weight.shape[-1] ** -0.5
        nn.init.uniform_(self.weight, -bound, bound)
        nn.init.uniform_(self.bias, -bound, bound)

    def forward(self, x: Tensor) -> Tensor:
        """Map (E networks, B examples, in), or (B, in) for all alike, to (E, B, out)."""
        if x.dim() == 2:
            x = x.expand(len(self.weight), -1, -1)
        return torch.baddbmm(self.bias.unsqueeze(1), x, self.weight.mT)


class Network(nn.Module):
    """Linear layers with an activation between them, raw logits at the end.

    Inputs are (B examples, F features) and logits (B examples, K labels); a stack of E networks also takes
    (E networks, B, F) and always gives (E, B, K).
    """

    def __init__(
        self,
        n_features: int,
        hidden: Sequence[int],
        n_outputs: int,
        activation: ActivationName,
        copies: int | None = None,
    ) -> None:
        super().__init__()
        widths = (n_features, *hidden, n_outputs)
        if min(widths) < 1 or (copies is not None and copies < 1):
            raise LabError(f"a network needs at least one of everything, not widths {widths} in {copies} copies")
        act = ACTIVATIONS[known("activation", activation, tuple(ACTIVATIONS))]
        layers: list[nn.Module] = []
        for fan_in, fan_out in pairwise(widths):
            layers += [_linear(fan_in, fan_out, copies), act()]
        self.activation = activation
        self.layers = nn.Sequential(*layers[:-1])

    def forward(self, x: Tensor) -> Tensor:
        """Return logits, never probabilities."""
        logits: Tensor = self.layers(x)
        return logits

    @torch.no_grad()
    def predict_proba(self, x: Tensor) -> Tensor:
        """Return σ(logit), an independent probability for each label, without gradients."""
        return torch.sigmoid(self(x))

    def predict(self, x: Tensor, threshold: float = 0.5) -> Tensor:
        """Return 1 where the probability is at least ``threshold``, 0 elsewhere, as integers."""
        return (self.predict_proba(x) >= threshold).long()


class BinaryClassifier(Network):
    """Linear to 64, to 32, to one raw logit; ReLU between."""

    def __init__(
        self,
        n_features: int,
        hidden: Sequence[int] = (64, 32),
        activation: ActivationName = "relu",
        copies: int | None = None,
    ) -> None:
        super().__init__(n_features, hidden, 1, activation, copies)


class MultiLabelClassifier(Network):
    """Linear to 64, to a raw logit a label; ReLU between, and an independent sigmoid for each label."""

    def __init__(
        self,
        n_features: int,
        n_labels: int,
        hidden: Sequence[int] = (64,),
        activation: ActivationName = "relu",
        copies: int | None = None,
    ) -> None:
        super().__init__(n_features, hidden, n_labels, activation, copies)


class DeepNet(Network):
    """``depth`` hidden layers of ``width`` units with the activation named, then one raw logit."""

    def __init__(
        self,
        n_features: int = 10,
        depth: int = 3,
        width: int = 64,
        activation: ActivationName = "sigmoid",
        copies: int | None = None,
    ) -> None:
        if depth < 1:
            raise LabError(f"a deep network needs at least one hidden layer, not a depth of {depth}")
        super().__init__(n_features, (width,) * depth, 1, activation, copies)


class BadDeepNet(DeepNet):
    """Sigmoid in every hidden layer: 10-64-64-64-1."""

    def __init__(self, n_features: int = 10, depth: int = 3, width: int = 64, copies: int | None = None) -> None:
        super().__init__(n_features, depth, width, "sigmoid", copies)


class GoodDeepNet(DeepNet):
    """ReLU in every hidden layer: 10-64-64-64-1."""

    def __init__(self, n_features: int = 10, depth: int = 3, width: int = 64, copies: int | None = None) -> None:
        super().__init__(n_features, depth, width, "relu", copies)


def linear_layers(network: Network) -> list[nn.Linear | StackedLinear]:
    """Return a network's linear layers, first to last."""
    return [module for module in network.layers if isinstance(module, nn.Linear | StackedLinear)]


def _linear(fan_in: int, fan_out: int, copies: int | None) -> nn.Module:
    return nn.Linear(fan_in, fan_out) if copies is None else StackedLinear(copies, fan_in, fan_out)
