"""Right code that has a faulty sister: the same words in another place or order."""

import copy

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from doctor_corpus.batches import binary, classified, images, measured, multilabel, sequences
from doctor_corpus.blocks import mlp
from doctor_corpus.case import Case, Make


class GatedHead(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.value = nn.Linear(8, 24)
        self.gate = nn.Linear(8, 24)
        self.head = nn.Linear(24, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.value(x) * torch.sigmoid(self.gate(x)))


def sigmoid_gates_before_a_logits_head() -> Case:
    torch.manual_seed(0)
    inputs, targets = binary()
    return {"model": GatedHead(), "loss": nn.BCEWithLogitsLoss(), "inputs": inputs, "targets": targets}


def hidden_sigmoid_layer() -> Case:
    torch.manual_seed(1)
    inputs, targets = binary()
    model = mlp(8, 32, 1, activation=nn.Sigmoid)
    return {"model": model, "loss": F.binary_cross_entropy_with_logits, "inputs": inputs, "targets": targets}


def sigmoid_with_bce_loss() -> Case:
    """Fragile, not wrong: its logits are small."""
    torch.manual_seed(2)
    inputs, targets = binary()
    model = nn.Sequential(mlp(8, 32, 1), nn.Sigmoid())
    return {"model": model, "loss": nn.BCELoss(), "inputs": inputs, "targets": targets}


class AttentionPooling(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Linear(6, 16)
        self.score = nn.Linear(16, 1)
        self.head = nn.Linear(16, 3)

    def forward(self, x: Tensor) -> Tensor:
        h = torch.tanh(self.embed(x))
        weights = torch.softmax(self.score(h), dim=1)
        return self.head((weights * h).sum(1))


def softmax_attention() -> Case:
    torch.manual_seed(3)
    x = sequences()
    return {"model": AttentionPooling(), "loss": nn.CrossEntropyLoss(), "inputs": x, "targets": x[:, 0, :3].argmax(1)}


def log_softmax_with_nll() -> Case:
    torch.manual_seed(4)
    inputs, targets = classified()
    model = nn.Sequential(mlp(8, 24, 3), nn.LogSoftmax(dim=1))
    return {"model": model, "loss": nn.NLLLoss(), "inputs": inputs, "targets": targets}


def log_softmax_with_cross_entropy() -> Case:
    """Superfluous, but log-softmax of a log-softmax is itself."""
    torch.manual_seed(5)
    inputs, targets = classified()
    model = nn.Sequential(mlp(8, 24, 3), nn.LogSoftmax(dim=1))
    return {"model": model, "loss": nn.CrossEntropyLoss(), "inputs": inputs, "targets": targets}


def log_of_softmax_by_hand() -> Case:
    torch.manual_seed(6)
    inputs, targets = classified()

    def criterion(logits: Tensor, y: Tensor) -> Tensor:
        return F.nll_loss(torch.log(logits.softmax(dim=1) + 1e-9), y)

    return {"model": mlp(8, 24, 3), "loss": criterion, "inputs": inputs, "targets": targets}


def label_smoothing() -> Case:
    torch.manual_seed(7)
    inputs, targets = classified(classes=5)
    loss = nn.CrossEntropyLoss(label_smoothing=0.1)
    return {"model": mlp(8, 24, 5), "loss": loss, "inputs": inputs, "targets": targets}


def smoothed_binary_targets() -> Case:
    torch.manual_seed(8)
    inputs, targets = binary()
    return {
        "model": mlp(8, 24, 1),
        "loss": nn.BCEWithLogitsLoss(),
        "inputs": inputs,
        "targets": 0.9 * targets + 0.05,
    }


def soft_targets_that_sum_to_one() -> Case:
    torch.manual_seed(9)
    inputs, targets = classified()
    mixed = 0.7 * F.one_hot(targets, 3) + 0.3 * F.one_hot(targets.roll(1), 3)
    return {"model": mlp(8, 24, 3), "loss": nn.CrossEntropyLoss(), "inputs": inputs, "targets": mixed}


def brier_score_of_exclusive_classes() -> Case:
    torch.manual_seed(10)
    inputs, targets = classified()
    model = nn.Sequential(mlp(8, 24, 3), nn.Softmax(dim=1))
    one_hot = F.one_hot(targets, 3).float()
    return {"model": model, "loss": nn.MSELoss(), "inputs": inputs, "targets": one_hot}


def frozen_backbone() -> Case:
    torch.manual_seed(11)
    inputs, targets = classified()
    backbone = mlp(8, 32, 32).requires_grad_(False)
    model = nn.Sequential(backbone, nn.ReLU(), nn.Linear(32, 3))
    return {"model": model, "loss": nn.CrossEntropyLoss(), "inputs": inputs, "targets": targets}


class FrozenFeatures(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.backbone = nn.Conv2d(1, 8, 3).requires_grad_(False)
        self.head = nn.Linear(8, 2)

    def forward(self, x: Tensor) -> Tensor:
        with torch.no_grad():
            features = F.relu(self.backbone(x)).mean((2, 3))
        return self.head(features)


def frozen_under_no_grad() -> Case:
    torch.manual_seed(12)
    x = images()
    targets = (x.mean((1, 2, 3)) > 0).long()
    return {"model": FrozenFeatures(), "loss": nn.CrossEntropyLoss(), "inputs": x, "targets": targets}


def autoencoder_with_sigmoid_and_mse() -> Case:
    torch.manual_seed(13)
    pixels = torch.rand(16, 64)
    model = nn.Sequential(mlp(64, 16, 64), nn.Sigmoid())
    return {"model": model, "loss": nn.MSELoss(), "inputs": pixels, "targets": pixels.clone()}


def autoencoder_with_logits_on_grey_pixels() -> Case:
    torch.manual_seed(14)
    pixels = torch.rand(16, 64)
    return {"model": mlp(64, 16, 64), "loss": nn.BCEWithLogitsLoss(), "inputs": pixels, "targets": pixels.clone()}


def regression_of_a_share_by_sigmoid() -> Case:
    torch.manual_seed(15)
    inputs, targets = measured()
    model = nn.Sequential(mlp(8, 24, 1, activation=nn.Tanh), nn.Sigmoid())
    return {"model": model, "loss": nn.SmoothL1Loss(), "inputs": inputs, "targets": torch.sigmoid(targets)}


def scaled_sigmoid_regression() -> Case:
    """A rating from 1 to 5, as 1 + 4σ(z)."""
    torch.manual_seed(16)
    inputs, targets = measured()

    class Rating(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.net = mlp(8, 24, 1)

        def forward(self, x: Tensor) -> Tensor:
            return 1 + 4 * torch.sigmoid(self.net(x))

    return {"model": Rating(), "loss": nn.MSELoss(), "inputs": inputs, "targets": 3 + targets.clamp(-2, 2)}


def threshold_zero_on_logits() -> Case:
    torch.manual_seed(17)
    inputs, targets = binary()
    return {
        "model": mlp(8, 24, 1),
        "loss": nn.BCEWithLogitsLoss(),
        "inputs": inputs,
        "targets": targets,
        "predict": lambda out: (out > 0).float(),
    }


def threshold_half_on_probabilities() -> Case:
    torch.manual_seed(18)
    inputs, targets = multilabel()
    return {
        "model": mlp(10, 24, 5),
        "loss": nn.BCEWithLogitsLoss(),
        "inputs": inputs,
        "targets": targets,
        "predict": lambda out: torch.sigmoid(out) > 0.5,
    }


def threshold_half_after_least_squares() -> Case:
    """A linear probability model: its outputs estimate the probability itself."""
    torch.manual_seed(19)
    inputs, targets = binary()
    return {
        "model": nn.Linear(8, 1),
        "loss": nn.MSELoss(),
        "inputs": inputs,
        "targets": targets,
        "predict": lambda out: out > 0.5,
    }


def threshold_half_of_a_bce_loss_model() -> Case:
    torch.manual_seed(20)
    inputs, targets = binary()
    return {
        "model": nn.Sequential(mlp(8, 24, 1), nn.Sigmoid()),
        "loss": nn.BCELoss(),
        "inputs": inputs,
        "targets": targets,
        "predict": lambda p: p.round(),
    }


def argmax_of_classes() -> Case:
    torch.manual_seed(21)
    inputs, targets = classified(classes=2)
    return {
        "model": mlp(8, 24, 2),
        "loss": nn.CrossEntropyLoss(weight=torch.tensor([1.0, 2.0])),
        "inputs": inputs,
        "targets": targets,
        "predict": lambda out: out.argmax(dim=1),
    }


def relu_layer_with_some_dead_units() -> Case:
    torch.manual_seed(22)
    inputs, targets = classified()
    model = mlp(8, 48, 3)
    nn.init.constant_(model.get_parameter("0.bias")[:12], -20.0)
    return {"model": model, "loss": nn.CrossEntropyLoss(), "inputs": inputs, "targets": targets}


def zero_initialised_head() -> Case:
    torch.manual_seed(23)
    inputs, targets = classified(classes=4)
    model = mlp(8, 32, 4, activation=nn.GELU)
    nn.init.zeros_(model.get_parameter("2.weight"))
    nn.init.zeros_(model.get_parameter("2.bias"))
    return {"model": model, "loss": nn.CrossEntropyLoss(), "inputs": inputs, "targets": targets}


def logistic_regression_from_zeros() -> Case:
    """Without a hidden layer there is no symmetry to break."""
    torch.manual_seed(24)
    inputs, targets = binary()
    model = nn.Linear(8, 1)
    nn.init.zeros_(model.weight)
    nn.init.zeros_(model.bias)
    return {"model": model, "loss": nn.BCEWithLogitsLoss(), "inputs": inputs, "targets": targets}


class InplaceBlock(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 3, padding=1)
        self.conv2 = nn.Conv2d(8, 8, 3, padding=1)
        self.act = nn.ReLU(inplace=True)
        self.fc = nn.Linear(8, 2)

    def forward(self, x: Tensor) -> Tensor:
        x = self.act(self.conv1(x))
        h = self.conv2(x)
        h += x
        self.act(h)
        return self.fc(h.mean((2, 3)))


def inplace_where_it_is_allowed() -> Case:
    torch.manual_seed(25)
    x = images()
    targets = (x.mean((1, 2, 3)) > 0).long()
    return {"model": InplaceBlock(), "loss": nn.CrossEntropyLoss(), "inputs": x, "targets": targets}


def squeeze_of_a_named_axis() -> Case:
    torch.manual_seed(26)
    inputs, targets = measured()

    def criterion(out: Tensor, y: Tensor) -> Tensor:
        return ((out.squeeze(-1) - y) ** 2).mean()

    return {"model": mlp(8, 24, 1), "loss": criterion, "inputs": inputs, "targets": targets.squeeze(1)}


def broadcast_meant_as_such() -> Case:
    """Per-column scales (K,) meet targets (B, K)."""
    torch.manual_seed(27)
    inputs, targets = measured(columns=3)
    scale = targets.std(0)

    def criterion(out: Tensor, y: Tensor) -> Tensor:
        return (((out - y) / scale) ** 2).mean()

    return {"model": mlp(8, 24, 3), "loss": criterion, "inputs": inputs, "targets": targets}


def likelihood_below_zero() -> Case:
    """A density may exceed 1, so a Gaussian's negative log-likelihood may fall below 0."""
    torch.manual_seed(28)
    inputs, targets = measured()

    def criterion(out: Tensor, y: Tensor) -> Tensor:
        mean, log_variance = out.chunk(2, dim=1)
        return F.gaussian_nll_loss(mean, y, log_variance.exp())

    return {"model": mlp(8, 24, 2), "loss": criterion, "inputs": inputs, "targets": 0.05 * targets}


def ignored_index() -> Case:
    torch.manual_seed(29)
    inputs, targets = classified()
    targets[::4] = -100
    return {"model": mlp(8, 24, 3), "loss": nn.CrossEntropyLoss(), "inputs": inputs, "targets": targets}


def minus_one_and_one_with_soft_margin() -> Case:
    torch.manual_seed(30)
    inputs, targets = binary()
    return {"model": mlp(8, 24, 1), "loss": nn.SoftMarginLoss(), "inputs": inputs, "targets": 2 * targets - 1}


class Bootstrap(nn.Module):
    """An online network learns to predict what a frozen, slowly moving copy says (BYOL)."""

    def __init__(self) -> None:
        super().__init__()
        self.online = mlp(8, 24, 12)
        self.predictor = mlp(12, 24, 12)
        self.target = copy.deepcopy(self.online).requires_grad_(False)

    def forward(self, left: Tensor, right: Tensor) -> tuple[Tensor, Tensor]:
        with torch.no_grad():
            expected = self.target(right)
        return self.predictor(self.online(left)), expected


def stop_gradient_on_purpose() -> Case:
    torch.manual_seed(31)
    inputs, _ = measured()

    def criterion(out: tuple[Tensor, Tensor], _: object) -> Tensor:
        return 2 - 2 * F.cosine_similarity(out[0], out[1], dim=1).mean()

    noisy = (inputs + 0.1 * torch.randn_like(inputs), inputs + 0.1 * torch.randn_like(inputs))
    return {"model": Bootstrap(), "loss": criterion, "inputs": noisy, "targets": torch.zeros(32)}


def one_class_in_the_batch() -> Case:
    torch.manual_seed(32)
    inputs, targets = classified()
    return {"model": mlp(8, 24, 3), "loss": F.cross_entropy, "inputs": inputs, "targets": torch.zeros_like(targets)}


def policy_gradient() -> Case:
    """Probabilities are picked and their logarithm weighed with advantages of both signs."""
    torch.manual_seed(33)
    inputs, advantage = measured()
    actions = torch.randint(4, (32, 1))

    def criterion(out: Tensor, batch: tuple[Tensor, Tensor]) -> Tensor:
        log_probability = torch.log_softmax(out, dim=1).gather(1, batch[0])
        return -(log_probability * batch[1]).mean()

    return {"model": mlp(8, 24, 4), "loss": criterion, "inputs": inputs, "targets": (actions, advantage)}


CASES: dict[str, Make] = {
    make.__name__: make
    for make in (
        sigmoid_gates_before_a_logits_head,
        hidden_sigmoid_layer,
        sigmoid_with_bce_loss,
        softmax_attention,
        log_softmax_with_nll,
        log_softmax_with_cross_entropy,
        log_of_softmax_by_hand,
        label_smoothing,
        smoothed_binary_targets,
        soft_targets_that_sum_to_one,
        brier_score_of_exclusive_classes,
        frozen_backbone,
        frozen_under_no_grad,
        autoencoder_with_sigmoid_and_mse,
        autoencoder_with_logits_on_grey_pixels,
        regression_of_a_share_by_sigmoid,
        scaled_sigmoid_regression,
        threshold_zero_on_logits,
        threshold_half_on_probabilities,
        threshold_half_after_least_squares,
        threshold_half_of_a_bce_loss_model,
        argmax_of_classes,
        relu_layer_with_some_dead_units,
        zero_initialised_head,
        logistic_regression_from_zeros,
        inplace_where_it_is_allowed,
        squeeze_of_a_named_axis,
        broadcast_meant_as_such,
        likelihood_below_zero,
        ignored_index,
        minus_one_and_one_with_soft_margin,
        stop_gradient_on_purpose,
        one_class_in_the_batch,
        policy_gradient,
    )
}
