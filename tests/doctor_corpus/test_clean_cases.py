"""The clean models, and the mended twins, run, learn, and leave their batch as it was."""

import math

import pytest
import torch

from doctor_corpus import clean, mended
from doctor_corpus.case import fit, leaves, loss_of
from doctor_corpus.proofs import some_parameter_is_unreached

CLEAN = {name: make for name, _, make in clean()}
MENDED = {name: make for name, _, make in mended()}
HEALTHY = CLEAN | MENDED

# What gets no gradient by design: a bias that cancels in differences, and experts chosen by no example.
RIGHTLY_UNREACHED = {
    "losses/triplet_margin",
    "losses/siamese_pairwise_differences",
    "generative/wasserstein_critic",
    "modern/experts_not_chosen",
}


@pytest.mark.parametrize("name", HEALTHY)
def test_loss_and_gradients_are_finite(name: str) -> None:
    case = HEALTHY[name]()
    loss = loss_of(case)
    loss.backward()
    assert math.isfinite(loss.item())
    assert all(p.grad.isfinite().all() for p in case["model"].parameters() if p.grad is not None)


@pytest.mark.parametrize("name", CLEAN)
def test_a_clean_model_learns_its_batch(name: str) -> None:
    torch.manual_seed(0)
    assert fit(CLEAN[name](), 10, learning_rate=0.003) < loss_of(CLEAN[name]()).item()


@pytest.mark.parametrize("name", sorted(HEALTHY.keys() - RIGHTLY_UNREACHED))
def test_every_trainable_parameter_is_reached(name: str) -> None:
    assert not some_parameter_is_unreached(name, HEALTHY[name], HEALTHY[name])


@pytest.mark.parametrize("name", HEALTHY)
def test_the_batch_is_left_as_it_was(name: str) -> None:
    case = HEALTHY[name]()
    before = [leaf.clone() for leaf in leaves((case["inputs"], case["targets"]))]
    loss_of(case)
    after = list(leaves((case["inputs"], case["targets"])))
    assert all(torch.equal(old, new) for old, new in zip(before, after, strict=True))


def test_there_are_at_least_sixty_clean_models() -> None:
    assert len(CLEAN) >= 60
