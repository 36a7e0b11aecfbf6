"""Deep or long, and initialised so that the gradient passes."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from doctor_corpus.batches import binary, classified, measured, sequences
from doctor_corpus.blocks import LastStep, MeanOverSteps, Residual, mlp
from doctor_corpus.case import Case, Make


def orthogonal(model: nn.Module, gain: float) -> nn.Module:
    for parameter in model.parameters():
        if parameter.dim() > 1:
            nn.init.orthogonal_(parameter, gain)
        else:
            nn.init.zeros_(parameter)
    return model


def he(model: nn.Module) -> nn.Module:
    for parameter in model.parameters():
        if parameter.dim() > 1:
            nn.init.kaiming_normal_(parameter, nonlinearity="relu")
        else:
            nn.init.zeros_(parameter)
    return model


def fifty_relu_layers() -> Case:
    torch.manual_seed(0)
    inputs, targets = classified()
    model = he(mlp(8, *[128] * 50, 3))
    return {"model": model, "loss": nn.CrossEntropyLoss(), "inputs": inputs, "targets": targets}


def fifty_orthogonal_tanh_layers() -> Case:
    torch.manual_seed(1)
    inputs, targets = binary()
    model = orthogonal(mlp(8, *[48] * 50, 1, activation=nn.Tanh), 1.05)
    return {"model": model, "loss": nn.BCEWithLogitsLoss(), "inputs": inputs, "targets": targets}


def orthogonal_deep_linear() -> Case:
    torch.manual_seed(2)
    inputs, targets = measured()
    model = orthogonal(mlp(8, *[32] * 60, 1, activation=nn.Identity), 1.0)
    return {"model": model, "loss": nn.MSELoss(), "inputs": inputs, "targets": targets}


def self_normalising() -> Case:
    torch.manual_seed(3)
    inputs, targets = classified()
    model = mlp(8, *[64] * 30, 3, activation=nn.SELU)
    for parameter in model.parameters():
        if parameter.dim() > 1:
            nn.init.kaiming_normal_(parameter, nonlinearity="linear")
        else:
            nn.init.zeros_(parameter)
    return {"model": model, "loss": nn.CrossEntropyLoss(), "inputs": inputs, "targets": targets}


def forty_residual_blocks() -> Case:
    torch.manual_seed(4)
    inputs, targets = binary()
    blocks = [Residual(nn.LayerNorm(32), nn.Linear(32, 32), nn.GELU(), nn.Linear(32, 32)) for _ in range(40)]
    model = nn.Sequential(nn.Linear(8, 32), *blocks, nn.LayerNorm(32), nn.Linear(32, 1))
    return {"model": model, "loss": nn.BCEWithLogitsLoss(), "inputs": inputs, "targets": targets}


class Highway(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.transform = nn.Linear(width, width)
        self.carry = nn.Linear(width, width)
        nn.init.constant_(self.carry.bias, -2.0)

    def forward(self, x: Tensor) -> Tensor:
        gate = torch.sigmoid(self.carry(x))
        return gate * torch.relu(self.transform(x)) + (1 - gate) * x


def highway_network() -> Case:
    torch.manual_seed(5)
    inputs, targets = measured()
    model = nn.Sequential(nn.Linear(8, 24), *(Highway(24) for _ in range(20)), nn.Linear(24, 1))
    return {"model": model, "loss": nn.L1Loss(), "inputs": inputs, "targets": targets}


def pre_norm_transformer() -> Case:
    torch.manual_seed(6)
    x = sequences()
    layers = [nn.TransformerEncoderLayer(16, 2, 32, 0.0, batch_first=True, norm_first=True) for _ in range(8)]
    model = nn.Sequential(nn.Linear(6, 16), *layers, nn.LayerNorm(16), MeanOverSteps(), nn.Linear(16, 2))
    return {"model": model, "loss": nn.CrossEntropyLoss(), "inputs": x, "targets": (x.sum((1, 2)) > 0).long()}


def lstm_of_a_hundred_steps() -> Case:
    """Its forget gates start open, for about as long as the sequence (Tallec and Ollivier, 2018)."""
    torch.manual_seed(7)
    x = sequences(steps=100)
    lstm = nn.LSTM(6, 16, batch_first=True)
    span = torch.log(torch.empty(16).uniform_(1, 99))
    with torch.no_grad():
        lstm.get_parameter("bias_ih_l0")[16:32] = span
        lstm.get_parameter("bias_ih_l0")[:16] = -span
        lstm.get_parameter("bias_hh_l0")[:32] = 0
    model = nn.Sequential(LastStep(lstm), nn.Linear(16, 1))
    return {"model": model, "loss": nn.MSELoss(), "inputs": x, "targets": x[:, -5:, :1].mean(1)}


def lstm_pooled_over_steps() -> Case:
    torch.manual_seed(8)
    x = sequences(steps=80)

    class Pooled(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.lstm = nn.LSTM(6, 16, num_layers=2, batch_first=True)
            self.head = nn.Linear(16, 1)

        def forward(self, x: Tensor) -> Tensor:
            return self.head(self.lstm(x)[0].mean(1))

    return {
        "model": Pooled(),
        "loss": nn.BCEWithLogitsLoss(),
        "inputs": x,
        "targets": (x.mean((1, 2)) > 0).float()[:, None],
    }


class IdentityRNN(nn.Module):
    """ReLU with the identity as its recurrent matrix (Le, Jaitly and Hinton, 2015)."""

    def __init__(self) -> None:
        super().__init__()
        self.enter = nn.Linear(6, 24)
        self.recur = nn.Linear(24, 24, bias=False)
        self.out = nn.Linear(24, 1)
        nn.init.eye_(self.recur.weight)
        nn.init.normal_(self.enter.weight, std=0.05)
        nn.init.zeros_(self.enter.bias)

    def forward(self, x: Tensor) -> Tensor:
        h = torch.zeros(len(x), 24)
        for step in x.unbind(1):
            h = F.relu(self.enter(step) + self.recur(h))
        return self.out(h)


def identity_rnn() -> Case:
    torch.manual_seed(9)
    x = sequences(steps=60)
    return {"model": IdentityRNN(), "loss": nn.MSELoss(), "inputs": x, "targets": x[..., :1].mean(1)}


class ReZero(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Linear(8, 24)
        self.layers = nn.ModuleList(nn.Linear(24, 24) for _ in range(32))
        self.alpha = nn.Parameter(torch.zeros(32))
        self.head = nn.Linear(24, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        for alpha, layer in zip(self.alpha, self.layers, strict=True):
            x = x + alpha * F.relu(layer(x))
        return self.head(x)


def residuals_with_zero_gain() -> Case:
    torch.manual_seed(10)
    inputs, targets = classified()
    return {"model": ReZero(), "loss": nn.CrossEntropyLoss(), "inputs": inputs, "targets": targets}


def scaled_sigmoid_stack() -> Case:
    """Sigmoids of rows that sum to zero and have four times the usual size: 4 is the inverse of their slope."""
    torch.manual_seed(11)
    inputs, targets = binary()
    model = mlp(8, *[64] * 6, 1, activation=nn.Sigmoid)
    for layer in model:
        if isinstance(layer, nn.Linear) and layer.in_features == 64:
            weight = torch.randn_like(layer.weight) * 4.5 / 64**0.5
            layer.weight.data = weight - weight.mean(1, keepdim=True)
    return {"model": model, "loss": nn.BCEWithLogitsLoss(), "inputs": inputs, "targets": targets}


CASES: dict[str, Make] = {
    make.__name__: make
    for make in (
        fifty_relu_layers,
        fifty_orthogonal_tanh_layers,
        orthogonal_deep_linear,
        self_normalising,
        forty_residual_blocks,
        highway_network,
        pre_norm_transformer,
        lstm_of_a_hundred_steps,
        lstm_pooled_over_steps,
        identity_rnn,
        residuals_with_zero_gain,
        scaled_sigmoid_stack,
    )
}
