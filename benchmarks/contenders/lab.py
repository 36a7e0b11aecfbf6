"""The lab's own engine, bare: stacks of the size that the plan gives them, their updates and norms."""

from dataclasses import replace
from itertools import cycle

import torch

from contenders import BATCH, BLOCK, FEATURES, LEARNING_RATE, Advance, Case
from sigmoid_lab.config.schema import Experiment
from sigmoid_lab.engine.flat import flatten
from sigmoid_lab.engine.graphs import passes
from sigmoid_lab.engine.networks import DeepNet
from sigmoid_lab.engine.optimisers import optimiser
from sigmoid_lab.plan import Plan


def prepare(case: Case) -> Advance:
    """Return the updates of one process's networks, a block of one stack after another."""
    torch.set_num_threads(1)
    experiment = _experiment(case)
    turns = cycle([_stack(case, copies, experiment) for copies in _stacks(experiment)])
    return lambda: next(turns)()


def full_stack(case: Case) -> int:
    """Return how many networks of such a shape the plan puts in a stack, where there are plenty."""
    return max(_stacks(_experiment(replace(case, networks=1024))))


def _stacks(experiment: Experiment) -> list[int]:
    return [len(stack.seeds) for stack in Plan(experiment, {}).stacks()]


def _experiment(case: Case) -> Experiment:
    return Experiment.model_validate(
        {
            "network": {"depth": case.depth, "width": case.width, "activation": case.activation},
            "data": {"features": FEATURES, "samples": 2 * BATCH},
            "training": {"batch_size": BATCH},
            "optimizer": {"kind": case.optimiser, "learning_rate": LEARNING_RATE},
            "seeds": case.networks,
            "device": case.device,
        }
    )


def _stack(case: Case, copies: int, experiment: Experiment) -> Advance:
    network = DeepNet(FEATURES, case.depth, case.width, case.activation, copies).to(case.device)
    update = optimiser(experiment.optimizer, flatten(network))
    backpropagate = passes(network, "bce-with-logits")
    x = torch.randn(copies, BATCH, FEATURES, device=case.device)
    y = torch.randint(0, 2, (copies, BATCH, 1), device=case.device).float()
    record = torch.empty(BLOCK, 2 * len(case.widths) - 2, copies, device=case.device)

    @torch.no_grad()
    def train() -> int:
        for norms in record:
            gradients = backpropagate(x, y)
            for gradient, norm in zip(gradients.weights + gradients.biases, norms, strict=True):
                torch.linalg.vector_norm(gradient.flatten(1), dim=1, out=norm)
            update(gradients.vector)
        if case.device == "cuda":
            torch.cuda.synchronize()
        return BLOCK * copies

    return train
