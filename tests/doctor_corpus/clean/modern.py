"""How networks are trained today: adapters, experts, gates, shared weights, mixed precision."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from doctor_corpus.batches import binary, classified, measured, multilabel, sequences
from doctor_corpus.blocks import mlp
from doctor_corpus.case import Case, Make


class LoRA(nn.Module):
    def __init__(self, base: nn.Linear, rank: int) -> None:
        super().__init__()
        self.base = base.requires_grad_(False)
        self.a = nn.Parameter(torch.randn(rank, base.in_features) / base.in_features**0.5)
        self.b = nn.Parameter(torch.zeros(base.out_features, rank))

    def forward(self, x: Tensor) -> Tensor:
        return self.base(x) + x @ self.a.T @ self.b.T


def low_rank_adapters() -> Case:
    torch.manual_seed(0)
    inputs, targets = classified()
    model = nn.Sequential(LoRA(nn.Linear(8, 32), 2), nn.GELU(), LoRA(nn.Linear(32, 3), 2))
    return {"model": model, "loss": nn.CrossEntropyLoss(), "inputs": inputs, "targets": targets}


class Mixture(nn.Module):
    """Sends every example to the expert that its router prefers; some experts are chosen by none."""

    def __init__(self, experts: int) -> None:
        super().__init__()
        self.router = nn.Linear(8, experts)
        self.experts = nn.ModuleList(mlp(8, 16, 3) for _ in range(experts))

    def forward(self, x: Tensor) -> Tensor:
        weight, chosen = self.router(x).softmax(-1).max(-1)
        out = x.new_zeros(len(x), 3)
        for index, expert in enumerate(self.experts):
            mine = chosen == index
            out[mine] = weight[mine, None] * expert(x[mine])
        return out


def experts_not_chosen() -> Case:
    torch.manual_seed(1)
    inputs, targets = classified()
    model = Mixture(8)
    with torch.no_grad():
        model.router.bias[5:] -= 10
    return {"model": model, "loss": nn.CrossEntropyLoss(), "inputs": inputs, "targets": targets}


class SwiGLU(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.gate = nn.Linear(8, 32, bias=False)
        self.up = nn.Linear(8, 32, bias=False)
        self.down = nn.Linear(32, 8, bias=False)
        self.norm = nn.RMSNorm(8)
        self.head = nn.Linear(8, 1)

    def forward(self, x: Tensor) -> Tensor:
        h = self.norm(x)
        return self.head(x + self.down(F.silu(self.gate(h)) * self.up(h)))


def swiglu_and_rms_norm() -> Case:
    torch.manual_seed(2)
    inputs, targets = binary()
    return {"model": SwiGLU(), "loss": nn.BCEWithLogitsLoss(), "inputs": inputs, "targets": targets}


def gated_linear_units() -> Case:
    torch.manual_seed(3)
    inputs, targets = multilabel()
    model = nn.Sequential(nn.Linear(10, 48), nn.GLU(), nn.Linear(24, 5))
    return {"model": model, "loss": nn.MultiLabelSoftMarginLoss(), "inputs": inputs, "targets": targets}


class SharedLayer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.enter = nn.Linear(8, 24)
        self.shared = nn.Linear(24, 24)
        self.out = nn.Linear(24, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.tanh(self.enter(x))
        for _ in range(4):
            x = x + 0.5 * torch.tanh(self.shared(x))
        return self.out(x)


def one_layer_used_four_times() -> Case:
    torch.manual_seed(4)
    inputs, targets = measured()
    return {"model": SharedLayer(), "loss": nn.MSELoss(), "inputs": inputs, "targets": targets}


class TiedAutoencoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(6, 16) / 4)
        self.code_bias = nn.Parameter(torch.zeros(6))
        self.bias = nn.Parameter(torch.zeros(16))

    def forward(self, x: Tensor) -> Tensor:
        code = torch.sigmoid(F.linear(x, self.weight, self.code_bias))
        return F.linear(code, self.weight.T, self.bias)


def tied_autoencoder() -> Case:
    torch.manual_seed(5)
    inputs, _ = measured(features=16)
    return {"model": TiedAutoencoder(), "loss": nn.MSELoss(), "inputs": inputs, "targets": inputs.clone()}


class Autocast(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.net = mlp(8, 32, 3)

    def forward(self, x: Tensor) -> Tensor:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            return self.net(x)


def mixed_precision() -> Case:
    torch.manual_seed(6)
    inputs, targets = classified()
    return {
        "model": Autocast(),
        "loss": lambda out, y: F.cross_entropy(out.float(), y),
        "inputs": inputs,
        "targets": targets,
    }


def whole_model_in_float64() -> Case:
    torch.manual_seed(7)
    inputs, targets = binary()
    model = mlp(8, 24, 1, activation=nn.Mish).double()
    return {"model": model, "loss": nn.BCEWithLogitsLoss(), "inputs": inputs.double(), "targets": targets.double()}


class DeepSupervision(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Sequential(nn.Linear(8, 24), nn.ReLU())
        self.second = nn.Sequential(nn.Linear(24, 24), nn.ReLU())
        self.early = nn.Linear(24, 3)
        self.late = nn.Linear(24, 3)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        h = self.first(x)
        return {"aux": self.early(h), "logits": self.late(self.second(h))}


def auxiliary_head() -> Case:
    torch.manual_seed(8)
    inputs, targets = classified()

    def criterion(out: dict[str, Tensor], y: Tensor) -> Tensor:
        return F.cross_entropy(out["logits"], y) + 0.3 * F.cross_entropy(out["aux"], y)

    return {"model": DeepSupervision(), "loss": criterion, "inputs": inputs, "targets": targets}


class Uncertainty(nn.Module):
    """Learns how to weigh its tasks (Kendall, Gal and Cipolla, 2018)."""

    def __init__(self) -> None:
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(8, 24), nn.ReLU())
        self.buys = nn.Linear(24, 1)
        self.spends = nn.Linear(24, 1)
        self.log_variances = nn.Parameter(torch.zeros(2))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        h = self.trunk(x)
        return self.buys(h), self.spends(h), self.log_variances


def weighted_tasks() -> Case:
    torch.manual_seed(9)
    inputs, buys = binary()
    _, spends = measured()

    def criterion(out: tuple[Tensor, Tensor, Tensor], y: tuple[Tensor, Tensor]) -> Tensor:
        losses = torch.stack([F.binary_cross_entropy_with_logits(out[0], y[0]), F.mse_loss(out[1], y[1])])
        return (torch.exp(-out[2]) * losses + out[2]).sum()

    return {"model": Uncertainty(), "loss": criterion, "inputs": inputs, "targets": (buys, spends)}


class Discrete(nn.Module):
    """A choice by Gumbel's softmax, straight through."""

    def __init__(self) -> None:
        super().__init__()
        self.encode = mlp(8, 24, 6)
        self.codes = nn.Linear(6, 8, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.codes(F.gumbel_softmax(self.encode(x), tau=1.0, hard=True))


def straight_through_choice() -> Case:
    torch.manual_seed(10)
    inputs, _ = measured()
    return {"model": Discrete(), "loss": nn.MSELoss(), "inputs": inputs, "targets": inputs.clone()}


class FiLM(nn.Module):
    """Scales features by another input; its last layer is zero, so that it starts as no change."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Linear(6, 16)
        self.condition = mlp(8, 16, 32)
        nn.init.zeros_(self.condition.get_parameter("2.weight"))
        nn.init.zeros_(self.condition.get_parameter("2.bias"))
        self.head = nn.Linear(16, 2)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        scale, shift = self.condition(condition)[:, None].chunk(2, -1)
        return self.head(F.relu(self.features(x) * (1 + scale) + shift).mean(1))


def feature_wise_modulation() -> Case:
    torch.manual_seed(11)
    x = sequences(32)
    condition, targets = classified(classes=2)
    inputs = {"x": x, "condition": condition}
    return {"model": FiLM(), "loss": nn.CrossEntropyLoss(), "inputs": inputs, "targets": targets}


CASES: dict[str, Make] = {
    make.__name__: make
    for make in (
        low_rank_adapters,
        experts_not_chosen,
        swiglu_and_rms_norm,
        gated_linear_units,
        one_layer_used_four_times,
        tied_autoencoder,
        mixed_precision,
        whole_model_in_float64,
        auxiliary_head,
        weighted_tasks,
        straight_through_choice,
        feature_wise_modulation,
    )
}
