"""Decisions that are taken where they should be."""

import torch
from torch import nn

from doctor_corpus.batches import binary, classified, multilabel
from doctor_corpus.blocks import mlp
from doctor_corpus.case import Case, Make


def threshold_zero_on_logits() -> Case:
    torch.manual_seed(17)
    inputs, targets = binary()
    return {
        "model": mlp(8, 24, 1),
        "loss": nn.BCEWithLogitsLoss(),
        "inputs": inputs,
        "targets": targets,
        "predict": lambda out: (out > 0).float(),
    }


def threshold_half_on_probabilities() -> Case:
    torch.manual_seed(18)
    inputs, targets = multilabel()
    return {
        "model": mlp(10, 24, 5),
        "loss": nn.BCEWithLogitsLoss(),
        "inputs": inputs,
        "targets": targets,
        "predict": lambda out: torch.sigmoid(out) > 0.5,
    }


def threshold_half_after_least_squares() -> Case:
    """A linear probability model: its outputs estimate the probability itself."""
    torch.manual_seed(19)
    inputs, targets = binary()
    return {
        "model": nn.Linear(8, 1),
        "loss": nn.MSELoss(),
        "inputs": inputs,
        "targets": targets,
        "predict": lambda out: out > 0.5,
    }


def threshold_half_of_a_bce_loss_model() -> Case:
    torch.manual_seed(20)
    inputs, targets = binary()
    return {
        "model": nn.Sequential(mlp(8, 24, 1), nn.Sigmoid()),
        "loss": nn.BCELoss(),
        "inputs": inputs,
        "targets": targets,
        "predict": lambda p: p.round(),
    }


def argmax_of_classes() -> Case:
    torch.manual_seed(21)
    inputs, targets = classified(classes=2)
    return {
        "model": mlp(8, 24, 2),
        "loss": nn.CrossEntropyLoss(weight=torch.tensor([1.0, 2.0])),
        "inputs": inputs,
        "targets": targets,
        "predict": lambda out: out.argmax(dim=1),
    }


CASES: dict[str, Make] = {
    make.__name__: make
    for make in (
        threshold_zero_on_logits,
        threshold_half_on_probabilities,
        threshold_half_after_least_squares,
        threshold_half_of_a_bce_loss_model,
        argmax_of_classes,
    )
}
