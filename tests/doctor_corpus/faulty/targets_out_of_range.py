"""The targets lie where the loss is not meant to go, or where no output can follow."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from doctor_corpus.batches import binary, classified, images, measured, multilabel, sequences
from doctor_corpus.case import Case, Make, mend


def minus_one_and_one() -> Case:
    torch.manual_seed(0)
    inputs, targets = binary()
    model = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 1))
    return {"model": model, "loss": nn.BCEWithLogitsLoss(), "inputs": inputs, "targets": 2 * targets - 1}


class Segmenter(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.enc = nn.Conv2d(1, 12, 3, padding=1)
        self.dec = nn.Conv2d(12, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.dec(F.relu(self.enc(x)))


def mask_as_bytes() -> Case:
    """The mask was read from a PNG: 0 and 255."""
    torch.manual_seed(1)
    x = images(4, seed=1)
    mask = (x > 0).to(torch.uint8) * 255

    def criterion(logits: Tensor, mask: Tensor) -> Tensor:
        return F.binary_cross_entropy_with_logits(logits, mask.float())

    return {"model": Segmenter(), "loss": criterion, "inputs": x, "targets": mask}


def classes_from_one() -> Case:
    torch.manual_seed(2)
    inputs, targets = classified(classes=4, seed=2)
    model = nn.Sequential(nn.Linear(8, 32), nn.GELU(), nn.LayerNorm(32), nn.Linear(32, 4))
    return {"model": model, "loss": nn.CrossEntropyLoss(), "inputs": inputs, "targets": targets + 1}


class Wait(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.gru = nn.GRU(6, 16, batch_first=True)
        self.fc = nn.Linear(16, 1)

    def forward(self, x: Tensor) -> Tensor:
        _, h = self.gru(x)
        return torch.sigmoid(self.fc(h[-1]))


def minutes_from_a_sigmoid() -> Case:
    """The network ends in a sigmoid, the targets are minutes: 5 to 60."""
    torch.manual_seed(3)
    x = sequences(seed=3)
    minutes = 5 + 55 * torch.rand(16, 1)
    return {"model": Wait(), "loss": nn.MSELoss(), "inputs": x, "targets": minutes}


def labels_one_and_two_by_softplus() -> Case:
    torch.manual_seed(4)
    inputs, targets = binary(seed=4)

    def logistic(z: Tensor, y: Tensor) -> Tensor:
        return (F.softplus(z) - y * z).mean()

    model = nn.Sequential(nn.Linear(8, 24), nn.Tanh(), nn.Linear(24, 1))
    return {"model": model, "loss": logistic, "inputs": inputs, "targets": targets + 1}


class Autoencoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Flatten(), nn.Linear(64, 24), nn.ReLU())
        self.decoder = nn.Sequential(nn.Linear(24, 64), nn.Tanh())

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        code = self.encoder(x)
        return self.decoder(code).view_as(x), code


def pixels_to_a_tanh_decoder() -> Case:
    """The inputs are scaled to [−1, 1], the originals (0 to 255) are taken for targets."""
    torch.manual_seed(5)
    pixels = torch.randint(256, (16, 1, 8, 8)).float()

    def reconstruction(out: tuple[Tensor, Tensor], original: Tensor) -> Tensor:
        return F.l1_loss(out[0], original)

    return {"model": Autoencoder(), "loss": reconstruction, "inputs": pixels / 127.5 - 1, "targets": pixels}


def label_counts_multitask() -> Case:
    """How often each tag was given, not whether: some targets are 2 and 3."""
    torch.manual_seed(6)
    inputs, tags = multilabel(seed=6)
    _, price = measured(features=10, seed=6)
    counts = tags * torch.randint(1, 4, tags.shape)

    class Shop(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.trunk = nn.Sequential(nn.Linear(10, 32), nn.SiLU())
            self.tags = nn.Linear(32, 5)
            self.price = nn.Linear(32, 1)

        def forward(self, x: Tensor) -> dict[str, Tensor]:
            h = self.trunk(x)
            return {"tags": self.tags(h), "price": self.price(h)}

    def criterion(out: dict[str, Tensor], y: dict[str, Tensor]) -> Tensor:
        return F.mse_loss(out["price"], y["price"]) + F.binary_cross_entropy_with_logits(out["tags"], y["tags"])

    return {"model": Shop(), "loss": criterion, "inputs": inputs, "targets": {"tags": counts, "price": price}}


CASES: dict[str, Make] = {
    "minus_one_and_one": minus_one_and_one,
    "mask_as_bytes": mask_as_bytes,
    "classes_from_one": classes_from_one,
    "minutes_from_a_sigmoid": minutes_from_a_sigmoid,
    "labels_one_and_two_by_softplus": labels_one_and_two_by_softplus,
    "pixels_to_a_tanh_decoder": pixels_to_a_tanh_decoder,
    "label_counts_multitask": label_counts_multitask,
}


def counts_mended() -> Case:
    case = label_counts_multitask()
    targets = case["targets"]
    return mend(case, targets={**targets, "tags": (targets["tags"] > 0).float()})


def retargeted(case: Case, scale: float, shift: float = 0.0) -> Case:
    return mend(case, targets=case["targets"] * scale + shift)


def classes_from_zero() -> Case:
    case = classes_from_one()
    return mend(case, targets=case["targets"] - 1)


MENDED: dict[str, Make] = {
    "minus_one_and_one": lambda: retargeted(minus_one_and_one(), 0.5, 0.5),
    "mask_as_bytes": lambda: mend(mask_as_bytes(), targets=mask_as_bytes()["targets"] // 255),
    "classes_from_one": classes_from_zero,
    "minutes_from_a_sigmoid": lambda: retargeted(minutes_from_a_sigmoid(), 1 / 60),
    "labels_one_and_two_by_softplus": lambda: retargeted(labels_one_and_two_by_softplus(), 1.0, -1.0),
    "pixels_to_a_tanh_decoder": lambda: retargeted(pixels_to_a_tanh_decoder(), 1 / 127.5, -1.0),
    "label_counts_multitask": counts_mended,
}
