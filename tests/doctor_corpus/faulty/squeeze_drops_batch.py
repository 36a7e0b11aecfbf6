"""A bare squeeze also removes the axis of the batch, when the last batch of an epoch holds one example."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from doctor_corpus.batches import binary, classes_of, images, scores, sequences
from doctor_corpus.case import Case, Make, mend


class Squeeze(nn.Module):
    """The squeeze as a layer, with the axis or without."""

    def __init__(self, *axis: int) -> None:
        super().__init__()
        self.axis = axis

    def forward(self, x: Tensor) -> Tensor:
        return x.squeeze(*self.axis)


def mlp_with(last: nn.Module) -> Case:
    torch.manual_seed(0)
    inputs, targets = binary()
    model = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 1), last)
    return {"model": model, "loss": nn.BCEWithLogitsLoss(), "inputs": inputs, "targets": targets.squeeze(1)}


def last_layer() -> Case:
    return mlp_with(Squeeze())


class PooledCNN(nn.Module):
    """Squeezes (B, C, 1, 1) after pooling."""

    def __init__(self, *axes: int) -> None:
        super().__init__()
        self.axes = axes
        self.conv = nn.Conv2d(1, 8, 3, padding=1)
        self.bn = nn.BatchNorm2d(8)
        self.fc = nn.Linear(8, 3)

    def forward(self, x: Tensor) -> Tensor:
        pooled = F.adaptive_avg_pool2d(F.relu(self.bn(self.conv(x))), 1)
        features = pooled.squeeze(self.axes) if self.axes else pooled.squeeze()
        return self.fc(features)


def pooled_cnn(*axes: int) -> Case:
    torch.manual_seed(1)
    x = images(seed=1)
    return {"model": PooledCNN(*axes), "loss": nn.CrossEntropyLoss(), "inputs": x, "targets": classes_of(x, 3)}


class StateLSTM(nn.Module):
    """Squeezes the axis of layers away from h of shape (1, B, D), and every other axis of length one."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(6, 16, batch_first=True)
        self.fc = nn.Linear(16, 4)

    def state(self, h: Tensor) -> Tensor:
        return torch.squeeze(h)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        _, (h, _) = self.lstm(x)
        return {"logits": self.fc(self.state(h)).log_softmax(-1)}


class KeptStateLSTM(StateLSTM):
    def state(self, h: Tensor) -> Tensor:
        return h[0]


def hidden_state_lstm() -> Case:
    torch.manual_seed(2)
    x = sequences(seed=2)

    def criterion(out: dict[str, Tensor], y: Tensor) -> Tensor:
        return F.nll_loss(out["logits"], y)

    return {"model": StateLSTM(), "loss": criterion, "inputs": x, "targets": classes_of(x, 4)}


def in_the_loss() -> Case:
    torch.manual_seed(3)
    inputs, targets = binary(seed=3)

    def criterion(outputs: Tensor, y: Tensor) -> Tensor:
        return F.binary_cross_entropy_with_logits(outputs.squeeze(), y)

    model = nn.Sequential(nn.Linear(8, 24), nn.SiLU(), nn.Linear(24, 1))
    return {"model": model, "loss": criterion, "inputs": inputs, "targets": targets.squeeze(1)}


class AttentionPool(nn.Module):
    """Pools by one learnt query, whose axis is squeezed away."""

    def __init__(self) -> None:
        super().__init__()
        self.query = nn.Parameter(torch.randn(1, 1, 16))
        self.embed = nn.Linear(6, 16)
        self.value = nn.Linear(16, 1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        h = torch.tanh(self.embed(x))
        weights = torch.softmax(self.query @ h.transpose(1, 2) / 4, dim=-1)
        pooled = torch.einsum("bqt,btd->bqd", weights, h)
        return self.value(pooled).squeeze(), weights


class FlatAttentionPool(AttentionPool):
    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        score, weights = super().forward(x)
        return score.reshape(len(x)), weights


def attention_pool() -> Case:
    torch.manual_seed(4)
    x = sequences(seed=4)

    def criterion(out: tuple[Tensor, Tensor], y: Tensor) -> Tensor:
        residual = out[0] - y
        return residual.pow(2).mean()

    return {"model": AttentionPool(), "loss": criterion, "inputs": x, "targets": scores(x, 1).squeeze(1)}


CASES: dict[str, Make] = {
    "last_layer": last_layer,
    "pooled_cnn": pooled_cnn,
    "hidden_state_lstm": hidden_state_lstm,
    "in_the_loss": in_the_loss,
    "attention_pool": attention_pool,
}


def in_the_loss_mended() -> Case:
    def criterion(outputs: Tensor, y: Tensor) -> Tensor:
        return F.binary_cross_entropy_with_logits(outputs.squeeze(1), y)

    return mend(in_the_loss(), loss=criterion)


MENDED: dict[str, Make] = {
    "last_layer": lambda: mlp_with(Squeeze(-1)),
    "pooled_cnn": lambda: pooled_cnn(2, 3),
    "hidden_state_lstm": lambda: mend(hidden_state_lstm(), model=KeptStateLSTM()),
    "in_the_loss": in_the_loss_mended,
    "attention_pool": lambda: mend(attention_pool(), model=FlatAttentionPool()),
}
