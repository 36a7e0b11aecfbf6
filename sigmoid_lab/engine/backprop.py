"""Backpropagation by hand (Rumelhart, Hinton and Williams 1986), for a stack of networks at once.

With layers l = 1…L, a⁰ = x, φ the activation and ℓ the mean loss of a mini-batch of B examples:

    forward    zˡ = aˡ⁻¹ Wˡᵀ + bˡ            aˡ = φ(zˡ)
    backward   δᴸ = ∂ℓ/∂zᴸ                   δˡ = (δˡ⁺¹ Wˡ⁺¹) ⊙ φ′(zˡ)
    gradients  ∂ℓ/∂Wˡ = δˡᵀ aˡ⁻¹             ∂ℓ/∂bˡ = Σ over the batch of δˡ

Autograd gives the same gradients; this gives them faster, and the slopes φ′(zˡ) on request. Only δᴸ is left to autograd
where a loss has edges: how it behaves there is what the lab wants to see, and not what it wants to mend.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from sigmoid_lab.engine.flat import side_by_side
from sigmoid_lab.engine.networks import Network, linear_layers
from sigmoid_lab.engine.products import Layer
from sigmoid_lab.functions.inplace import in_place
from sigmoid_lab.functions.losses import LOSS_SLOPES, LOSSES
from sigmoid_lab.functions.slopes import slope
from sigmoid_lab.vocabulary import LossName


@dataclass(frozen=True)
class Gradients:
    """What one pass leaves, layer by layer: ∂ℓ/∂W (E networks, out, in), ∂ℓ/∂b (E, out), φ′(z) (E, B, width).

    The slopes, where they were asked for, are those of hidden layers, one fewer than the layers; ``vector`` holds all
    gradients side by side, as ``flatten`` puts parameters. All of it is good until the next pass.
    """

    weights: list[Tensor]
    biases: list[Tensor]
    slopes: list[Tensor]
    vector: Tensor


class Backpropagation:
    """Passes through a stack of networks; each writes its gradients where the pass before had them."""

    def __init__(self, network: Network, loss: LossName) -> None:
        parameters = [(layer.weight.detach(), layer.bias.detach()) for layer in linear_layers(network)]
        weights, biases = zip(*parameters, strict=True)
        self._loss = loss
        self._activation, self._act = network.activation, in_place(network.activation)
        self._biases = biases
        self._gradient, views = side_by_side([*weights, *biases])
        self._weight_gradients, self._bias_gradients = views[: len(weights)], views[len(weights) :]
        self._layers = list(map(Layer, weights, biases, self._weight_gradients, self._bias_gradients))
        self._rooms: dict[int, tuple[list[Tensor], list[Tensor]]] = {}

    @torch.no_grad()
    def __call__(self, x: Tensor, y: Tensor, slopes: bool = False) -> Gradients:
        """Return every network's gradients of its mean loss on its mini-batch, x (E, B, F) and y (E, B, K labels)."""
        z, deltas = self._rooms_for(x.shape[1])
        a = [x]
        found = []
        for layer, room in zip(self._layers[:-1], z[:-1], strict=True):
            a.append(self._act.forward(layer.forward(a[-1], out=room)))
            if slopes:
                found.append(slope(self._activation, room, a[-1]))
        delta = _output_delta(self._layers[-1].forward(a[-1], out=z[-1]), y, self._loss)
        for index in reversed(range(len(self._layers))):
            self._layers[index].gradients(delta, a[index])
            if index > 0:
                delta = self._layers[index].backward(delta, out=deltas[index - 1])
                self._act.backward(delta, z[index - 1], a[index])
        return Gradients(self._weight_gradients, self._bias_gradients, found, self._gradient)

    def _rooms_for(self, examples: int) -> tuple[list[Tensor], list[Tensor]]:
        """Return each layer's (E networks, B examples, width) for zˡ on the way forward and for δˡ on the way back."""
        if examples not in self._rooms:
            z = [bias.new_empty(len(bias), examples, bias.shape[1]) for bias in self._biases]
            self._rooms[examples] = z, [torch.empty_like(of_hidden) for of_hidden in z[:-1]]
        return self._rooms[examples]


def _output_delta(logits: Tensor, y: Tensor, loss: LossName) -> Tensor:
    """Return ∂ℓ/∂z of every network's own mean loss, (E, B, K)."""
    if loss in LOSS_SLOPES:
        return LOSS_SLOPES[loss](logits, y).mul_(1.0 / y[0].numel())
    with torch.enable_grad():
        logits = logits.detach().requires_grad_()
        losses = LOSSES[loss](logits, y).mean((1, 2))  # (E,)
        (delta,) = torch.autograd.grad(losses.sum(), logits)
    return delta
