"""torch.func: a stack by vmap over the gradient of a functional call, updates by foreach operations."""

from collections.abc import Callable
from itertools import cycle

import torch
from torch import Tensor, nn

from contenders import BATCH, BLOCK, FEATURES, LEARNING_RATE, Advance, Case
from contenders.eager import network

STACK = 32
BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8


def prepare(case: Case) -> Advance:
    """Return the updates of one process's networks, a block of one stack after another, in stacks of at most 32."""
    shares = [min(STACK, case.networks - start) for start in range(0, case.networks, STACK)]
    stacks = [_stack(case, copies) for copies in shares]
    turns = cycle(stacks)
    return lambda: next(turns)()


def _stack(case: Case, copies: int) -> Advance:
    models = [network(case).to(case.device) for _ in range(copies)]
    parameters, buffers = torch.func.stack_module_state(models)
    skeleton = network(case).to("meta")
    x = torch.randn(copies, BATCH, FEATURES, device=case.device)
    y = torch.randint(0, 2, (copies, BATCH, 1), device=case.device).float()
    weights = [parameter.detach() for parameter in parameters.values()]
    update = {"sgd": _sgd, "adam": _adam}[case.optimiser](weights)

    def loss(of_one: dict[str, Tensor], inputs: Tensor, targets: Tensor) -> Tensor:
        logits = torch.func.functional_call(skeleton, (of_one, buffers), (inputs,))
        return nn.functional.binary_cross_entropy_with_logits(logits, targets)

    gradient = torch.func.vmap(torch.func.grad(loss))
    named = dict(zip(parameters, weights, strict=True))
    record = torch.empty(BLOCK, len(weights), copies, device=case.device)

    def train() -> int:
        for norms in record:
            found = list(gradient(named, x, y).values())
            for each, norm in zip(found, norms, strict=True):
                torch.linalg.vector_norm(each.flatten(1), dim=1, out=norm)
            update(found)
        return BLOCK * copies

    return train


def _sgd(weights: list[Tensor]) -> Callable[[list[Tensor]], None]:
    return lambda gradients: torch._foreach_add_(weights, gradients, alpha=-LEARNING_RATE)


def _adam(weights: list[Tensor]) -> Callable[[list[Tensor]], None]:
    means, squares = ([torch.zeros_like(weight) for weight in weights] for _ in range(2))
    steps = [torch.zeros(()) for _ in weights]

    def update(gradients: list[Tensor]) -> None:
        torch._foreach_add_(steps, 1.0)
        torch._fused_adam_(
            weights,
            gradients,
            means,
            squares,
            [],
            steps,
            lr=LEARNING_RATE,
            beta1=BETA_1,
            beta2=BETA_2,
            weight_decay=0.0,
            eps=EPSILON,
            amsgrad=False,
            maximize=False,
        )

    return update
