"""Some trainable parameter is never reached by the loss: the way back to it is cut."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from doctor_corpus.batches import binary, classes_of, classified, images, labels_of, measured, sequences
from doctor_corpus.case import Case, Make, mend


class DetachedEncoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(8, 32), nn.ReLU())
        self.classifier = nn.Linear(32, 3)

    def between(self, features: Tensor) -> Tensor:
        return features.detach()

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(self.between(self.encoder(x)))


class JoinedEncoder(DetachedEncoder):
    def between(self, features: Tensor) -> Tensor:
        return features


def detached_features() -> Case:
    torch.manual_seed(0)
    inputs, targets = classified()
    return {"model": DetachedEncoder(), "loss": nn.CrossEntropyLoss(), "inputs": inputs, "targets": targets}


class Unused(nn.Module):
    """The second block was defined, and forgotten in forward."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 3, padding=1)
        self.conv2 = nn.Conv2d(8, 8, 3, padding=1)
        self.fc = nn.Linear(8, 1)

    def maps(self, x: Tensor) -> Tensor:
        return F.relu(self.conv1(x))

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(self.maps(x).mean((2, 3)))


class Used(Unused):
    def maps(self, x: Tensor) -> Tensor:
        return F.relu(self.conv2(super().maps(x)))


def forgotten_layer_cnn() -> Case:
    torch.manual_seed(1)
    x = images(seed=1)
    return {"model": Unused(), "loss": nn.BCEWithLogitsLoss(), "inputs": x, "targets": labels_of(x)}


class NoGradLSTM(nn.Module):
    """Meant for evaluation, left in forward; the LSTM's parameters still ask for gradients."""

    def __init__(self, training_backbone: bool = False) -> None:
        super().__init__()
        self.training_backbone = training_backbone
        self.lstm = nn.LSTM(6, 16, batch_first=True)
        self.head = nn.Linear(16, 4)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        with torch.set_grad_enabled(self.training_backbone):
            h, _ = self.lstm(x)
        return {"logits": self.head(h[:, -1])}


def no_grad_lstm() -> Case:
    torch.manual_seed(2)
    x = sequences(seed=2)
    return {
        "model": NoGradLSTM(),
        "loss": lambda out, y: F.cross_entropy(out["logits"], y),
        "inputs": x,
        "targets": classes_of(x, 4),
    }


class Codebook(nn.Module):
    """Vector quantisation: the nearest code is chosen by argmin, through which nothing flows back."""

    def __init__(self, straight_through: bool = False) -> None:
        super().__init__()
        self.encode = nn.Sequential(nn.Linear(8, 16), nn.Tanh(), nn.Linear(16, 4))
        self.codes = nn.Parameter(torch.randn(12, 4))
        self.decode = nn.Linear(4, 8)
        self.straight_through = straight_through

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        z = self.encode(x)
        nearest = torch.cdist(z, self.codes).argmin(dim=1)
        code = F.embedding(nearest, self.codes)
        if self.straight_through:
            code = code + z - z.detach()
        return self.decode(code), nearest


def quantised_autoencoder() -> Case:
    torch.manual_seed(3)
    inputs, _ = measured(seed=3)

    def reconstruction(out: tuple[Tensor, Tensor], original: Tensor) -> Tensor:
        return F.mse_loss(out[0], original)

    return {"model": Codebook(), "loss": reconstruction, "inputs": inputs, "targets": inputs.clone()}


class BinaryNet(nn.Module):
    """torch.sign has slope 0 wherever it has one: what lies before it never learns."""

    def __init__(self) -> None:
        super().__init__()
        self.lower = nn.Linear(8, 32)
        self.upper = nn.Linear(32, 1)

    def binarise(self, z: Tensor) -> Tensor:
        return torch.sign(z)

    def forward(self, x: Tensor) -> Tensor:
        return self.upper(self.binarise(self.lower(x)))


class StraightThroughNet(BinaryNet):
    def binarise(self, z: Tensor) -> Tensor:
        soft = torch.clamp(z, -1, 1)
        return soft + (torch.sign(z) - soft).detach()


def sign_activation() -> Case:
    torch.manual_seed(4)
    inputs, targets = measured(seed=4)
    return {"model": BinaryNet(), "loss": nn.SmoothL1Loss(), "inputs": inputs, "targets": targets}


class TwoTasks(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(8, 24), nn.GELU())
        self.buys = nn.Linear(24, 1)
        self.spends = nn.Linear(24, 1)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        h = self.trunk(x)
        return {"buys": self.buys(h), "spends": self.spends(h)}


def error_rate_as_a_loss() -> Case:
    """One task's loss counts wrong decisions, which no small step changes."""
    torch.manual_seed(5)
    inputs, buys = binary(seed=5)
    _, spends = measured(seed=5)

    def criterion(out: dict[str, Tensor], y: dict[str, Tensor]) -> Tensor:
        decisions = (torch.sigmoid(out["buys"]) > 0.5).float()
        wrong = (decisions - y["buys"]).abs().mean()
        return wrong + F.mse_loss(out["spends"], y["spends"])

    return {
        "model": TwoTasks(),
        "loss": criterion,
        "inputs": inputs,
        "targets": {"buys": buys, "spends": spends},
    }


class NumpyFeatures(nn.Module):
    """One of two branches leaves torch for numpy and comes back as a new tensor."""

    def __init__(self) -> None:
        super().__init__()
        self.deep = nn.Sequential(nn.Linear(8, 16), nn.SiLU(), nn.Linear(16, 3))
        self.spectral = nn.Linear(8, 8)
        self.mix = nn.Linear(5, 3)

    def spectrum(self, z: Tensor) -> Tensor:
        return torch.from_numpy(abs(torch.fft.rfft(z).detach().numpy()))

    def forward(self, x: Tensor) -> Tensor:
        return self.deep(x) + self.mix(self.spectrum(self.spectral(x)))


class TorchFeatures(NumpyFeatures):
    def spectrum(self, z: Tensor) -> Tensor:
        return torch.fft.rfft(z).abs()


def numpy_round_trip() -> Case:
    torch.manual_seed(6)
    inputs, targets = classified(seed=6)
    return {"model": NumpyFeatures(), "loss": nn.CrossEntropyLoss(), "inputs": inputs, "targets": targets}


CASES: dict[str, Make] = {
    "detached_features": detached_features,
    "forgotten_layer_cnn": forgotten_layer_cnn,
    "no_grad_lstm": no_grad_lstm,
    "quantised_autoencoder": quantised_autoencoder,
    "sign_activation": sign_activation,
    "error_rate_as_a_loss": error_rate_as_a_loss,
    "numpy_round_trip": numpy_round_trip,
}


def likelihood_as_a_loss() -> Case:
    def criterion(out: dict[str, Tensor], y: dict[str, Tensor]) -> Tensor:
        return F.binary_cross_entropy_with_logits(out["buys"], y["buys"]) + F.mse_loss(out["spends"], y["spends"])

    return mend(error_rate_as_a_loss(), loss=criterion)


MENDED: dict[str, Make] = {
    "detached_features": lambda: mend(detached_features(), model=JoinedEncoder()),
    "forgotten_layer_cnn": lambda: mend(forgotten_layer_cnn(), model=Used()),
    "no_grad_lstm": lambda: mend(no_grad_lstm(), model=NoGradLSTM(training_backbone=True)),
    "quantised_autoencoder": lambda: mend(quantised_autoencoder(), model=Codebook(straight_through=True)),
    "sign_activation": lambda: mend(sign_activation(), model=StraightThroughNet()),
    "error_rate_as_a_loss": likelihood_as_a_loss,
    "numpy_round_trip": lambda: mend(numpy_round_trip(), model=TorchFeatures()),
}
