"""The gradient has all but disappeared before it reaches the first layer, or the first step of a sequence."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from doctor_corpus.batches import binary, classes_of, classified, images, labels_of, measured, sequences
from doctor_corpus.case import Case, Make, mend


def deep(activation: type[nn.Module], depth: int, width: int, outputs: int) -> nn.Sequential:
    widths = [8] + [width] * depth
    hidden = [layer for i in range(depth) for layer in (nn.Linear(widths[i], widths[i + 1]), activation())]
    return nn.Sequential(*hidden, nn.Linear(width, outputs))


def initialise(model: nn.Module, scheme: Callable[[Tensor], Tensor]) -> nn.Module:
    for parameter in model.parameters():
        if parameter.dim() > 1:
            scheme(parameter)
    return model


def sigmoid_stack() -> Case:
    torch.manual_seed(0)
    inputs, targets = binary()
    return {
        "model": deep(nn.Sigmoid, 10, 64, 1),
        "loss": nn.BCEWithLogitsLoss(),
        "inputs": inputs,
        "targets": targets,
    }


def tanh_of_small_weights() -> Case:
    torch.manual_seed(1)
    inputs, targets = classified(seed=1)
    model = initialise(deep(nn.Tanh, 8, 48, 3), lambda w: nn.init.normal_(w, std=0.01))
    return {"model": model, "loss": nn.CrossEntropyLoss(), "inputs": inputs, "targets": targets}


class SixLayers(nn.Module):
    def __init__(self, std: float | None = 0.01) -> None:
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(8, 64), *(nn.Linear(64, 64) for _ in range(5))])
        self.out = nn.Linear(64, 1)
        for layer in [*self.layers, self.out]:
            weight = layer.get_parameter("weight")
            if std is None:
                nn.init.kaiming_normal_(weight, nonlinearity="relu")
            else:
                nn.init.normal_(weight, mean=0.0, std=std)
            nn.init.zeros_(layer.get_parameter("bias"))

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        for layer in self.layers:
            x = F.relu(layer(x))
        return {"price": self.out(x)}


def relu_of_small_weights() -> Case:
    torch.manual_seed(2)
    inputs, targets = measured(seed=2)
    return {
        "model": SixLayers(),
        "loss": lambda out, y: F.mse_loss(out["price"], y),
        "inputs": inputs,
        "targets": targets,
    }


class LongRNN(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.RNN(6, 24, batch_first=True)
        self.fc = nn.Linear(24, 1)

    def forward(self, x: Tensor) -> Tensor:
        out, _ = self.rnn(x)
        return self.fc(out[:, -1])


def plain_rnn_of_sixty_steps() -> Case:
    torch.manual_seed(3)
    x = sequences(steps=60, seed=3)
    return {"model": LongRNN(), "loss": nn.BCEWithLogitsLoss(), "inputs": x, "targets": labels_of(x[:, :5])}


class ClosedLSTM(nn.Module):
    """The bias meant for the forget gate is negative: everything is forgotten at once."""

    def __init__(self, forget_bias: float = -4.0) -> None:
        super().__init__()
        self.lstm = nn.LSTM(6, 16, batch_first=True)
        self.head = nn.Linear(16, 3)
        with torch.no_grad():
            self.lstm.get_parameter("bias_ih_l0")[16:32].fill_(forget_bias)

    def forward(self, x: Tensor) -> Tensor:
        _, (_, cell) = self.lstm(x)
        return self.head(cell.tanh()[0])


def lstm_that_forgets() -> Case:
    torch.manual_seed(4)
    x = sequences(steps=30, seed=4)
    return {"model": ClosedLSTM(), "loss": nn.CrossEntropyLoss(), "inputs": x, "targets": classes_of(x[:, :5], 3)}


class HandSigmoidCNN(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.convs = nn.ModuleList(nn.Conv2d(1 if i == 0 else 8, 8, 3, padding=1) for i in range(9))
        self.fc = nn.Linear(8, 2)

    def activation(self, z: Tensor) -> Tensor:
        return 1 / (1 + torch.exp(-z))

    def forward(self, x: Tensor) -> Tensor:
        for conv in self.convs:
            x = self.activation(conv(x))
        return self.fc(x.mean(dim=(2, 3)))


class LeakyCNN(HandSigmoidCNN):
    def __init__(self) -> None:
        super().__init__()
        initialise(self, lambda w: nn.init.kaiming_normal_(w, nonlinearity="relu"))

    def activation(self, z: Tensor) -> Tensor:
        return F.leaky_relu(z)


def handwritten_sigmoid_cnn() -> Case:
    torch.manual_seed(5)
    x = images(seed=5)
    return {"model": HandSigmoidCNN(), "loss": nn.CrossEntropyLoss(), "inputs": x, "targets": classes_of(x, 2)}


class GatedStack(nn.Module):
    """Gated units whose gates start almost closed, without a shortcut beside them."""

    def __init__(self, gate_bias: float = -5.0) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(32, 64) for _ in range(6))
        self.stem = nn.Linear(8, 32)
        self.head = nn.Linear(32, 1)
        for layer in self.layers:
            bias = layer.get_parameter("bias")
            nn.init.zeros_(bias)
            nn.init.constant_(bias[32:], gate_bias)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x = self.stem(x)
        for layer in self.layers:
            x = F.glu(layer(x), dim=-1)
        return self.head(x), x


class HighwayStack(GatedStack):
    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x = self.stem(x)
        for layer in self.layers:
            x = x + F.glu(layer(x), dim=-1)
        return self.head(x), x


def closed_gates() -> Case:
    torch.manual_seed(6)
    inputs, targets = measured(seed=6)

    def criterion(out: tuple[Tensor, Tensor], y: Tensor) -> Tensor:
        return F.smooth_l1_loss(out[0], y)

    return {"model": GatedStack(), "loss": criterion, "inputs": inputs, "targets": targets}


CASES: dict[str, Make] = {
    "sigmoid_stack": sigmoid_stack,
    "tanh_of_small_weights": tanh_of_small_weights,
    "relu_of_small_weights": relu_of_small_weights,
    "plain_rnn_of_sixty_steps": plain_rnn_of_sixty_steps,
    "lstm_that_forgets": lstm_that_forgets,
    "handwritten_sigmoid_cnn": handwritten_sigmoid_cnn,
    "closed_gates": closed_gates,
}


def relu_stack() -> Case:
    model = initialise(deep(nn.ReLU, 10, 64, 1), lambda w: nn.init.kaiming_normal_(w, nonlinearity="relu"))
    return mend(sigmoid_stack(), model=model)


def tanh_of_xavier() -> Case:
    case = tanh_of_small_weights()
    initialise(case["model"], lambda w: nn.init.xavier_normal_(w, gain=5 / 3))
    return case


def orthogonal_rnn() -> Case:
    case = plain_rnn_of_sixty_steps()
    nn.init.orthogonal_(case["model"].get_parameter("rnn.weight_hh_l0"), gain=1.1)
    nn.init.normal_(case["model"].get_parameter("rnn.weight_ih_l0"), std=0.05)
    return case


MENDED: dict[str, Make] = {
    "sigmoid_stack": relu_stack,
    "tanh_of_small_weights": tanh_of_xavier,
    "relu_of_small_weights": lambda: mend(relu_of_small_weights(), model=SixLayers(std=None)),
    "plain_rnn_of_sixty_steps": orthogonal_rnn,
    "lstm_that_forgets": lambda: mend(lstm_that_forgets(), model=ClosedLSTM(forget_bias=3.0)),
    "handwritten_sigmoid_cnn": lambda: mend(handwritten_sigmoid_cnn(), model=LeakyCNN()),
    "closed_gates": lambda: mend(closed_gates(), model=HighwayStack()),
}
