"""Seeded batches of every kind, with labels that a linear function of the inputs decides."""

import torch
from torch import Tensor


def normal(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def scores(inputs: Tensor, columns: int, seed: int = 99) -> Tensor:
    """Return (B, columns) of about unit variance, each a fixed linear function of an example."""
    flat = inputs.flatten(1)
    return (flat - flat.mean(0)) @ normal(flat.shape[1], columns, seed=seed) / flat.shape[1] ** 0.5


def binary(examples: int = 32, features: int = 8, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Return inputs (B, F) and labels (B, 1), 0.0 or 1.0."""
    inputs = normal(examples, features, seed=seed)
    return inputs, labels_of(inputs)


def labels_of(inputs: Tensor) -> Tensor:
    return (scores(inputs, 1) > 0).float()


def classified(examples: int = 32, features: int = 8, classes: int = 3, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Return inputs (B, F) and class indices (B,)."""
    inputs = normal(examples, features, seed=seed)
    return inputs, classes_of(inputs, classes)


def classes_of(inputs: Tensor, classes: int) -> Tensor:
    return scores(inputs, classes).argmax(1)


def multilabel(examples: int = 32, features: int = 10, labels: int = 5, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Return inputs (B, F) and labels (B, K), of which half are 1.0: they overlap."""
    inputs = normal(examples, features, seed=seed)
    return inputs, (scores(inputs, labels) > 0).float()


def measured(examples: int = 32, features: int = 8, columns: int = 1, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Return inputs (B, F) and real targets (B, columns)."""
    inputs = normal(examples, features, seed=seed)
    return inputs, scores(inputs, columns)


def images(examples: int = 16, channels: int = 1, size: int = 8, seed: int = 0) -> Tensor:
    return normal(examples, channels, size, size, seed=seed)


def sequences(examples: int = 16, steps: int = 10, features: int = 6, seed: int = 0) -> Tensor:
    return normal(examples, steps, features, seed=seed)


def tokens(examples: int = 16, steps: int = 10, words: int = 30, seed: int = 0) -> Tensor:
    return torch.randint(words, (examples, steps), generator=torch.Generator().manual_seed(seed))
