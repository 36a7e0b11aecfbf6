"""Something that is no probability reaches a loss that takes the logarithm of probabilities."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from doctor_corpus.batches import binary, images, labels_of, measured, multilabel, sequences
from doctor_corpus.case import Case, Make, mend


def sequential() -> Case:
    torch.manual_seed(0)
    inputs, targets = binary()
    model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 1))
    return {"model": model, "loss": nn.BCELoss(), "inputs": inputs, "targets": targets}


class GruTagger(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.gru = nn.GRU(6, 16, batch_first=True, bidirectional=True)
        self.tag = nn.Linear(32, 1)

    def forward(self, x: Tensor) -> Tensor:
        out, _ = self.gru(x)
        return self.tag(out.mean(dim=1))


def gru_functional_loss() -> Case:
    torch.manual_seed(1)
    x = sequences(seed=1)
    return {"model": GruTagger(), "loss": F.binary_cross_entropy, "inputs": x, "targets": labels_of(x)}


def clamped_by_hand() -> Case:
    """The clamp hides the error message, and with it the gradient of every logit outside [0, 1]."""
    torch.manual_seed(2)
    inputs, targets = multilabel()

    def bce(outputs: Tensor, labels: Tensor) -> Tensor:
        p = torch.clamp(outputs, 1e-6, 1 - 1e-6)
        return F.binary_cross_entropy(p, labels)

    model = nn.Sequential(nn.Linear(10, 32), nn.LeakyReLU(0.1), nn.Linear(32, 5))
    return {"model": model, "loss": bce, "inputs": inputs, "targets": targets}


class TanhCNN(nn.Module):
    """Ends in tanh, as a generator would: half of its range is negative."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 3, stride=2, padding=1)
        self.conv2 = nn.Conv2d(8, 1, 4)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv2(F.leaky_relu(self.conv1(x), 0.2)).flatten(1).tanh()


def tanh_discriminator() -> Case:
    torch.manual_seed(3)
    x = images()
    return {"model": TanhCNN(), "loss": nn.BCELoss(), "inputs": x, "targets": labels_of(x)}


def sigmoid_forgotten_on_one_head() -> Case:
    torch.manual_seed(4)
    features, buys = binary(seed=4)
    _, basket = measured(seed=4)

    class TwoHeads(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.trunk = nn.Sequential(nn.Linear(8, 24), nn.ELU())
            self.heads = nn.ModuleDict({"buys": nn.Linear(24, 1), "basket": nn.Linear(24, 1)})

        def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
            h = self.trunk(x)
            return self.heads["buys"](h), self.heads["basket"](h)

    def criterion(outputs: tuple[Tensor, Tensor], labels: tuple[Tensor, Tensor]) -> Tensor:
        return F.binary_cross_entropy(outputs[0], labels[0]) + F.huber_loss(outputs[1], labels[1])

    return {"model": TwoHeads(), "loss": criterion, "inputs": features, "targets": (buys, basket)}


def inside_the_range_by_luck() -> Case:
    """A careful first bias keeps every output of the first batch inside [0, 1]; an update ends that."""
    torch.manual_seed(5)
    inputs, targets = binary(seed=5)
    model = nn.Sequential(nn.Linear(8, 16), nn.Tanh(), nn.Linear(16, 1))
    with torch.no_grad():
        model.get_parameter("2.weight").mul_(0.2)
        model.get_parameter("2.bias").fill_(0.5)
    return {"model": model, "loss": nn.BCELoss(), "inputs": inputs, "targets": targets}


CASES: dict[str, Make] = {
    "sequential": sequential,
    "gru_functional_loss": gru_functional_loss,
    "clamped_by_hand": clamped_by_hand,
    "tanh_discriminator": tanh_discriminator,
    "sigmoid_forgotten_on_one_head": sigmoid_forgotten_on_one_head,
    "inside_the_range_by_luck": inside_the_range_by_luck,
}


def two_heads_mended() -> Case:
    def criterion(outputs: tuple[Tensor, Tensor], labels: tuple[Tensor, Tensor]) -> Tensor:
        return F.binary_cross_entropy_with_logits(outputs[0], labels[0]) + F.huber_loss(outputs[1], labels[1])

    return mend(sigmoid_forgotten_on_one_head(), loss=criterion)


MENDED: dict[str, Make] = {
    "sequential": lambda: mend(sequential(), loss=nn.BCEWithLogitsLoss()),
    "gru_functional_loss": lambda: mend(gru_functional_loss(), loss=F.binary_cross_entropy_with_logits),
    "clamped_by_hand": lambda: mend(clamped_by_hand(), loss=nn.BCEWithLogitsLoss()),
    "tanh_discriminator": lambda: mend(
        tanh_discriminator(), loss=lambda tanh, y: F.binary_cross_entropy((tanh + 1) / 2, y)
    ),
    "sigmoid_forgotten_on_one_head": two_heads_mended,
    "inside_the_range_by_luck": lambda: mend(inside_the_range_by_luck(), loss=nn.BCEWithLogitsLoss()),
}
