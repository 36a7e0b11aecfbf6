"""PyTorch Lightning's Trainer, one network, with its own gradient norms and nothing else that can be switched off."""

import logging
import warnings

import torch
from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.utilities import grad_norm
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.utils.data import DataLoader, TensorDataset

from contenders import BATCH, FEATURES, LEARNING_RATE, Advance, Case
from contenders.eager import network

UPDATES = 300


class Module(LightningModule):  # type: ignore[misc]
    """A network, its loss, its optimiser, and the norms of its gradients."""

    def __init__(self, case: Case) -> None:
        super().__init__()
        self.case, self.model, self.criterion = case, network(case), nn.BCEWithLogitsLoss()
        self.record: list[dict[str, float]] = []

    def training_step(self, batch: tuple[Tensor, Tensor]) -> Tensor:
        """Return the loss of a mini-batch."""
        x, y = batch
        loss: Tensor = self.criterion(self.model(x), y)
        return loss

    def on_before_optimizer_step(self, _: Optimizer) -> None:
        """Record the norms."""
        self.record.append(grad_norm(self.model, 2))

    def configure_optimizers(self) -> Optimizer:
        """Return the optimiser of the case."""
        make = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[self.case.optimiser]
        optimizer: Optimizer = make(self.parameters(), LEARNING_RATE)
        return optimizer


def prepare(case: Case) -> Advance:
    """Return a ``fit`` of 300 updates."""
    torch.set_num_threads(1)
    warnings.filterwarnings("ignore")
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    data = TensorDataset(torch.randn(UPDATES * BATCH, FEATURES), torch.randint(0, 2, (UPDATES * BATCH, 1)).float())
    loader = DataLoader(data, batch_size=BATCH)
    module = Module(case)

    def advance() -> int:
        trainer = Trainer(
            accelerator="cpu",
            max_epochs=1,
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
        )
        trainer.fit(module, loader)
        return UPDATES

    return advance
