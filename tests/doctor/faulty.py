"""Small faulty cases, by rule: each written in a different way, as people write them."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Parts = dict[str, Any]
Build = Callable[[], Parts]

X = torch.randn(16, 8, generator=torch.Generator().manual_seed(1))
Y = (X[:, :1] + 0.3 * X[:, 1:2] > 0).float()
CLASSES = (X[:, 0] > 0).long() + (X[:, 1] > 0).long()
ONE_HOT = F.one_hot(CLASSES, 3).float()
MULTI_HOT = (X[:, :3] > 0).float()
REAL = X @ torch.linspace(-1, 1, 8)[:, None]


def mlp(outputs: int = 1, *end: nn.Module, width: int = 16) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(8, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, outputs), *end
    )


def case(model: nn.Module, loss: Any, targets: Any = Y, inputs: Any = X, **more: Any) -> Parts:
    return {"model": model, "loss": loss, "inputs": inputs, "targets": targets, **more}


class Wrapped(nn.Module):
    """Applies a function to a model's outputs."""

    def __init__(self, body: nn.Module, end: Callable[[Tensor], Any]) -> None:
        super().__init__()
        self.body, self.end = body, end

    def forward(self, x: Tensor) -> Any:
        return self.end(self.body(x))


class Twice(nn.Module):
    """Calls a model on each of two batches."""

    def __init__(self, body: nn.Module) -> None:
        super().__init__()
        self.body = body

    def forward(self, one: Tensor, other: Tensor) -> tuple[Tensor, Tensor]:
        return self.body(one), self.body(other)


class OwnSigmoid(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, z: Tensor) -> Tensor:
        value = 1 / (1 + torch.exp(-z))
        ctx.save_for_backward(value)
        return value

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        value: Tensor = ctx.saved_tensors[0]
        return gradient * value * (1 - value)


def own_sigmoid(z: Tensor) -> Tensor:
    result: Tensor = OwnSigmoid.apply(z)  # type: ignore[no-untyped-call]
    return result


def on(change: Callable[[Tensor], Tensor], loss: Any) -> Callable[[Any, Any], Any]:
    return lambda outputs, targets: loss(change(outputs), targets)


WITH_LOGITS, BCE, CE, MSE, NLL = nn.BCEWithLogitsLoss(), nn.BCELoss(), nn.CrossEntropyLoss(), nn.MSELoss(), nn.NLLLoss()


def hand_bce(p: Tensor, y: Tensor) -> Tensor:
    return -(y * torch.log(p) + (1 - y) * torch.log(1 - p)).mean()


def hand_bce_eps(p: Tensor, y: Tensor) -> Tensor:
    return (-y * torch.log(p + 1e-8) - (1 - y) * torch.log(1 - p + 1e-8)).sum() / len(y)


def hand_bce_clamped(p: Tensor, y: Tensor) -> Tensor:
    p = p.clamp(1e-6, 1 - 1e-6)
    return torch.mean(-torch.where(y == 1, p.log(), torch.log1p(-p)))


def focal(p: Tensor, y: Tensor) -> Tensor:
    pt = y * p + (1 - y) * (1 - p)
    return (-((1 - pt) ** 2) * pt.log()).mean()


def masked_logs(p: Tensor, y: Tensor) -> Tensor:
    return -(torch.log(p[y == 1]).sum() + torch.log(1 - p[y == 0]).sum()) / y.numel()


def stable_by_hand(z: Tensor, y: Tensor) -> Tensor:
    return (z.clamp(min=0) - z * y + torch.log1p(torch.exp(-z.abs()))).mean()


def softplus_by_hand(z: Tensor, y: Tensor) -> Tensor:
    return (F.softplus(z) - y * z).mean()


def logsigmoid_by_hand(z: Tensor, y: Tensor) -> Tensor:
    return -(y * F.logsigmoid(z) + (1 - y) * F.logsigmoid(-z)).mean()


def constant(model: nn.Module, value: float, biases: bool = True) -> nn.Module:
    for name, parameter in model.named_parameters():
        if biases or "bias" not in name:
            nn.init.constant_(parameter, value)
    return model


def deep(activation: Callable[[], nn.Module], depth: int, width: int = 32, std: float | None = None) -> nn.Sequential:
    parts: list[nn.Module] = []
    for layer in range(depth):
        parts += [nn.Linear(8 if layer == 0 else width, width), activation()]
    model = nn.Sequential(*parts, nn.Linear(width, 1))
    for module in model:
        if std is not None and isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, std=std)
    return model


class Recurrent(nn.Module):
    def __init__(self, cell: nn.Module, head: nn.Module) -> None:
        super().__init__()
        self.cell, self.head = cell, head

    def forward(self, x: Tensor) -> Tensor:
        out = self.cell(x)[0]
        result: Tensor = self.head(out[:, -1])
        return result


class ByHand(nn.Module):
    def __init__(self, gain: float) -> None:
        super().__init__()
        self.u, self.w, self.head = nn.Linear(3, 16), nn.Linear(16, 16), nn.Linear(16, 1)
        nn.init.orthogonal_(self.w.weight, gain)

    def forward(self, x: Tensor) -> Tensor:
        h = torch.zeros(len(x), 16)
        for t in range(x.shape[1]):
            h = self.w(h) + self.u(x[:, t])
        result: Tensor = self.head(h)
        return result


class Parted(nn.Module):
    """Two branches, combined by a function."""

    def __init__(self, combine: Callable[[Tensor, Tensor], Tensor]) -> None:
        super().__init__()
        self.left, self.right, self.head = nn.Linear(8, 16), nn.Linear(8, 16), nn.Linear(16, 1)
        self.combine = combine

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.head(self.combine(self.left(x).tanh(), self.right(x).tanh()))
        return result


class Listed(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.hidden = [nn.Linear(8, 8), nn.Linear(8, 8)]
        self.head = nn.Linear(8, 1)

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.hidden:
            x = layer(x).relu()
        result: Tensor = self.head(x)
        return result


def without_grad(left: Tensor, right: Tensor) -> Tensor:
    return left + right.detach()


def write_after_sigmoid(left: Tensor, right: Tensor) -> Tensor:
    gate = torch.sigmoid(left)
    gate *= right
    return gate


def write_index(left: Tensor, right: Tensor) -> Tensor:
    value = left.exp()
    value[value > 1] = 1.0
    return value * right


def write_through_data(left: Tensor, right: Tensor) -> Tensor:
    h = left * right
    h.data.clamp_(min=0)
    return h * h


def smooth_in_place(z: Tensor, y: Tensor) -> Tensor:
    y.mul_(0.9).add_(0.05)
    return F.binary_cross_entropy_with_logits(z, y)


class DeadBias(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Linear(8, 32), nn.Linear(32, 1)
        nn.init.constant_(self.a.bias, -20.0)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.b(F.relu(self.a(x)))
        return result


SEQUENCE = torch.randn(8, 60, 3, generator=torch.Generator().manual_seed(2))

FAULTY: dict[str, tuple[str, Build]] = {
    "module": ("sigmoid-before-bce-with-logits", lambda: case(mlp(1, nn.Sigmoid()), WITH_LOGITS)),
    "tanh": (
        "sigmoid-before-bce-with-logits",
        lambda: case(Wrapped(mlp(), lambda z: 0.5 * (1 + torch.tanh(z / 2))), WITH_LOGITS),
    ),
    "logsigmoid.exp": (
        "sigmoid-before-bce-with-logits",
        lambda: case(Wrapped(mlp(), lambda z: F.logsigmoid(z).exp()), WITH_LOGITS),
    ),
    "own function": ("sigmoid-before-bce-with-logits", lambda: case(Wrapped(mlp(), own_sigmoid), WITH_LOGITS)),
    "in the loss": ("sigmoid-before-bce-with-logits", lambda: case(mlp(), on(torch.sigmoid, WITH_LOGITS))),
    "dict": (
        "sigmoid-before-bce-with-logits",
        lambda: case(Wrapped(mlp(), lambda z: {"p": z.sigmoid()}), lambda o, t: WITH_LOGITS(o["p"], t)),
    ),
    "stable by hand": ("sigmoid-before-bce-with-logits", lambda: case(mlp(1, nn.Sigmoid()), stable_by_hand)),
    "softplus by hand": ("sigmoid-before-bce-with-logits", lambda: case(mlp(1, nn.Sigmoid()), softplus_by_hand)),
    "logsigmoid by hand": ("sigmoid-before-bce-with-logits", lambda: case(mlp(1, nn.Sigmoid()), logsigmoid_by_hand)),
    "bce": ("sigmoid-then-bce-loss", lambda: case(mlp(1, nn.Sigmoid()), BCE)),
    "bce by naive": ("sigmoid-then-bce-loss", lambda: case(Wrapped(mlp(), lambda z: 1 / (1 + (-z).exp())), BCE)),
    "twice": ("sigmoid-then-bce-loss", lambda: case(mlp(1, nn.Sigmoid()), on(torch.sigmoid, BCE))),
    "multi": ("sigmoid-then-bce-loss", lambda: case(mlp(3, nn.Sigmoid()), F.binary_cross_entropy, MULTI_HOT)),
    "raw": ("logits-into-bce", lambda: case(mlp(), BCE)),
    "clamped": ("logits-into-bce", lambda: case(mlp(), on(lambda z: z.clamp(1e-7, 1 - 1e-7), BCE))),
    "relu": ("logits-into-bce", lambda: case(mlp(1, nn.ReLU()), on(lambda z: z.clamp(max=1), BCE))),
    "tanh out": ("logits-into-bce", lambda: case(mlp(1, nn.Tanh()), BCE)),
    "raw by hand": ("logits-into-bce", lambda: case(mlp(), hand_bce)),
    "softmax bce": ("softmax-for-multilabel", lambda: case(mlp(3, nn.Softmax(1)), BCE, MULTI_HOT)),
    "ce": ("softmax-for-multilabel", lambda: case(mlp(3), CE, MULTI_HOT)),
    "softmax logits": ("softmax-for-multilabel", lambda: case(mlp(3, nn.Softmax(1)), WITH_LOGITS, MULTI_HOT)),
    "log_softmax by hand": (
        "softmax-for-multilabel",
        lambda: case(mlp(3), lambda o, t: -(t * o.log_softmax(1)).sum(1).mean(), MULTI_HOT),
    ),
    "softmax mse": ("softmax-for-multilabel", lambda: case(mlp(3, nn.Softmax(1)), MSE, MULTI_HOT)),
    "softmax ce": ("softmax-before-cross-entropy", lambda: case(mlp(3, nn.Softmax(1)), CE, CLASSES)),
    "softmax by hand": (
        "softmax-before-cross-entropy",
        lambda: case(Wrapped(mlp(3), lambda z: z.exp() / z.exp().sum(1, keepdim=True)), CE, CLASSES),
    ),
    "softmax then log_softmax": (
        "softmax-before-cross-entropy",
        lambda: case(mlp(3, nn.Softmax(1)), on(lambda z: F.log_softmax(z, 1), NLL), CLASSES),
    ),
    "softmax in loss": ("softmax-before-cross-entropy", lambda: case(mlp(3), on(lambda z: z.softmax(-1), CE), CLASSES)),
    "nll softmax": ("nll-without-log", lambda: case(mlp(3, nn.Softmax(1)), NLL, CLASSES)),
    "nll raw": ("nll-without-log", lambda: case(mlp(3), F.nll_loss, CLASSES)),
    "nll picked": (
        "nll-without-log",
        lambda: case(mlp(3, nn.Softmax(1)), lambda o, t: -o[torch.arange(len(t)), t].mean(), CLASSES),
    ),
    "nll gather": (
        "nll-without-log",
        lambda: case(mlp(3, nn.Softmax(1)), lambda o, t: -o.gather(1, t[:, None]).mean(), CLASSES),
    ),
    "nll one hot": (
        "nll-without-log",
        lambda: case(mlp(3, nn.Softmax(1)), lambda o, t: -(o * t).sum(1).mean(), ONE_HOT),
    ),
    "kl": (
        "nll-without-log",
        lambda: case(mlp(3, nn.Softmax(1)), nn.KLDivLoss(reduction="batchmean"), ONE_HOT * 0.8 + 0.2 / 3),
    ),
    "mse broadcast": ("broadcast-target", lambda: case(mlp(), MSE, REAL[:, 0])),
    "by hand broadcast": ("broadcast-target", lambda: case(mlp(), lambda o, t: ((o - t) ** 2).mean(), REAL[:, 0])),
    "squeezed outputs": (
        "broadcast-target",
        lambda: case(Wrapped(mlp(), lambda z: z.squeeze(-1)), F.smooth_l1_loss, REAL),
    ),
    "bce shape": ("broadcast-target", lambda: case(mlp(), WITH_LOGITS, Y[:, 0])),
    "l1 mean": ("broadcast-target", lambda: case(mlp(), lambda o, t: torch.mean(torch.abs(t - o)), REAL[:, 0])),
    "hand": ("handwritten-bce", lambda: case(mlp(1, nn.Sigmoid()), hand_bce)),
    "eps": ("handwritten-bce", lambda: case(mlp(1, nn.Sigmoid()), hand_bce_eps)),
    "hand clamped": ("handwritten-bce", lambda: case(mlp(), on(torch.sigmoid, hand_bce_clamped))),
    "focal": ("handwritten-bce", lambda: case(mlp(1, nn.Sigmoid()), focal)),
    "focal, weighted first": (
        "handwritten-bce",
        lambda: case(
            mlp(1, nn.Sigmoid()), lambda p, y: -((1 - p) ** 2 * y * p.log() + p**2 * (1 - y) * (1 - p).log()).mean()
        ),
    ),
    "log of 1 + e^z": ("handwritten-bce", lambda: case(mlp(), lambda z, y: (torch.log(1 + z.exp()) - y * z).mean())),
    "two log of 1 + e^z": (
        "handwritten-bce",
        lambda: case(mlp(), lambda z, y: (y * (1 + (-z).exp()).log() + (1 - y) * z.exp().log1p()).mean()),
    ),
    "real and fake by place": (
        "handwritten-bce",
        lambda: case(mlp(1, nn.Sigmoid()), lambda p, _: -(p[:8].log().mean() + (1 - p[8:]).log().mean())),
    ),
    "real and fake by two calls": (
        "handwritten-bce",
        lambda: case(
            Twice(mlp(1, nn.Sigmoid())), lambda o, _: -(o[0].log() + (1 - o[1]).log()).mean(), inputs=(X, X.flip(0))
        ),
    ),
    "log of ones + e^z": (
        "handwritten-bce",
        lambda: case(mlp(), lambda z, y: ((torch.ones_like(z) + z.exp()).log() - y * z).mean()),
    ),
    "log of 1 + e^−yz": (
        "handwritten-bce",
        lambda: case(mlp(), lambda z, y: torch.log(1 + torch.exp(-(2 * y - 1) * z)).mean()),
    ),
    "masked": ("handwritten-bce", lambda: case(mlp(1, nn.Sigmoid()), masked_logs)),
    "xlogy": (
        "handwritten-bce",
        lambda: case(mlp(1, nn.Sigmoid()), lambda p, y: -(torch.xlogy(y, p) + torch.xlogy(1 - y, 1 - p)).mean()),
    ),
    "likelihood": (
        "handwritten-bce",
        lambda: case(mlp(1, nn.Sigmoid()), lambda p, y: -torch.log(p**y * (1 - p) ** (1 - y)).mean()),
    ),
    "one logit": ("single-logit-cross-entropy", lambda: case(mlp(), CE, Y[:, 0].long())),
    "one logit zeros": ("single-logit-cross-entropy", lambda: case(mlp(), CE, torch.zeros(16, dtype=torch.long))),
    "one logit float": ("single-logit-cross-entropy", lambda: case(mlp(), CE, Y)),
    "one logit nll": ("single-logit-cross-entropy", lambda: case(mlp(1, nn.LogSoftmax(1)), NLL, Y[:, 0].long())),
    "one logit flat": (
        "single-logit-cross-entropy",
        lambda: case(Wrapped(mlp(), lambda z: z.squeeze(1)), CE, Y[:, 0].long()),
    ),
    "softmax of one": ("single-logit-cross-entropy", lambda: case(mlp(1, nn.Softmax(1)), BCE, Y)),
    "log-softmax over examples": ("nll-without-log", lambda: case(mlp(3, nn.LogSoftmax(0)), nn.NLLLoss(), CLASSES)),
    "negated one-hot": (
        "nll-without-log",
        lambda: case(mlp(3, nn.Softmax(1)), lambda p, t: (-F.one_hot(t, 3) * p).sum(1).mean(), CLASSES),
    ),
    "negated multi-hot": (
        "softmax-for-multilabel",
        lambda: case(mlp(3), lambda z, t: (-t * z.log_softmax(1)).sum(1).mean(), MULTI_HOT),
    ),
    "negated log-softmax": (
        "softmax-for-multilabel",
        lambda: case(mlp(3), lambda z, t: (-z.log_softmax(1) * t).sum(1).mean(), MULTI_HOT),
    ),
    "logsumexp less logits": (
        "softmax-for-multilabel",
        lambda: case(mlp(3), lambda z, t: (t * z.logsumexp(1, True) - t * z).sum(1).mean(), MULTI_HOT),
    ),
    "Bernoulli of probabilities": (
        "sigmoid-before-bce-with-logits",
        lambda: case(mlp(1, nn.Sigmoid()), lambda p, t: -torch.distributions.Bernoulli(logits=p).log_prob(t).mean()),
    ),
    "plus minus": ("targets-out-of-range", lambda: case(mlp(), WITH_LOGITS, 2 * Y - 1)),
    "from one, picked": (
        "targets-out-of-range",
        lambda: case(mlp(3), lambda o, t: -o.log_softmax(1).gather(1, t[:, None]).mean(), CLASSES + 1),
    ),
    "from one, indexed": (
        "targets-out-of-range",
        lambda: case(mlp(3), lambda o, t: -o.log_softmax(1)[torch.arange(16), t].mean(), CLASSES + 1),
    ),
    "from one, one-hot": (
        "targets-out-of-range",
        lambda: case(mlp(3), lambda o, t: -(F.one_hot(t, 3) * o.log_softmax(1)).sum(1).mean(), CLASSES + 1),
    ),
    "from one": ("targets-out-of-range", lambda: case(mlp(3), CE, CLASSES + 1)),
    "bytes": ("targets-out-of-range", lambda: case(mlp(1, nn.Sigmoid()), BCE, 255 * Y)),
    "behind a sigmoid": ("targets-out-of-range", lambda: case(mlp(1, nn.Sigmoid()), MSE, REAL)),
    "behind a relu": ("targets-out-of-range", lambda: case(mlp(1, nn.ReLU()), MSE, REAL)),
    "soft margin": ("targets-out-of-range", lambda: case(mlp(), nn.SoftMarginLoss(), Y)),
    "deep sigmoid": ("vanishing-gradient", lambda: case(deep(nn.Sigmoid, 6), WITH_LOGITS)),
    "small relu": ("vanishing-gradient", lambda: case(deep(nn.ReLU, 6, std=0.01), WITH_LOGITS)),
    "deep default tanh": ("vanishing-gradient", lambda: case(deep(nn.Tanh, 40), WITH_LOGITS)),
    "rnn": (
        "vanishing-gradient",
        lambda: case(Recurrent(nn.RNN(3, 16, batch_first=True), nn.Linear(16, 1)), WITH_LOGITS, Y[:8], SEQUENCE),
    ),
    "rnn by hand": ("vanishing-gradient", lambda: case(ByHand(0.5), WITH_LOGITS, Y[:8], SEQUENCE)),
    "large relu": ("exploding-gradient", lambda: case(deep(nn.ReLU, 8, std=1.0), WITH_LOGITS)),
    "large linear": ("exploding-gradient", lambda: case(deep(nn.Identity, 12, std=0.6), MSE, REAL)),
    "rnn grows": ("exploding-gradient", lambda: case(ByHand(1.5), MSE, Y[:8], SEQUENCE)),
    "infinite": ("exploding-gradient", lambda: case(deep(nn.ReLU, 30, std=100.0), MSE, REAL)),
    "raw inputs": ("saturated-activation", lambda: case(deep(nn.Tanh, 2), WITH_LOGITS, inputs=200 * X)),
    "large weights": ("saturated-activation", lambda: case(deep(nn.Sigmoid, 3, std=30.0), WITH_LOGITS)),
    "hard": ("saturated-activation", lambda: case(deep(nn.Hardtanh, 2), WITH_LOGITS, inputs=300 * X)),
    "naive sigmoid": (
        "saturated-activation",
        lambda: case(
            nn.Sequential(Wrapped(nn.Linear(8, 16), lambda z: 1 / (1 + torch.exp(-z))), nn.Linear(16, 1)),
            WITH_LOGITS,
            inputs=300 * X,
        ),
    ),
    "negative bias": ("dead-relu", lambda: case(DeadBias(), WITH_LOGITS)),
    "dead clamp": (
        "dead-relu",
        lambda: case(
            nn.Sequential(Wrapped(nn.Linear(8, 16), lambda z: (z - 30).clamp(min=0)), nn.Linear(16, 1)), WITH_LOGITS
        ),
    ),
    "dead mask": (
        "dead-relu",
        lambda: case(
            nn.Sequential(Wrapped(nn.Linear(8, 16), lambda z: (z - 30) * (z > 30)), nn.Linear(16, 1)), WITH_LOGITS
        ),
    ),
    "above half": ("threshold-on-logits", lambda: case(mlp(), WITH_LOGITS, predict=lambda o: (o > 0.5).float())),
    "round": ("threshold-on-logits", lambda: case(mlp(3), WITH_LOGITS, MULTI_HOT, predict=torch.round)),
    "second logit": ("threshold-on-logits", lambda: case(mlp(3), CE, CLASSES, predict=lambda o: o[:, 1] >= 0.5)),
    "where": ("threshold-on-logits", lambda: case(mlp(), WITH_LOGITS, predict=lambda o: torch.where(o < 0.5, 0, 1))),
    "detach": ("no-gradient", lambda: case(Parted(without_grad), WITH_LOGITS)),
    "unused": ("no-gradient", lambda: case(Parted(lambda left, right: left), WITH_LOGITS)),
    "rounded": ("no-gradient", lambda: case(Parted(lambda left, right: left + torch.round(right)), WITH_LOGITS)),
    "listed": ("no-gradient", lambda: case(Listed(), WITH_LOGITS)),
    "all rounded": ("no-gradient", lambda: case(Wrapped(mlp(), torch.round), MSE)),
    "squeeze": ("squeeze-drops-batch", lambda: case(Wrapped(mlp(), torch.squeeze), WITH_LOGITS, Y[:, 0])),
    "squeeze in loss": ("squeeze-drops-batch", lambda: case(mlp(), lambda o, t: WITH_LOGITS(o.squeeze(), t), Y[:, 0])),
    "squeeze hidden": (
        "squeeze-drops-batch",
        lambda: case(
            nn.Sequential(nn.Unflatten(1, (1, 8)), Wrapped(nn.Conv1d(1, 4, 8), torch.squeeze), nn.Linear(4, 1)),
            WITH_LOGITS,
        ),
    ),
    "all constant": ("symmetric-init", lambda: case(constant(mlp(), 0.1), WITH_LOGITS)),
    "all zero": ("symmetric-init", lambda: case(constant(mlp(), 0.0), WITH_LOGITS)),
    "ones tanh": ("symmetric-init", lambda: case(constant(deep(nn.Tanh, 2), 0.2), WITH_LOGITS)),
    "lstm": (
        "symmetric-init",
        lambda: case(
            constant(Recurrent(nn.LSTM(3, 8, batch_first=True), nn.Linear(8, 1)), 0.1), WITH_LOGITS, Y[:8], SEQUENCE
        ),
    ),
    "sigmoid written over": ("inplace-modification", lambda: case(Parted(write_after_sigmoid), WITH_LOGITS)),
    "index written": ("inplace-modification", lambda: case(Parted(write_index), WITH_LOGITS)),
    "through data": ("inplace-modification", lambda: case(Parted(write_through_data), WITH_LOGITS)),
    "targets smoothed": ("inplace-modification", lambda: case(mlp(), smooth_in_place)),
    "inputs written": (
        "inplace-modification",
        lambda: case(nn.Sequential(Wrapped(nn.Identity(), lambda x: x.sub_(x.mean())), mlp()), WITH_LOGITS),
    ),
}
