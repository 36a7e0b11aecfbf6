"""Targets and losses of unusual ranges that are meant so."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from doctor_corpus.batches import binary, classified, measured
from doctor_corpus.blocks import mlp
from doctor_corpus.case import Case, Make


def label_smoothing() -> Case:
    torch.manual_seed(7)
    inputs, targets = classified(classes=5)
    loss = nn.CrossEntropyLoss(label_smoothing=0.1)
    return {"model": mlp(8, 24, 5), "loss": loss, "inputs": inputs, "targets": targets}


def smoothed_binary_targets() -> Case:
    torch.manual_seed(8)
    inputs, targets = binary()
    return {
        "model": mlp(8, 24, 1),
        "loss": nn.BCEWithLogitsLoss(),
        "inputs": inputs,
        "targets": 0.9 * targets + 0.05,
    }


def soft_targets_that_sum_to_one() -> Case:
    torch.manual_seed(9)
    inputs, targets = classified()
    mixed = 0.7 * F.one_hot(targets, 3) + 0.3 * F.one_hot(targets.roll(1), 3)
    return {"model": mlp(8, 24, 3), "loss": nn.CrossEntropyLoss(), "inputs": inputs, "targets": mixed}


def brier_score_of_exclusive_classes() -> Case:
    torch.manual_seed(10)
    inputs, targets = classified()
    model = nn.Sequential(mlp(8, 24, 3), nn.Softmax(dim=1))
    one_hot = F.one_hot(targets, 3).float()
    return {"model": model, "loss": nn.MSELoss(), "inputs": inputs, "targets": one_hot}


def likelihood_below_zero() -> Case:
    """A density may exceed 1, so a Gaussian's negative log-likelihood may fall below 0."""
    torch.manual_seed(28)
    inputs, targets = measured()

    def criterion(out: Tensor, y: Tensor) -> Tensor:
        mean, log_variance = out.chunk(2, dim=1)
        return F.gaussian_nll_loss(mean, y, log_variance.exp())

    return {"model": mlp(8, 24, 2), "loss": criterion, "inputs": inputs, "targets": 0.05 * targets}


def ignored_index() -> Case:
    torch.manual_seed(29)
    inputs, targets = classified()
    targets[::4] = -100
    return {"model": mlp(8, 24, 3), "loss": nn.CrossEntropyLoss(), "inputs": inputs, "targets": targets}


def minus_one_and_one_with_soft_margin() -> Case:
    torch.manual_seed(30)
    inputs, targets = binary()
    return {"model": mlp(8, 24, 1), "loss": nn.SoftMarginLoss(), "inputs": inputs, "targets": 2 * targets - 1}


def one_class_in_the_batch() -> Case:
    torch.manual_seed(32)
    inputs, targets = classified()
    return {"model": mlp(8, 24, 3), "loss": F.cross_entropy, "inputs": inputs, "targets": torch.zeros_like(targets)}


def policy_gradient() -> Case:
    """Probabilities are picked and their logarithm weighed with advantages of both signs."""
    torch.manual_seed(33)
    inputs, advantage = measured()
    actions = torch.randint(4, (32, 1))

    def criterion(out: Tensor, batch: tuple[Tensor, Tensor]) -> Tensor:
        log_probability = torch.log_softmax(out, dim=1).gather(1, batch[0])
        return -(log_probability * batch[1]).mean()

    return {"model": mlp(8, 24, 4), "loss": criterion, "inputs": inputs, "targets": (actions, advantage)}


CASES: dict[str, Make] = {
    make.__name__: make
    for make in (
        label_smoothing,
        smoothed_binary_targets,
        soft_targets_that_sum_to_one,
        brier_score_of_exclusive_classes,
        likelihood_below_zero,
        ignored_index,
        minus_one_and_one_with_soft_margin,
        one_class_in_the_batch,
        policy_gradient,
    )
}
