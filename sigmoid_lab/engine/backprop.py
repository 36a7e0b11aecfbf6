"""Backpropagation by hand (Rumelhart, Hinton and Williams 1986), for a stack of networks at once.

With layers l = 1…L, a⁰ = x, φ the activation and ℓ the mean loss of a mini-batch of B examples:

    forward    zˡ = aˡ⁻¹ Wˡᵀ + bˡ            aˡ = φ(zˡ)
    backward   δᴸ = ∂ℓ/∂zᴸ                   δˡ = (δˡ⁺¹ Wˡ⁺¹) ⊙ φ′(zˡ)
    gradients  ∂ℓ/∂Wˡ = δˡᵀ aˡ⁻¹             ∂ℓ/∂bˡ = Σ over the batch of δˡ

Autograd gives the same gradients; this gives them faster, and the slopes φ′(zˡ) besides. Only δᴸ is left to autograd:
how a loss behaves at its edges is what the lab wants to see, and not what it wants to mend.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from sigmoid_lab.engine.networks import Network, linear_layers
from sigmoid_lab.functions.activations import ACTIVATIONS
from sigmoid_lab.functions.losses import Loss
from sigmoid_lab.functions.slopes import SLOPES


@dataclass(frozen=True)
class Gradients:
    """What one pass leaves, layer by layer: ∂ℓ/∂W (E networks, out, in), ∂ℓ/∂b (E, out), φ′(z) (E, B, width).

    The slopes are those of hidden layers, one fewer than the layers.
    """

    weights: list[Tensor]
    biases: list[Tensor]
    slopes: list[Tensor]


@torch.no_grad()
def backpropagate(network: Network, loss: Loss, x: Tensor, y: Tensor) -> Gradients:
    """Return every network's gradients of its mean loss on its mini-batch, x (E, B, F) and y (E, B, K labels)."""
    layers = linear_layers(network)
    act, slope = ACTIVATIONS[network.activation](), SLOPES[network.activation]
    inputs, slopes = [x], []
    for layer in layers[:-1]:
        z = layer(inputs[-1])
        a = act(z)
        inputs.append(a)
        slopes.append(slope(_wide(z), _wide(a)))
    delta = _output_delta(layers[-1](inputs[-1]), y, loss)
    weights, biases = [], []
    for index in reversed(range(len(layers))):
        weights.append(delta.mT @ inputs[index])
        biases.append(delta.sum(1))
        if index > 0:
            delta = (delta @ layers[index].weight).mul_(slopes[index - 1])
    return Gradients(weights[::-1], biases[::-1], slopes)


def _wide(numbers: Tensor) -> Tensor:
    """Return short numbers in float32, as torch's own kernels calculate; short constants would err one way a layer."""
    return numbers.float() if numbers.dtype in (torch.float16, torch.bfloat16) else numbers


def _output_delta(logits: Tensor, y: Tensor, loss: Loss) -> Tensor:
    """Return ∂ℓ/∂z of every network's own mean loss, (E, B, K)."""
    with torch.enable_grad():
        logits = logits.requires_grad_()
        losses = loss(logits, y).mean((1, 2))  # (E,)
        (delta,) = torch.autograd.grad(losses.sum(), logits)
    return delta
