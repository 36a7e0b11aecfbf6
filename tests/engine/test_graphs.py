"""What a GPU adds: the same numbers. Without one, what can be told is that nothing leaves the device unasked."""

import pytest
import torch
from torch import Tensor

from sigmoid_lab.config.schema import Adam, AdamW, Momentum, Sgd
from sigmoid_lab.engine.backprop import Backpropagation
from sigmoid_lab.engine.flat import flatten
from sigmoid_lab.engine.graphs import Graphed, passes
from sigmoid_lab.engine.measure import evaluate, layer_states, metrics
from sigmoid_lab.engine.networks import DeepNet
from sigmoid_lab.engine.optimisers import optimiser
from sigmoid_lab.functions.losses import LOSSES
from sigmoid_lab.vocabulary import ACTIVATIONS, ActivationName, LossName

needs_gpu = pytest.mark.skipif(torch.cuda.device_count() == 0, reason="no GPU here")


def batch(examples: int, device: str) -> tuple[Tensor, Tensor]:
    torch.manual_seed(examples)
    x, y = torch.randn(3, examples, 5), torch.randint(0, 2, (3, examples, 1)).float()
    return x.to(device), y.to(device)


def test_a_processor_needs_no_graphs() -> None:
    assert isinstance(passes(DeepNet(5, 2, 6, copies=3), "mse"), Backpropagation)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_pass_and_its_measures_stay_on_the_device_of_the_network(activation: ActivationName, loss: LossName) -> None:
    """A tensor of another device, or a value read back, is an error where tensors have no values at all."""
    network = DeepNet(5, 2, 6, activation, copies=3).to("meta")
    flatten(network)
    x, y = batch(7, "meta")
    gradients = Backpropagation(network, loss)(x, y, slopes=True)
    assert gradients.vector.is_meta
    assert all(state.gradient_norm.is_meta for state in layer_states(gradients, 0.25))
    logits = evaluate(network, x)
    assert all(values.is_meta for values in metrics(logits, y, LOSSES[loss], multilabel=True).values())


@pytest.mark.parametrize("block", [Sgd(), Momentum(kind="momentum"), Adam(kind="adam"), AdamW(kind="adamw")])
def test_an_update_stays_on_the_device_of_the_parameters(block: Sgd | Momentum | Adam | AdamW) -> None:
    parameters = torch.zeros(64, device="meta")
    optimiser(block, parameters)(torch.zeros(64, device="meta"))
    assert parameters.is_meta


@needs_gpu
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_replayed_passes_give_what_the_processor_gives(activation: ActivationName, loss: LossName) -> None:
    """In float32 without TF32; 1e-4 of the greatest element of each gradient."""
    here = DeepNet(5, 3, 6, activation, copies=3)
    there = DeepNet(5, 3, 6, activation, copies=3)
    there.load_state_dict(here.state_dict())
    replayed = passes(there.cuda(), loss)
    assert isinstance(replayed, Graphed)
    for examples, slopes in ((7, True), (4, False), (7, False), (7, True)):
        one = Backpropagation(here, loss)(*batch(examples, "cpu"), slopes=slopes)
        other = replayed(*batch(examples, "cuda"), slopes=slopes)
        assert len(other.slopes) == 3 * slopes
        of_one, of_other = ([*found.weights, *found.biases, *found.slopes] for found in (one, other))
        for mine, theirs in zip(of_one, of_other, strict=True):
            torch.testing.assert_close(theirs.cpu(), mine, rtol=1e-4, atol=1e-4 * float(mine.abs().max()))
