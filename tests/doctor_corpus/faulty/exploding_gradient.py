"""The gradient grows from layer to layer, or from step to step, until the first layer's dwarfs the last one's."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from doctor_corpus.batches import classes_of, classified, images, labels_of, measured, sequences
from doctor_corpus.case import Case, Make, mend


def standard_normal_weights() -> Case:
    torch.manual_seed(0)
    inputs, targets = classified()
    hidden = [layer for _ in range(7) for layer in (nn.Linear(64, 64), nn.ReLU())]
    model = nn.Sequential(nn.Linear(8, 64), nn.ReLU(), *hidden, nn.Linear(64, 3))
    for parameter in model.parameters():
        nn.init.normal_(parameter)
    return {"model": model, "loss": nn.CrossEntropyLoss(), "inputs": inputs, "targets": targets}


class OwnRNN(nn.Module):
    def __init__(self, gain: float = 1.6) -> None:
        super().__init__()
        self.w_in = nn.Parameter(0.1 * torch.randn(6, 24))
        self.w_rec = nn.Parameter(gain * nn.init.orthogonal_(torch.empty(24, 24)))
        self.out = nn.Linear(24, 1)

    def forward(self, x: Tensor) -> Tensor:
        h = x.new_zeros(x.shape[0], 24)
        for t in range(x.shape[1]):
            h = F.leaky_relu(x[:, t] @ self.w_in + h @ self.w_rec, 0.5)
        return self.out(h)


def recurrent_by_hand() -> Case:
    torch.manual_seed(1)
    x = sequences(steps=50, seed=1)
    return {"model": OwnRNN(), "loss": F.binary_cross_entropy_with_logits, "inputs": x, "targets": labels_of(x)}


class PlainCNN(nn.Module):
    def __init__(self, std: float | None = 0.4) -> None:
        super().__init__()
        self.convs = nn.ModuleList(nn.Conv2d(2 if i == 0 else 12, 12, 3, padding=1) for i in range(9))
        self.fc = nn.Linear(12, 4)
        for conv in self.convs:
            weight = conv.get_parameter("weight")
            if std is None:
                nn.init.kaiming_normal_(weight, nonlinearity="relu")
            else:
                nn.init.trunc_normal_(weight, std=std)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        for conv in self.convs:
            x = F.elu(conv(x))
        return {"logits": self.fc(x.amax(dim=(2, 3)))}


def wide_kernels() -> Case:
    torch.manual_seed(2)
    x = images(8, channels=2, size=6, seed=2)
    return {
        "model": PlainCNN(),
        "loss": lambda out, y: F.cross_entropy(out["logits"], y),
        "inputs": x,
        "targets": classes_of(x, 4),
    }


class Block(nn.Module):
    def __init__(self, width: int, branch_scale: float) -> None:
        super().__init__()
        self.fc1 = nn.Linear(width, width)
        self.fc2 = nn.Linear(width, width)
        self.branch_scale = branch_scale
        nn.init.kaiming_normal_(self.fc1.weight, nonlinearity="relu")
        nn.init.kaiming_normal_(self.fc2.weight, nonlinearity="relu")

    def forward(self, x: Tensor) -> Tensor:
        return x + self.branch_scale * self.fc2(F.relu(self.fc1(x)))


class ResidualRegressor(nn.Module):
    """Residual branches of full variance, never normalised: each block more than doubles the variance."""

    def __init__(self, blocks: int = 24, branch_scale: float = 1.0) -> None:
        super().__init__()
        self.stem = nn.Linear(8, 32)
        self.blocks = nn.Sequential(*(Block(32, branch_scale) for _ in range(blocks)))
        self.head = nn.Linear(32, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.blocks(self.stem(x)))


def residuals_without_norm() -> Case:
    torch.manual_seed(3)
    inputs, targets = measured(seed=3)
    return {"model": ResidualRegressor(), "loss": nn.HuberLoss(), "inputs": inputs, "targets": targets}


class NormalisedChain(nn.Module):
    """Batch normalisation keeps activations at unit size; gradients grow by 1.2 a layer (Yang et al., 2019)."""

    def __init__(self, layers: int = 60) -> None:
        super().__init__()
        self.stem = nn.Linear(8, 48)
        self.linears = nn.ModuleList(nn.Linear(48, 48, bias=False) for _ in range(layers))
        self.norms = nn.ModuleList(nn.BatchNorm1d(48) for _ in range(layers))
        self.head = nn.Linear(48, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        for linear, norm in zip(self.linears, self.norms, strict=True):
            x = torch.relu(norm(linear(x)))
        return self.head(x)


class ShortcutChain(NormalisedChain):
    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        for linear, norm in zip(self.linears, self.norms, strict=True):
            x = x + linear(torch.relu(norm(x))) / len(self.norms)
        return self.head(x)


def batchnorm_without_shortcuts() -> Case:
    torch.manual_seed(4)
    inputs, targets = classified(64, seed=4)
    return {"model": NormalisedChain(), "loss": nn.CrossEntropyLoss(), "inputs": inputs, "targets": targets}


class EulerODE(nn.Module):
    """Fifty Euler steps of one shared field, each of length one."""

    def __init__(self, step: float = 1.0) -> None:
        super().__init__()
        self.lift = nn.Linear(8, 24)
        self.field = nn.Sequential(nn.Linear(24, 24), nn.GELU(), nn.Linear(24, 24))
        self.read = nn.Linear(24, 2)
        self.step = step

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        state = self.lift(x)
        for _ in range(50):
            state = state + self.step * self.field(state)
        return self.read(state), state


def euler_steps_too_long() -> Case:
    torch.manual_seed(5)
    inputs, targets = classified(classes=2, seed=5)
    model = EulerODE()
    for name in ("field.0.weight", "field.2.weight"):
        nn.init.xavier_normal_(model.get_parameter(name), gain=1.3)
    return {
        "model": model,
        "loss": lambda out, y: F.cross_entropy(out[0], y),
        "inputs": inputs,
        "targets": targets,
    }


CASES: dict[str, Make] = {
    "standard_normal_weights": standard_normal_weights,
    "recurrent_by_hand": recurrent_by_hand,
    "wide_kernels": wide_kernels,
    "residuals_without_norm": residuals_without_norm,
    "batchnorm_without_shortcuts": batchnorm_without_shortcuts,
    "euler_steps_too_long": euler_steps_too_long,
}


def he_weights() -> Case:
    case = standard_normal_weights()
    for parameter in case["model"].parameters():
        if parameter.dim() > 1:
            nn.init.kaiming_normal_(parameter, nonlinearity="relu")
        else:
            nn.init.zeros_(parameter)
    return case


MENDED: dict[str, Make] = {
    "standard_normal_weights": he_weights,
    "recurrent_by_hand": lambda: mend(recurrent_by_hand(), model=OwnRNN(gain=1.3)),
    "wide_kernels": lambda: mend(wide_kernels(), model=PlainCNN(std=None)),
    "residuals_without_norm": lambda: mend(residuals_without_norm(), model=ResidualRegressor(branch_scale=1 / 24)),
    "batchnorm_without_shortcuts": lambda: mend(batchnorm_without_shortcuts(), model=ShortcutChain()),
    "euler_steps_too_long": lambda: mend(euler_steps_too_long(), model=EulerODE(step=0.02)),
}
