"""One network after another, as PyTorch's tutorials write it."""

from itertools import cycle

import torch
from torch import Tensor, nn

from contenders import BATCH, BLOCK, FEATURES, LEARNING_RATE, Advance, Case


def network(case: Case) -> nn.Sequential:
    """Return the plain module."""
    act = {"sigmoid": nn.Sigmoid, "relu": nn.ReLU}[case.activation]
    layers: list[nn.Module] = []
    for fan_in, fan_out in zip(case.widths, case.widths[1:], strict=False):
        layers += [nn.Linear(fan_in, fan_out), act()]
    return nn.Sequential(*layers[:-1])


def prepare(case: Case) -> Advance:
    """Return the updates of one process's networks, a block of one after another."""
    torch.set_num_threads(1)  # two are no faster on such networks, and wait for each other when the machine is busy
    trainings = [_training(case) for _ in range(case.networks)]
    turns = cycle(trainings)
    return lambda: next(turns)()


def _training(case: Case) -> Advance:
    model = network(case).to(case.device)
    optimizer = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[case.optimiser](model.parameters(), LEARNING_RATE)
    criterion = nn.BCEWithLogitsLoss()
    x = torch.randn(BATCH, FEATURES, device=case.device)
    y = torch.randint(0, 2, (BATCH, 1), device=case.device).float()

    def train() -> int:
        record: list[list[Tensor]] = []
        for _ in range(BLOCK):
            optimizer.zero_grad()
            criterion(model(x), y).backward()
            record.append([torch.linalg.vector_norm(x.grad) for x in model.parameters() if x.grad is not None])
            optimizer.step()
        return BLOCK

    return train
