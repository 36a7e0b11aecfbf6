"""One pass of a case, forward and through the loss, the same every time it is run."""

import random
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import numpy as np
import torch
from torch import Tensor

from sigmoid_lab.doctor.case import Case
from sigmoid_lab.doctor.preserve import preserved
from sigmoid_lab.doctor.recording import Editor, Replace, eager

SEED = 0


def seed_all() -> None:
    """Give every random generator the same state, so that dropout drops the same units in each pass."""
    torch.manual_seed(SEED)
    np.random.seed(SEED)  # noqa: NPY002
    random.seed(SEED)


def run(case: Case, inputs: Any, targets: Any, weights: Mapping[str, Tensor] | None = None) -> tuple[Any, Any]:
    """Return the outputs and the loss of one pass, with other weights than the model's own where given."""
    outputs = case.outputs(inputs, weights)
    return outputs, case.loss(outputs, targets)


def run_edited(case: Case, edits: Mapping[int, tuple[str, Replace]]) -> None:
    """Run a pass without gradients, results of operations looked at or replaced, up to where the case's code fails."""
    with preserved(*case.modules), eager(), torch.no_grad(), suppress(Exception):
        seed_all()
        inputs, targets = case.batch()
        with Editor(edits):
            run(case, inputs, targets)
