"""Backpropagation by hand (Rumelhart, Hinton and Williams 1986), for a stack of networks at once.

With layers l = 1…L, a⁰ = x, φ the activation and ℓ the mean loss of a mini-batch of B examples:

    forward    zˡ = aˡ⁻¹ Wˡᵀ + bˡ            aˡ = φ(zˡ)
    backward   δᴸ = ∂ℓ/∂zᴸ                   δˡ = (δˡ⁺¹ Wˡ⁺¹) ⊙ φ′(zˡ)
    gradients  ∂ℓ/∂Wˡ = δˡᵀ aˡ⁻¹             ∂ℓ/∂bˡ = Σ over the batch of δˡ

Autograd gives the same gradients; this gives them faster, and the slopes φ′(zˡ) besides. Only δᴸ is left to autograd
where a loss has edges: how it behaves there is what the lab wants to see, and not what it wants to mend.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from sigmoid_lab.engine.flat import side_by_side
from sigmoid_lab.engine.networks import Network, linear_layers
from sigmoid_lab.engine.products import gradient_product, product, product_plus
from sigmoid_lab.functions.activations import ACTIVATIONS
from sigmoid_lab.functions.losses import LOSS_SLOPES, LOSSES
from sigmoid_lab.functions.slopes import SLOPES
from sigmoid_lab.vocabulary import LossName


@dataclass(frozen=True)
class Gradients:
    """What one pass leaves, layer by layer: ∂ℓ/∂W (E networks, out, in), ∂ℓ/∂b (E, out), φ′(z) (E, B, width).

    The slopes are those of hidden layers, one fewer than the layers; ``vector`` holds the rest as ``flatten`` would.
    """

    weights: list[Tensor]
    biases: list[Tensor]
    slopes: list[Tensor]
    vector: Tensor


class Backpropagation:
    """Passes through a stack of networks; each writes its gradients where the pass before had them."""

    def __init__(self, network: Network, loss: LossName) -> None:
        layers = linear_layers(network)
        self._loss = loss
        self._act, self._slope = ACTIVATIONS[network.activation](), SLOPES[network.activation]
        self._weights = [layer.weight.detach() for layer in layers]
        self._biases = [layer.bias.detach() for layer in layers]
        self._gradient, views = side_by_side(self._weights + self._biases)
        self._weight_gradients, self._bias_gradients = views[: len(layers)], views[len(layers) :]
        self._rooms: dict[int, list[Tensor]] = {}

    @torch.no_grad()
    def __call__(self, x: Tensor, y: Tensor) -> Gradients:
        """Return every network's gradients of its mean loss on its mini-batch, x (E, B, F) and y (E, B, K labels)."""
        rooms = self._rooms_for(x.shape[1])
        inputs, slopes = [x], []
        for index in range(len(rooms) - 1):
            z = product_plus(self._biases[index], inputs[-1], self._weights[index], out=rooms[index])
            a = self._act(z)
            inputs.append(a)
            slopes.append(self._slope(_wide(z), _wide(a)))
        logits = product_plus(self._biases[-1], inputs[-1], self._weights[-1], out=rooms[-1])
        delta = _output_delta(logits, y, self._loss)
        for index in reversed(range(len(rooms))):
            gradient_product(delta, inputs[index], out=self._weight_gradients[index])
            torch.sum(delta, 1, out=self._bias_gradients[index])
            if index > 0:
                delta = product(delta, self._weights[index], out=rooms[index - 1]).mul_(slopes[index - 1])
        return Gradients(self._weight_gradients, self._bias_gradients, slopes, self._gradient)

    def _rooms_for(self, examples: int) -> list[Tensor]:
        """Return each layer's (E networks, B examples, width) for zˡ on the way forward and δˡ on the way back."""
        if examples not in self._rooms:
            self._rooms[examples] = [bias.new_empty(len(bias), examples, bias.shape[1]) for bias in self._biases]
        return self._rooms[examples]


def _wide(numbers: Tensor) -> Tensor:
    """Return short numbers in float32, as torch's own kernels calculate; short constants would err one way a layer."""
    return numbers.float() if numbers.dtype in (torch.float16, torch.bfloat16) else numbers


def _output_delta(logits: Tensor, y: Tensor, loss: LossName) -> Tensor:
    """Return ∂ℓ/∂z of every network's own mean loss, (E, B, K)."""
    if loss in LOSS_SLOPES:
        return LOSS_SLOPES[loss](logits, y).mul_(1.0 / y[0].numel())
    with torch.enable_grad():
        logits = logits.detach().requires_grad_()
        losses = LOSSES[loss](logits, y).mean((1, 2))  # (E,)
        (delta,) = torch.autograd.grad(losses.sum(), logits)
    return delta
