"""A tensor is changed in place although backward, or the next step, still needs what it was."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from doctor_corpus.batches import binary, classes_of, classified, images, measured, sequences
from doctor_corpus.case import Case, Make, mend


class ResidualCNN(nn.Module):
    """The shortcut is added into the very tensor that ReLU keeps for its own backward."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(1, 8, 3, padding=1)
        self.conv = nn.Conv2d(8, 8, 3, padding=1)
        self.fc = nn.Linear(8, 3)

    def add(self, h: Tensor, shortcut: Tensor) -> Tensor:
        h += shortcut
        return h

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        h = F.relu(self.conv(x))
        return self.fc(self.add(h, x).mean((2, 3)))


class CopyingResidualCNN(ResidualCNN):
    def add(self, h: Tensor, shortcut: Tensor) -> Tensor:
        return h + shortcut


def shortcut_after_relu() -> Case:
    torch.manual_seed(0)
    x = images(seed=0)
    return {"model": ResidualCNN(), "loss": nn.CrossEntropyLoss(), "inputs": x, "targets": classes_of(x, 3)}


class StateWriter(nn.Module):
    """Writes every state into one buffer, of which the step before is a view."""

    def __init__(self) -> None:
        super().__init__()
        self.cell = nn.Linear(6 + 16, 16)
        self.fc = nn.Linear(16, 1)

    def states(self, x: Tensor) -> Tensor:
        states = torch.zeros(x.shape[0], x.shape[1] + 1, 16)
        for t in range(x.shape[1]):
            states[:, t + 1] = torch.tanh(self.cell(torch.cat([x[:, t], states[:, t]], dim=1)) + states[:, t] ** 2)
        return states

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(self.states(x)[:, -1])


class StateCollector(StateWriter):
    def states(self, x: Tensor) -> Tensor:
        collected = [torch.zeros(x.shape[0], 16)]
        for step in x.unbind(1):
            h = collected[-1]
            collected.append(torch.tanh(self.cell(torch.cat([step, h], dim=1)) + h**2))
        return torch.stack(collected, dim=1)


def states_in_one_buffer() -> Case:
    torch.manual_seed(1)
    x = sequences(seed=1)
    return {"model": StateWriter(), "loss": nn.MSELoss(), "inputs": x, "targets": x[:, -1, :1]}


class MaskedAttention(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.q = nn.Linear(6, 16)
        self.k = nn.Linear(6, 16)
        self.v = nn.Linear(6, 16)
        self.out = nn.Linear(16, 3)

    def masked(self, weights: Tensor, future: Tensor) -> Tensor:
        return weights.masked_fill_(future, 0.0)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        scores = self.q(x) @ self.k(x).transpose(-2, -1) / 4
        future = torch.ones(x.shape[1], x.shape[1], dtype=torch.bool).triu(1)
        weights = self.masked(torch.softmax(scores, dim=-1), future)
        return {"logits": self.out((weights @ self.v(x))[:, -1])}


class CopyingAttention(MaskedAttention):
    def masked(self, weights: Tensor, future: Tensor) -> Tensor:
        return weights.masked_fill(future, 0.0)


def masked_attention_weights() -> Case:
    torch.manual_seed(2)
    x = sequences(seed=2)
    return {
        "model": MaskedAttention(),
        "loss": lambda out, y: F.cross_entropy(out["logits"], y),
        "inputs": x,
        "targets": classes_of(x, 3),
    }


class UnitRows(nn.Module):
    """Normalises its weight in place at every call; the twin towers of the model call it twice."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(16, 8))

    def forward(self, x: Tensor) -> Tensor:
        with torch.no_grad():
            self.weight.div_(self.weight.norm(dim=1, keepdim=True))
        return torch.tanh(x) @ self.weight.T


class FunctionalUnitRows(UnitRows):
    def forward(self, x: Tensor) -> Tensor:
        return torch.tanh(x) @ F.normalize(self.weight, dim=1).T


class Siamese(nn.Module):
    def __init__(self, tower: nn.Module) -> None:
        super().__init__()
        self.scale = nn.Linear(8, 8)
        self.tower = tower

    def forward(self, left: Tensor, right: Tensor) -> Tensor:
        return (self.tower(self.scale(left)) * self.tower(self.scale(right))).sum(1)


def weight_normalised_in_forward() -> Case:
    torch.manual_seed(3)
    left, _ = binary(seed=3)
    right, targets = binary(seed=4)
    return {
        "model": Siamese(UnitRows()),
        "loss": nn.BCEWithLogitsLoss(),
        "inputs": (left, right),
        "targets": targets.squeeze(1),
    }


def labels_rewritten_by_the_loss() -> Case:
    """Nothing is raised, but the caller's labels are other ones after every call: 0, 1 become −1, 1 and then −3, 1."""
    torch.manual_seed(4)
    inputs, targets = binary(seed=4)

    def hinge(scores: Tensor, labels: Tensor) -> Tensor:
        labels.mul_(2).sub_(1)
        return F.relu(1 - labels * scores).mean()

    model = nn.Sequential(nn.Linear(8, 24), nn.SiLU(), nn.Linear(24, 1))
    return {"model": model, "loss": hinge, "inputs": inputs, "targets": targets}


class SelfScaling(nn.Module):
    """Scales the caller's own batch: a second epoch sees it scaled twice."""

    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(nn.Linear(8, 24), nn.ReLU(inplace=True), nn.Linear(24, 1))

    def scaled(self, x: Tensor) -> Tensor:
        return x.sub_(1.0).div_(2.0)

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        x = self.scaled(features)
        return self.net(x), x


class CopyScaling(SelfScaling):
    def scaled(self, x: Tensor) -> Tensor:
        return x.sub(1.0).div(2.0)


def inputs_scaled_by_the_model() -> Case:
    torch.manual_seed(5)
    inputs, targets = measured(seed=5)
    return {
        "model": SelfScaling(),
        "loss": lambda out, y: F.l1_loss(out[0], y),
        "inputs": {"features": inputs},
        "targets": targets,
    }


class DataDropout(nn.Module):
    """Masks through .data, unseen by autograd: tanh then differentiates with the masked output."""

    def __init__(self) -> None:
        super().__init__()
        self.fc1 = nn.Linear(8, 24)
        self.fc2 = nn.Linear(24, 3)
        self.register_buffer("mask", (torch.arange(24) % 3 > 0).float())

    def masked(self, h: Tensor) -> Tensor:
        h.data.mul_(self.get_buffer("mask"))
        return h

    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(self.masked(torch.tanh(self.fc1(x))))


class HonestDropout(DataDropout):
    def masked(self, h: Tensor) -> Tensor:
        return h * self.get_buffer("mask")


def masked_through_data() -> Case:
    torch.manual_seed(6)
    inputs, targets = classified(seed=6)
    return {"model": DataDropout(), "loss": nn.CrossEntropyLoss(), "inputs": inputs, "targets": targets}


CASES: dict[str, Make] = {
    "shortcut_after_relu": shortcut_after_relu,
    "states_in_one_buffer": states_in_one_buffer,
    "masked_attention_weights": masked_attention_weights,
    "weight_normalised_in_forward": weight_normalised_in_forward,
    "labels_rewritten_by_the_loss": labels_rewritten_by_the_loss,
    "inputs_scaled_by_the_model": inputs_scaled_by_the_model,
    "masked_through_data": masked_through_data,
}

MENDED: dict[str, Make] = {
    "shortcut_after_relu": lambda: mend(shortcut_after_relu(), model=CopyingResidualCNN()),
    "states_in_one_buffer": lambda: mend(states_in_one_buffer(), model=StateCollector()),
    "masked_attention_weights": lambda: mend(masked_attention_weights(), model=CopyingAttention()),
    "weight_normalised_in_forward": lambda: mend(weight_normalised_in_forward(), model=Siamese(FunctionalUnitRows())),
    "labels_rewritten_by_the_loss": lambda: mend(
        labels_rewritten_by_the_loss(), loss=lambda scores, y: F.relu(1 - (2 * y - 1) * scores).mean()
    ),
    "inputs_scaled_by_the_model": lambda: mend(inputs_scaled_by_the_model(), model=CopyScaling()),
    "masked_through_data": lambda: mend(masked_through_data(), model=HonestDropout()),
}
