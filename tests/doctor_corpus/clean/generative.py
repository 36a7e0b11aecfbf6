"""Models that generate."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from doctor_corpus.batches import binary, measured, normal
from doctor_corpus.blocks import mlp
from doctor_corpus.case import Case, Make


class VAE(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encoder = mlp(16, 32, 8)
        self.decoder = mlp(4, 32, 16)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        mean, log_variance = self.encoder(x).chunk(2, dim=-1)
        z = mean + torch.randn_like(mean) * torch.exp(0.5 * log_variance)
        return self.decoder(z), mean, log_variance


def variational_autoencoder() -> Case:
    torch.manual_seed(0)
    pixels = (normal(32, 16) > 0).float()

    def evidence_bound(out: tuple[Tensor, Tensor, Tensor], x: Tensor) -> Tensor:
        logits, mean, log_variance = out
        divergence = -0.5 * (1 + log_variance - mean.square() - log_variance.exp()).sum(1).mean()
        return F.binary_cross_entropy_with_logits(logits, x, reduction="sum") / len(x) + divergence

    return {"model": VAE(), "loss": evidence_bound, "inputs": pixels, "targets": pixels.clone()}


def discriminator() -> Case:
    torch.manual_seed(1)
    real, _ = measured()
    inputs = torch.cat([real + 1, normal(32, 8, seed=1)])
    targets = torch.cat([torch.ones(32, 1), torch.zeros(32, 1)])
    model = mlp(8, 32, 1, activation=nn.LeakyReLU)
    return {"model": model, "loss": nn.BCEWithLogitsLoss(), "inputs": inputs, "targets": targets}


class Generator(nn.Module):
    """Trained against a discriminator that is held fixed."""

    def __init__(self) -> None:
        super().__init__()
        self.generator = nn.Sequential(mlp(4, 32, 8), nn.Tanh())
        self.discriminator = mlp(8, 16, 1).requires_grad_(False)

    def forward(self, noise: Tensor) -> Tensor:
        return self.discriminator(self.generator(noise))


def generator_step() -> Case:
    torch.manual_seed(2)
    return {
        "model": Generator(),
        "loss": lambda logits, _: F.softplus(-logits).mean(),
        "inputs": normal(32, 4),
        "targets": torch.ones(32, 1),
    }


class Critic(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.net = mlp(8, 24, 1, activation=nn.SiLU)

    def forward(self, real: Tensor, fake: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        between = ((real + fake) / 2).requires_grad_()
        (slope,) = torch.autograd.grad(self.net(between).sum(), between, create_graph=True)
        return self.net(real), self.net(fake), slope.norm(dim=1)


def wasserstein_critic() -> Case:
    """Differentiates twice; its loss is negative in the end, and the last bias cancels."""
    torch.manual_seed(3)
    real, _ = measured()

    def criterion(out: tuple[Tensor, Tensor, Tensor], _: object) -> Tensor:
        real, fake, slope = out
        return fake.mean() - real.mean() + 10 * ((slope - 1) ** 2).mean()

    inputs = (real + 1, normal(32, 8, seed=1))
    return {"model": Critic(), "loss": criterion, "inputs": inputs, "targets": torch.zeros(32)}


class Denoiser(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.time = nn.Linear(8, 32)
        self.enter = nn.Linear(8, 32)
        self.leave = mlp(32, 32, 8, activation=nn.SiLU)

    def forward(self, noisy: Tensor, t: Tensor) -> Tensor:
        angles = t[:, None] * torch.exp(-math.log(100) * torch.arange(4) / 4)
        return self.leave(F.silu(self.enter(noisy) + self.time(torch.cat([angles.sin(), angles.cos()], 1))))


def diffusion() -> Case:
    torch.manual_seed(4)
    clean, _ = measured()
    noise, t = normal(32, 8, seed=1), torch.rand(32)
    noisy = (1 - t[:, None]).sqrt() * clean + t[:, None].sqrt() * noise
    return {"model": Denoiser(), "loss": nn.MSELoss(), "inputs": (noisy, t), "targets": noise}


class Coupling(nn.Module):
    """An affine coupling that starts as the identity: its last layer is zero."""

    def __init__(self, flipped: bool) -> None:
        super().__init__()
        self.flipped = flipped
        self.net = mlp(4, 24, 8, activation=nn.Tanh)
        nn.init.zeros_(self.net.get_parameter("2.weight"))
        nn.init.zeros_(self.net.get_parameter("2.bias"))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        kept, moved = x.chunk(2, 1) if self.flipped else x.chunk(2, 1)[::-1]
        log_scale, shift = self.net(kept).chunk(2, 1)
        log_scale = torch.tanh(log_scale)
        return torch.cat([moved * log_scale.exp() + shift, kept], 1), log_scale.sum(1)


class Flow(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.couplings = nn.ModuleList(Coupling(i % 2 == 0) for i in range(4))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        volume = torch.zeros(len(x))
        for coupling in self.couplings:
            x, change = coupling(x)
            volume = volume + change
        return x, volume


def normalising_flow() -> Case:
    torch.manual_seed(5)
    inputs, _ = binary()

    def criterion(out: tuple[Tensor, Tensor], _: object) -> Tensor:
        return (0.5 * out[0].square().sum(1) - out[1]).mean()

    return {"model": Flow(), "loss": criterion, "inputs": 2 * inputs + 1, "targets": torch.zeros(32)}


CASES: dict[str, Make] = {
    make.__name__: make
    for make in (
        variational_autoencoder,
        discriminator,
        generator_step,
        wasserstein_critic,
        diffusion,
        normalising_flow,
    )
}
