"""A hidden layer works where its activation is flat, so that almost nothing passes back through it."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from doctor_corpus.batches import binary, classes_of, classified, labels_of, multilabel, scores, sequences
from doctor_corpus.case import Case, Make, mend


def pixels(examples: int = 32) -> Tensor:
    return torch.randint(256, (examples, 1, 8, 8)).float()


def raw_pixels_sequential() -> Case:
    torch.manual_seed(0)
    x = pixels()
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 32), nn.Sigmoid(), nn.Linear(32, 3))
    return {"model": model, "loss": nn.CrossEntropyLoss(), "inputs": x, "targets": classes_of(x, 3)}


class WideTanh(nn.Module):
    def __init__(self, std: float = 6.0) -> None:
        super().__init__()
        self.fc1 = nn.Linear(8, 48)
        self.fc2 = nn.Linear(48, 1)
        nn.init.normal_(self.fc1.weight, std=std)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(torch.tanh(self.fc1(x))).squeeze(1)


def large_weights_functional() -> Case:
    torch.manual_seed(1)
    inputs, targets = binary(seed=1)
    return {
        "model": WideTanh(),
        "loss": F.binary_cross_entropy_with_logits,
        "inputs": inputs,
        "targets": targets.squeeze(1),
    }


class ClippedCNN(nn.Module):
    """Clips its feature maps to [−1, 1], as quantised networks do."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 3)
        self.fc = nn.Linear(8 * 36, 3)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        maps = self.conv(x).clamp(-1, 1)
        return {"logits": self.fc(maps.flatten(1))}


def clamp_on_raw_pixels_cnn() -> Case:
    torch.manual_seed(2)
    x = pixels()

    def criterion(out: dict[str, Tensor], y: Tensor) -> Tensor:
        return F.cross_entropy(out["logits"], y)

    return {"model": ClippedCNN(), "loss": criterion, "inputs": x, "targets": classes_of(x, 3)}


class SensorLSTM(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(6, 16, batch_first=True)
        self.fc = nn.Linear(16, 1)

    def forward(self, x: Tensor) -> Tensor:
        out, _ = self.lstm(x)
        return self.fc(out.mean(dim=1))


def raw_sensors_lstm() -> Case:
    torch.manual_seed(3)
    x = sequences(32, seed=3)
    return {"model": SensorLSTM(), "loss": nn.BCEWithLogitsLoss(), "inputs": 200 * x, "targets": labels_of(x)}


class SteepSigmoid(nn.Module):
    def __init__(self, steepness: float) -> None:
        super().__init__()
        self.steepness = steepness

    def forward(self, z: Tensor) -> Tensor:
        return 1.0 / (1.0 + torch.exp(-self.steepness * z))


def steep_handwritten_sigmoid(steepness: float = 35.0) -> Case:
    torch.manual_seed(4)
    inputs, targets = multilabel(seed=4)
    model = nn.Sequential(nn.Linear(10, 32), SteepSigmoid(steepness), nn.Linear(32, 5))
    with torch.no_grad():
        model.get_parameter("0.weight").mul_(1.5)
    return {"model": model, "loss": nn.BCEWithLogitsLoss(), "inputs": inputs, "targets": targets}


class GatedBlock(nn.Module):
    """A transformer block whose feed-forward part ends in a gate with a badly chosen first bias."""

    def __init__(self, gate_bias: float) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(16, 2, batch_first=True)
        self.norm = nn.LayerNorm(16)
        self.value = nn.Linear(16, 16)
        self.gate = nn.Linear(16, 16)
        nn.init.constant_(self.gate.bias, gate_bias)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attention(x, x, x, need_weights=False)[0]
        h = self.norm(x)
        return x + self.value(h) * (0.5 + 0.5 * torch.tanh(self.gate(h) / 2))


class GatedTransformer(nn.Module):
    def __init__(self, gate_bias: float = 12.0) -> None:
        super().__init__()
        self.embed = nn.Linear(6, 16)
        self.block = GatedBlock(gate_bias)
        self.head = nn.Linear(16, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.block(self.embed(x)).mean(1))


def gate_bias_transformer() -> Case:
    torch.manual_seed(5)
    x = sequences(seed=5)
    return {"model": GatedTransformer(), "loss": nn.MSELoss(), "inputs": x, "targets": scores(x, 2)}


def softsign_on_salaries() -> Case:
    """A column of salaries among the features."""
    torch.manual_seed(6)
    inputs, targets = classified(seed=6)
    salaries = 50_000 + 10_000 * inputs[:, :1]
    model = nn.Sequential(nn.Linear(9, 32), nn.Softsign(), nn.Linear(32, 3))
    features = torch.cat([inputs, salaries], dim=1)
    return {"model": model, "loss": nn.CrossEntropyLoss(), "inputs": features, "targets": targets}


CASES: dict[str, Make] = {
    "raw_pixels_sequential": raw_pixels_sequential,
    "large_weights_functional": large_weights_functional,
    "clamp_on_raw_pixels_cnn": clamp_on_raw_pixels_cnn,
    "raw_sensors_lstm": raw_sensors_lstm,
    "steep_handwritten_sigmoid": steep_handwritten_sigmoid,
    "gate_bias_transformer": gate_bias_transformer,
    "softsign_on_salaries": softsign_on_salaries,
}


def scaled(case: Case, factor: float) -> Case:
    return mend(case, inputs=case["inputs"] * factor)


def standardised(case: Case) -> Case:
    inputs = case["inputs"]
    return mend(case, inputs=(inputs - inputs.mean(0)) / inputs.std(0))


MENDED: dict[str, Make] = {
    "raw_pixels_sequential": lambda: scaled(raw_pixels_sequential(), 1 / 255),
    "large_weights_functional": lambda: mend(large_weights_functional(), model=WideTanh(std=0.3)),
    "clamp_on_raw_pixels_cnn": lambda: scaled(clamp_on_raw_pixels_cnn(), 1 / 255),
    "raw_sensors_lstm": lambda: scaled(raw_sensors_lstm(), 1 / 200),
    "steep_handwritten_sigmoid": lambda: steep_handwritten_sigmoid(steepness=1.0),
    "gate_bias_transformer": lambda: mend(gate_bias_transformer(), model=GatedTransformer(gate_bias=0.0)),
    "softsign_on_salaries": lambda: standardised(softsign_on_salaries()),
}


def sigmoid_slope(z: Tensor) -> Tensor:
    return 4 * torch.sigmoid(z) * torch.sigmoid(-z)


def tanh_slope(z: Tensor) -> Tensor:
    return 1 - torch.tanh(z) ** 2


def gate_slopes(case: Case) -> Tensor:
    lstm = case["model"].get_submodule("lstm")
    z = F.linear(case["inputs"][:, 0], lstm.get_parameter("weight_ih_l0"), lstm.get_parameter("bias_ih_l0"))
    return sigmoid_slope(z)


def steep_slopes(case: Case) -> Tensor:
    activation = case["model"].get_submodule("1")
    assert isinstance(activation, SteepSigmoid)
    return sigmoid_slope(activation.steepness * first_layer(case, "0"))


def block_gate_slopes(case: Case) -> Tensor:
    model = case["model"]
    x = model.get_submodule("embed")(case["inputs"])
    x = x + model.get_submodule("block.attention")(x, x, x)[0]
    return sigmoid_slope(model.get_submodule("block.gate")(model.get_submodule("block.norm")(x)))


def first_layer(case: Case, name: str) -> Tensor:
    return case["model"].get_submodule(name)(case["inputs"])


# How flat the activation is where it works, as a share of its greatest slope: (examples, units) of each variant.
SLOPES: dict[str, Callable[[Case], Tensor]] = {
    "raw_pixels_sequential": lambda case: sigmoid_slope(case["model"].get_submodule("1")(case["inputs"].flatten(1))),
    "large_weights_functional": lambda case: tanh_slope(first_layer(case, "fc1")),
    "clamp_on_raw_pixels_cnn": lambda case: (first_layer(case, "conv").abs() < 1).float(),
    "raw_sensors_lstm": gate_slopes,
    "steep_handwritten_sigmoid": steep_slopes,
    "gate_bias_transformer": block_gate_slopes,
    "softsign_on_salaries": lambda case: (1 + first_layer(case, "0").abs()) ** -2,
}
