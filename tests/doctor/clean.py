"""Cases where the code is right, though it looks like a fault."""

import torch
from doctor.faulty import (
    BCE,
    CE,
    CLASSES,
    MSE,
    MULTI_HOT,
    NLL,
    ONE_HOT,
    REAL,
    SEQUENCE,
    WITH_LOGITS,
    Build,
    Parted,
    Recurrent,
    Wrapped,
    X,
    Y,
    case,
    deep,
    logsigmoid_by_hand,
    mlp,
    softplus_by_hand,
    stable_by_hand,
)
from torch import Tensor, nn
from torch.nn import functional as F

IMAGES = torch.rand(8, 3, 16, 16, generator=torch.Generator().manual_seed(3))


def initialised(model: nn.Module, scheme: str, gain: float = 1.0) -> nn.Module:
    for module in model.modules():
        if isinstance(module, nn.Linear):
            if scheme == "he":
                nn.init.kaiming_normal_(module.weight)
            elif scheme == "orthogonal":
                nn.init.orthogonal_(module.weight, gain)
            else:
                nn.init.xavier_normal_(module.weight, gain)
            nn.init.zeros_(module.bias)
    return model


def zero_head(model: nn.Sequential) -> nn.Sequential:
    nn.init.zeros_(model[-1].weight)  # type: ignore[arg-type]
    return model


def frozen(model: nn.Sequential) -> nn.Sequential:
    for parameter in model[0].parameters():
        parameter.requires_grad_(False)
    return model


class Residual(nn.Module):
    def __init__(self, depth: int, gamma: float = 1.0) -> None:
        super().__init__()
        self.start, self.head = nn.Linear(8, 32), nn.Linear(32, 1)
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.LayerNorm(32), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 32)) for _ in range(depth)
        )
        self.gamma = nn.Parameter(torch.full((depth,), gamma))

    def forward(self, x: Tensor) -> Tensor:
        h = self.start(x)
        for gamma, block in zip(self.gamma, self.blocks, strict=True):
            h = h + gamma * block(h)
        result: Tensor = self.head(h)
        return result


class LowRank(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.base = nn.Linear(8, 1).requires_grad_(False)
        self.a = nn.Parameter(torch.randn(4, 8) / 3)
        self.b = nn.Parameter(torch.zeros(1, 4))

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.base(x) + x @ self.a.T @ self.b.T
        return result


class Experts(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.experts = nn.ModuleList(nn.Linear(8, 1) for _ in range(4))

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.experts[1](x)
        return result


class Attention(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.up = nn.Linear(3, 16)
        self.block = nn.TransformerEncoderLayer(16, 2, 32, batch_first=True)
        self.head = nn.Linear(16, 1)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.head(self.block(self.up(x)).mean(1))
        return result


class OwnAttention(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.q, self.k, self.v, self.head = nn.Linear(3, 8), nn.Linear(3, 8), nn.Linear(3, 8), nn.Linear(8, 3)

    def forward(self, x: Tensor) -> Tensor:
        weights = torch.softmax(self.q(x) @ self.k(x).mT / 8**0.5, -1)
        result: Tensor = self.head((weights @ self.v(x)).mean(1))
        return result


class Tied(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(20, 16)
        self.cell = nn.GRU(16, 16, batch_first=True)
        self.out = nn.Linear(16, 20, bias=False)
        self.out.weight = self.words.weight

    def forward(self, tokens: Tensor) -> Tensor:
        result: Tensor = self.out(self.cell(self.words(tokens))[0])
        return result


class TwoHeads(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.body, self.label, self.size = nn.Linear(8, 16), nn.Linear(16, 3), nn.Linear(16, 1)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        h = self.body(x).relu()
        return {"label": self.label(h), "size": self.size(h)}


def both(outputs: dict[str, Tensor], targets: tuple[Tensor, Tensor]) -> Tensor:
    return F.cross_entropy(outputs["label"], targets[0]) + F.mse_loss(outputs["size"], targets[1])


def convolutional() -> nn.Sequential:
    parts: list[nn.Module] = []
    for before, after in ((3, 8), (8, 16), (16, 16)):
        parts += [nn.Conv2d(before, after, 3, padding=1), nn.BatchNorm2d(after), nn.ReLU(inplace=True), nn.MaxPool2d(2)]
    return nn.Sequential(*parts, nn.Flatten(), nn.Linear(64, 1))


TOKENS = torch.randint(20, (4, 12), generator=torch.Generator().manual_seed(4))

CLEAN: dict[str, Build] = {
    "logits": lambda: case(mlp(), WITH_LOGITS, predict=lambda o: o > 0),
    "sigmoid in predict": lambda: case(mlp(), WITH_LOGITS, predict=lambda o: o.sigmoid() > 0.5),
    "argmax": lambda: case(mlp(3), CE, CLASSES, predict=lambda o: o.argmax(1)),
    "probability in predict": lambda: case(mlp(3), CE, CLASSES, predict=lambda o: o.softmax(1)[:, 1] > 0.5),
    "threshold on probabilities": lambda: case(mlp(1, nn.Sigmoid()), BCE, predict=lambda o: o > 0.5),
    "sigmoid gates": lambda: case(Parted(lambda left, right: left * torch.sigmoid(right)), WITH_LOGITS),
    "sigmoid with BCELoss": lambda: case(mlp(1, nn.Sigmoid()), BCE),
    "attention": lambda: case(Attention(), WITH_LOGITS, Y[:8], SEQUENCE[:, :12]),
    "own attention": lambda: case(OwnAttention(), CE, CLASSES[:8], SEQUENCE[:, :12]),
    "log-softmax with NLL": lambda: case(mlp(3, nn.LogSoftmax(1)), NLL, CLASSES),
    "log-softmax picked by hand": lambda: case(
        mlp(3), lambda o, t: -o.log_softmax(1).gather(1, t[:, None]).mean(), CLASSES
    ),
    "logsumexp by hand": lambda: case(
        mlp(3), lambda o, t: (o.logsumexp(1) - o.gather(1, t[:, None])[:, 0]).mean(), CLASSES
    ),
    "label smoothing": lambda: case(mlp(3), nn.CrossEntropyLoss(label_smoothing=0.1), CLASSES),
    "soft labels": lambda: case(mlp(3), CE, 0.9 * ONE_HOT + 0.1 / 3),
    "smoothed binary labels": lambda: case(mlp(), WITH_LOGITS, 0.9 * Y + 0.05),
    "frozen backbone": lambda: case(frozen(mlp()), WITH_LOGITS),
    "autoencoder": lambda: case(
        nn.Sequential(nn.Linear(8, 4), nn.ReLU(), nn.Linear(4, 8), nn.Sigmoid()), MSE, X.sigmoid(), X.sigmoid()
    ),
    "sigmoid regression": lambda: case(mlp(1, nn.Sigmoid()), MSE, REAL.sigmoid()),
    "relu regression": lambda: case(mlp(1, nn.ReLU()), MSE, REAL.abs()),
    "deep orthogonal linear": lambda: case(initialised(deep(nn.Identity, 40), "orthogonal"), MSE, REAL),
    "deep He": lambda: case(initialised(deep(nn.ReLU, 30, 64), "he"), WITH_LOGITS),
    "deep Xavier tanh": lambda: case(initialised(deep(nn.Tanh, 30, 64), "xavier"), WITH_LOGITS),
    "deep residual": lambda: case(Residual(25), WITH_LOGITS),
    "residual with zero gamma": lambda: case(Residual(8, 0.0), WITH_LOGITS),
    "default relu": lambda: case(deep(nn.ReLU, 6), WITH_LOGITS),
    "two sigmoid layers": lambda: case(deep(nn.Sigmoid, 2), WITH_LOGITS),
    "stable by hand": lambda: case(mlp(), stable_by_hand),
    "softplus by hand": lambda: case(mlp(), softplus_by_hand),
    "logsigmoid by hand": lambda: case(mlp(), logsigmoid_by_hand),
    "zero head": lambda: case(zero_head(mlp(3)), CE, CLASSES),
    "low rank": lambda: case(LowRank(), WITH_LOGITS),
    "experts": lambda: case(Experts(), WITH_LOGITS),
    "tied": lambda: case(Tied(), lambda o, t: F.cross_entropy(o.flatten(0, 1), t.flatten()), TOKENS, TOKENS),
    "two heads": lambda: case(TwoHeads(), both, (CLASSES, REAL)),
    "convolutional": lambda: case(convolutional(), WITH_LOGITS, Y[:8], IMAGES),
    "lstm": lambda: case(Recurrent(nn.LSTM(3, 16, batch_first=True), nn.Linear(16, 1)), WITH_LOGITS, Y[:8], SEQUENCE),
    "short rnn": lambda: case(
        Recurrent(nn.RNN(3, 16, batch_first=True), nn.Linear(16, 1)), WITH_LOGITS, Y[:8], SEQUENCE[:, :10]
    ),
    "tags": lambda: case(mlp(3), nn.MultiLabelSoftMarginLoss(), MULTI_HOT),
    "poisson": lambda: case(Wrapped(mlp(), torch.exp), lambda o, t: (o - t * o.log()).mean(), REAL.abs().round()),
    "gaussian": lambda: case(
        Wrapped(mlp(2), lambda z: (z[:, :1], F.softplus(z[:, 1:]) + 1e-3)),
        lambda o, t: (o[1].log() + (t - o[0]) ** 2 / (2 * o[1] ** 2)).mean(),
        REAL,
    ),
    "pairwise": lambda: case(mlp(), lambda o, t: F.softplus(-(o - o.T) * (t - t.T).sign()).mean(), REAL),
    "quantiles": lambda: case(mlp(3), lambda o, t: torch.maximum(0.1 * (t - o), -0.9 * (t - o)).mean(), REAL),
    "missing targets masked": lambda: case(
        mlp(), lambda o, t: F.mse_loss(o[~t.isnan()], t[~t.isnan()]), torch.where(Y > 0, REAL, torch.nan)
    ),
    "divergence from one-hot": lambda: case(
        mlp(3), lambda o, t: F.kl_div((o.softmax(1) / 2 + F.one_hot(t, 3) / 2).log(), F.one_hot(t, 3).float()), CLASSES
    ),
    "plus minus brought into range": lambda: case(
        mlp(1, nn.Sigmoid()),
        lambda p, t: -((t + 1) / 2 * p.log() + (1 - (t + 1) / 2) * (1 - p).log()).mean(),
        2 * Y - 1,
    ),
    "entropy of a gate": lambda: case(
        mlp(1, nn.Sigmoid()), lambda p, t: F.mse_loss(p, t) - (p * p.log() + (1 - p) * (1 - p).log()).mean()
    ),
    "several positives": lambda: case(
        mlp(16), lambda z, t: -((z.log_softmax(1) * t).sum(1) / t.sum(1)).mean(), (Y == Y.T).float()
    ),
    "normal density": lambda: case(mlp(), lambda m, t: -torch.log(torch.exp(-((t - m) ** 2) / 2) / 3).mean(), REAL),
    "mixture of densities": lambda: case(mlp(3), lambda z, t: -(-((z - t) ** 2)).exp().sum(1).log().mean(), REAL),
    "masked actions": lambda: case(
        mlp(3),
        lambda z, t: -z.masked_fill(t[1] == 0, -1e9).log_softmax(1).gather(1, t[0][:, None]).mean(),
        (CLASSES, (ONE_HOT + MULTI_HOT).clamp(max=1)),
    ),
    "Bernoulli of a sigmoid": lambda: case(
        mlp(1, nn.Sigmoid()), lambda p, t: -torch.distributions.Bernoulli(probs=p).log_prob(t).mean()
    ),
    "Bernoulli of pixels": lambda: case(
        mlp(8),
        lambda z, t: -torch.distributions.Bernoulli(logits=z, validate_args=False).log_prob(t).mean(),
        X.sigmoid(),
    ),
    "squeeze of an axis": lambda: case(Wrapped(mlp(), lambda z: z.squeeze(-1)), WITH_LOGITS, Y[:, 0]),
}
