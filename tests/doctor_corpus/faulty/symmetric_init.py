"""All units of a layer start equal, get equal gradients and stay equal: the layer is one unit wide."""

import copy

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from doctor_corpus.batches import binary, classes_of, classified, images, measured, sequences
from doctor_corpus.case import Case, Make, mend


def filled(model: nn.Module, value: float) -> nn.Module:
    for parameter in model.parameters():
        nn.init.constant_(parameter, value)
    return model


def small_network(hidden: nn.Module) -> nn.Module:
    return nn.Sequential(nn.Linear(8, 32), hidden, nn.Linear(32, 1))


def zeros_everywhere() -> Case:
    torch.manual_seed(0)
    inputs, targets = binary()
    model = filled(small_network(nn.Sigmoid()), 0.0)
    return {"model": model, "loss": nn.BCEWithLogitsLoss(), "inputs": inputs, "targets": targets}


class EinsumNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.w1 = nn.Parameter(torch.ones(8, 24) / 8)
        self.b1 = nn.Parameter(torch.zeros(24))
        self.w2 = nn.Parameter(torch.ones(24, 1) / 24)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        h = torch.tanh(torch.einsum("bf,fh->bh", x, self.w1) + self.b1)
        return {"y": torch.einsum("bh,ho->bo", h, self.w2)}


def ones_as_parameters() -> Case:
    torch.manual_seed(1)
    inputs, targets = measured(seed=1)
    return {
        "model": EinsumNet(),
        "loss": lambda out, y: F.mse_loss(out["y"], y),
        "inputs": inputs,
        "targets": targets,
    }


class ConstantCNN(nn.Module):
    def __init__(self, constant: float | None = 0.05) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 3, padding=1)
        self.conv2 = nn.Conv2d(8, 8, 3, padding=1)
        self.fc = nn.Linear(8, 3)
        if constant is not None:
            for module in self.modules():
                if isinstance(module, nn.Conv2d):
                    nn.init.constant_(module.weight, constant)
                    nn.init.constant_(module.get_parameter("bias"), 0.1)
            nn.init.constant_(self.fc.weight, constant)

    def forward(self, x: Tensor) -> Tensor:
        x = F.leaky_relu(self.conv1(x))
        x = F.leaky_relu(self.conv2(x))
        return self.fc(x.mean((2, 3)))


def constant_kernels() -> Case:
    torch.manual_seed(2)
    x = images(seed=2)
    return {"model": ConstantCNN(), "loss": nn.CrossEntropyLoss(), "inputs": x, "targets": classes_of(x, 3)}


class Forecast(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.gru = nn.GRU(6, 16, batch_first=True)
        self.fc = nn.Linear(16, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(self.gru(x)[1][0]).squeeze(1)


def constant_gru() -> Case:
    torch.manual_seed(3)
    x = sequences(seed=3)
    model = filled(Forecast(), 0.1)
    return {"model": model, "loss": nn.MSELoss(), "inputs": x, "targets": x[:, -1].mean(1)}


def one_unit_copied() -> Case:
    """The weights are random, but drawn once and repeated for every unit, in both layers."""
    torch.manual_seed(4)
    inputs, targets = binary(seed=4)
    model = nn.Sequential(nn.Linear(8, 32), nn.GELU(), nn.Linear(32, 1))
    with torch.no_grad():
        model.get_parameter("0.weight").copy_(torch.randn(8).expand(32, 8) / 8**0.5)
        model.get_parameter("0.bias").zero_()
        model.get_parameter("2.weight").fill_(0.1)
    return {"model": model, "loss": nn.BCEWithLogitsLoss(), "inputs": inputs, "targets": targets}


class Ensemble(nn.Module):
    """Members that vote; made by deepcopy, they start as one and stay one."""

    def __init__(self, members: list[nn.Module]) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        votes = torch.stack([member(x) for member in self.members])
        return votes.mean(0), votes.std(0)


def member() -> nn.Module:
    return nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 3))


def deepcopied_ensemble() -> Case:
    torch.manual_seed(5)
    inputs, targets = classified(seed=5)
    first = member()
    return {
        "model": Ensemble([first, *(copy.deepcopy(first) for _ in range(3))]),
        "loss": lambda out, y: F.cross_entropy(out[0], y),
        "inputs": inputs,
        "targets": targets,
    }


CASES: dict[str, Make] = {
    "zeros_everywhere": zeros_everywhere,
    "ones_as_parameters": ones_as_parameters,
    "constant_kernels": constant_kernels,
    "constant_gru": constant_gru,
    "one_unit_copied": one_unit_copied,
    "deepcopied_ensemble": deepcopied_ensemble,
}


def random_parameters() -> Case:
    case = ones_as_parameters()
    nn.init.xavier_normal_(case["model"].get_parameter("w1"))
    nn.init.xavier_normal_(case["model"].get_parameter("w2"))
    return case


MENDED: dict[str, Make] = {
    "zeros_everywhere": lambda: mend(zeros_everywhere(), model=small_network(nn.Sigmoid())),
    "ones_as_parameters": random_parameters,
    "constant_kernels": lambda: mend(constant_kernels(), model=ConstantCNN(constant=None)),
    "constant_gru": lambda: mend(constant_gru(), model=Forecast()),
    "one_unit_copied": lambda: mend(one_unit_copied(), model=small_network(nn.GELU())),
    "deepcopied_ensemble": lambda: mend(deepcopied_ensemble(), model=Ensemble([member() for _ in range(4)])),
}
