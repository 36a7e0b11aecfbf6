"""Networks of images."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from doctor_corpus.batches import classes_of, images, labels_of, scores
from doctor_corpus.case import Case, Make


def lenet_of_tanh() -> Case:
    torch.manual_seed(0)
    x = images()
    model = nn.Sequential(
        nn.Conv2d(1, 6, 3),
        nn.Tanh(),
        nn.AvgPool2d(2),
        nn.Flatten(),
        nn.Linear(54, 20),
        nn.Tanh(),
        nn.Linear(20, 10),
    )
    return {"model": model, "loss": nn.CrossEntropyLoss(), "inputs": x, "targets": classes_of(x, 10)}


class BasicBlock(nn.Module):
    def __init__(self, channels: int, out: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, out, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(out)
        self.conv2 = nn.Conv2d(out, out, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(out)
        nn.init.zeros_(self.bn2.weight)
        self.shortcut = nn.Sequential()
        if stride > 1 or channels != out:
            self.shortcut = nn.Sequential(nn.Conv2d(channels, out, 1, stride, bias=False), nn.BatchNorm2d(out))

    def forward(self, x: Tensor) -> Tensor:
        h = F.relu(self.bn1(self.conv1(x)))
        h = self.bn2(self.conv2(h))
        h += self.shortcut(x)
        return F.relu(h)


def resnet_with_zero_gamma() -> Case:
    torch.manual_seed(1)
    x = images(channels=3)
    model = nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1, bias=False),
        nn.BatchNorm2d(8),
        nn.ReLU(inplace=True),
        BasicBlock(8, 8, 1),
        BasicBlock(8, 16, 2),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(16, 4),
    )
    return {"model": model, "loss": nn.CrossEntropyLoss(), "inputs": x, "targets": classes_of(x, 4)}


class UNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.enter = nn.Conv2d(1, 8, 3, padding=1)
        self.down = nn.Conv2d(8, 16, 3, padding=1)
        self.up = nn.ConvTranspose2d(16, 8, 2, stride=2)
        self.merge = nn.Conv2d(16, 8, 3, padding=1)
        self.out = nn.Conv2d(8, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        skip = F.relu(self.enter(x))
        deep = F.relu(self.down(F.max_pool2d(skip, 2)))
        return self.out(F.relu(self.merge(torch.cat([skip, self.up(deep)], 1))))


def unet() -> Case:
    torch.manual_seed(2)
    x = images(4)
    return {
        "model": UNet(),
        "loss": nn.BCEWithLogitsLoss(),
        "inputs": x,
        "targets": (x > 0).float(),
        "predict": lambda z: z > 0,
    }


class ViT(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, 16, 4, stride=4)
        self.cls = nn.Parameter(torch.zeros(1, 1, 16))
        self.position = nn.Parameter(0.02 * torch.randn(1, 5, 16))
        layer = nn.TransformerEncoderLayer(16, 4, 32, 0.0, "gelu", batch_first=True, norm_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.norm = nn.LayerNorm(16)
        self.head = nn.Linear(16, 5)
        nn.init.zeros_(self.head.weight)

    def forward(self, x: Tensor) -> Tensor:
        tokens = self.patches(x).flatten(2).transpose(1, 2)
        tokens = torch.cat([self.cls.expand(len(x), -1, -1), tokens], 1) + self.position
        return self.head(self.norm(self.encoder(tokens)[:, 0]))


def vision_transformer() -> Case:
    """Its layers are deep copies of one (as torch makes them) in a row, its class token and head start at zero."""
    torch.manual_seed(3)
    x = images(channels=3)
    loss = nn.CrossEntropyLoss(label_smoothing=0.1)
    return {"model": ViT(), "loss": loss, "inputs": x, "targets": classes_of(x, 5)}


class SqueezeExcite(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.fc1 = nn.Conv2d(channels, channels // 4, 1)
        self.fc2 = nn.Conv2d(channels // 4, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        weights = x.mean((2, 3), keepdim=True)
        return x * torch.sigmoid(self.fc2(F.silu(self.fc1(weights))))


def squeeze_and_excitation() -> Case:
    torch.manual_seed(4)
    x = images()
    model = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.GroupNorm(4, 16),
        nn.SiLU(),
        SqueezeExcite(16),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(16, 1),
    )
    return {"model": model, "loss": nn.BCEWithLogitsLoss(), "inputs": x, "targets": labels_of(x)}


def mobile_hard_swish() -> Case:
    torch.manual_seed(5)
    x = images(channels=3)
    model = nn.Sequential(
        nn.Conv2d(3, 16, 1),
        nn.BatchNorm2d(16),
        nn.Hardswish(),
        nn.Conv2d(16, 16, 3, padding=1, groups=16),
        nn.BatchNorm2d(16),
        nn.Hardswish(),
        nn.Flatten(),
        nn.Dropout(0.1),
        nn.Linear(1024, 3),
    )
    return {"model": model, "loss": nn.CrossEntropyLoss(), "inputs": x, "targets": classes_of(x, 3)}


class Detector(nn.Module):
    """Centres by a sigmoid within their cell, sizes by exp, objectness as a logit (as YOLO does)."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(1, 16, 3, 2, 1), nn.LeakyReLU(0.1), nn.Conv2d(16, 5, 3, 2, 1))

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        raw = self.body(x)
        return {"centre": raw[:, :2].sigmoid(), "size": raw[:, 2:4].exp(), "object": raw[:, 4]}


def boxes() -> Case:
    torch.manual_seed(6)
    x = images()
    found = (F.avg_pool2d(x, 4)[:, 0] > 0).float()
    targets = {"centre": torch.rand(16, 2, 2, 2), "size": torch.rand(16, 2, 2, 2) + 0.5, "object": found}

    def criterion(out: dict[str, Tensor], y: dict[str, Tensor]) -> Tensor:
        mask = y["object"].unsqueeze(1)
        box = sum((mask * (out[part] - y[part]) ** 2).mean() for part in ("centre", "size"))
        return box + F.binary_cross_entropy_with_logits(out["object"], y["object"])

    return {"model": Detector(), "loss": criterion, "inputs": x, "targets": targets}


class DenseBlock(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Conv2d(4 + 4 * i, 4, 3, padding=1) for i in range(4))
        self.head = nn.Linear(20, 2)
        self.stem = nn.Conv2d(1, 4, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        for layer in self.layers:
            x = torch.cat([x, F.elu(layer(x))], dim=1)
        return self.head(x.amax((2, 3)))


def dense_connections() -> Case:
    torch.manual_seed(7)
    x = images()
    return {"model": DenseBlock(), "loss": F.cross_entropy, "inputs": x, "targets": classes_of(x, 2)}


def pixel_classes() -> Case:
    torch.manual_seed(8)
    x = images(4)
    mask = torch.bucketize(x[:, 0], torch.tensor([-0.5, 0.5]))
    mask[:, 0] = 255
    model = nn.Sequential(nn.Conv2d(1, 12, 3, padding=1), nn.Softplus(), nn.Conv2d(12, 3, 1))
    return {"model": model, "loss": nn.CrossEntropyLoss(ignore_index=255), "inputs": x, "targets": mask}


class AttentionGate(nn.Module):
    """A spatial attention map by a softmax over pixels, a regression head after it."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Conv2d(1, 8, 3, padding=1)
        self.map = nn.Conv2d(8, 1, 1)
        self.head = nn.Linear(8, 2)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        features = torch.tanh(self.features(x))
        weights = self.map(features).flatten(2).softmax(-1)
        return self.head(torch.einsum("bcp,bp->bc", features.flatten(2), weights[:, 0])), weights


def spatial_attention_regression() -> Case:
    torch.manual_seed(9)
    x = images()
    return {
        "model": AttentionGate(),
        "loss": lambda out, y: F.huber_loss(out[0], y),
        "inputs": x,
        "targets": scores(x, 2),
    }


CASES: dict[str, Make] = {
    make.__name__: make
    for make in (
        lenet_of_tanh,
        resnet_with_zero_gamma,
        unet,
        vision_transformer,
        squeeze_and_excitation,
        mobile_hard_swish,
        boxes,
        dense_connections,
        pixel_classes,
        spatial_attention_regression,
    )
}
