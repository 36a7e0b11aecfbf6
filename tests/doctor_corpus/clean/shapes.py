"""Shapes and in-place operations that look like a slip and are none."""

import torch
from torch import Tensor, nn

from doctor_corpus.batches import images, measured
from doctor_corpus.blocks import mlp
from doctor_corpus.case import Case, Make


class InplaceBlock(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 3, padding=1)
        self.conv2 = nn.Conv2d(8, 8, 3, padding=1)
        self.act = nn.ReLU(inplace=True)
        self.fc = nn.Linear(8, 2)

    def forward(self, x: Tensor) -> Tensor:
        x = self.act(self.conv1(x))
        h = self.conv2(x)
        h += x
        self.act(h)
        return self.fc(h.mean((2, 3)))


def inplace_where_it_is_allowed() -> Case:
    torch.manual_seed(25)
    x = images()
    targets = (x.mean((1, 2, 3)) > 0).long()
    return {"model": InplaceBlock(), "loss": nn.CrossEntropyLoss(), "inputs": x, "targets": targets}


def squeeze_of_a_named_axis() -> Case:
    torch.manual_seed(26)
    inputs, targets = measured()

    def criterion(out: Tensor, y: Tensor) -> Tensor:
        return ((out.squeeze(-1) - y) ** 2).mean()

    return {"model": mlp(8, 24, 1), "loss": criterion, "inputs": inputs, "targets": targets.squeeze(1)}


def broadcast_meant_as_such() -> Case:
    """Per-column scales (K,) meet targets (B, K)."""
    torch.manual_seed(27)
    inputs, targets = measured(columns=3)
    scale = targets.std(0)

    def criterion(out: Tensor, y: Tensor) -> Tensor:
        return (((out - y) / scale) ** 2).mean()

    return {"model": mlp(8, 24, 3), "loss": criterion, "inputs": inputs, "targets": targets}


CASES: dict[str, Make] = {
    make.__name__: make
    for make in (
        inplace_where_it_is_allowed,
        squeeze_of_a_named_axis,
        broadcast_meant_as_such,
    )
}
