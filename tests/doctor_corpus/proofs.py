"""What proves each fault: a number that the faulty model shows and its mended twin does not."""

import importlib
import math
from collections.abc import Callable, Iterator
from itertools import combinations

import torch
from torch import Tensor, nn

from doctor_corpus.case import Case, Make, fit, leaves, loss_of, mapped, mend, outputs_of

Proof = Callable[[str, Make, Make], bool]

REFUSALS = (RuntimeError, IndexError, ValueError)


def bounded_by_a_sigmoid(name: str, make: Make, mended: Make) -> bool:
    """However long it is trained, the loss stays above the mean of log(1 + 1/e) at label 1 and log 2 at label 0."""
    case = make()
    labels = next(leaf for leaf in leaves(case["targets"]) if set(leaf.unique().tolist()) == {0.0, 1.0})
    positive = labels.mean().item()
    return fit(case, 80) >= positive * math.log1p(math.exp(-1)) + (1 - positive) * math.log(2)


def bounded_by_a_softmax(name: str, make: Make, mended: Make) -> bool:
    """However long it is trained, the loss stays above log(1 + (C − 1)/e)."""
    case = make()
    classes = int(case["targets"].max()) + 1
    return fit(case, 90) >= math.log1p((classes - 1) / math.e)


def wrong_examples_teach_nothing(name: str, make: Make, mended: Make) -> bool:
    """Some example has a gradient of exactly 0 that the loss on logits would have given a gradient."""
    silent = input_gradient(make()).flatten(1).eq(0).all(1)
    taught = input_gradient(mended()).flatten(1).norm(dim=1) > 1e-3 * input_gradient(mended()).flatten(1).norm()
    return bool((silent & taught).any())


def input_gradient(case: Case) -> Tensor:
    inputs = next(leaves(case["inputs"])).requires_grad_()
    loss_of(case).backward()
    assert inputs.grad is not None
    return inputs.grad


def not_a_probability(name: str, make: Make, mended: Make) -> bool:
    """The loss refuses the outputs at once or after some steps, or a clamp takes their gradient."""
    try:
        fit(make(), 40, learning_rate=0.1)
    except REFUSALS:
        return True
    (gradient, *_) = output_gradients(make())
    return bool(gradient.eq(0).float().mean() > 0.2)


def output_gradients(case: Case) -> list[Tensor]:
    outputs = outputs_of(case)
    reached = [leaf for leaf in leaves(outputs) if leaf.requires_grad]
    gradients = torch.autograd.grad(case["loss"](outputs, case["targets"]), reached, allow_unused=True)
    return [gradient for gradient in gradients if gradient is not None]


def blind_to_how_many(name: str, make: Make, mended: Make) -> bool:
    """Raising the logits of all labels together changes nothing: more labels cannot be said to hold."""
    case = make()
    before = loss_of(case).item()
    *_, head = linears(case["model"])
    with torch.no_grad():
        head.bias.add_(1.0)
    return math.isclose(loss_of(case).item(), before, rel_tol=1e-4)


def linears(model: nn.Module) -> Iterator[nn.Linear]:
    return (module for module in model.modules() if isinstance(module, nn.Linear))


def falls_below_zero(name: str, make: Make, mended: Make) -> bool:
    return fit(make(), 40) < 0


def blind_to_pairing(name: str, make: Make, mended: Make) -> bool:
    """Dealing the targets out to other examples does not change the loss."""
    case = make()
    loss = loss_of(case).item()
    dealt = (dealt_anew(case, leaf) for leaf in leaves(case["targets"]))
    return any(math.isclose(loss_of(other).item(), loss, rel_tol=1e-5) for other in dealt)


def dealt_anew(case: Case, chosen: Tensor) -> Case:
    return mend(case, targets=mapped(case["targets"], lambda leaf: leaf.flip(0) if leaf is chosen else leaf))


def fails_at_large_logits(name: str, make: Make, mended: Make) -> bool:
    """With logits in the thousands the loss is infinite or NaN, has such a gradient, or is capped."""
    case = make()
    with torch.no_grad():
        for parameter in (p for linear in linears(case["model"]) for p in linear.parameters()):
            parameter.mul_(1000.0)
    loss = loss_of(case)
    loss.backward()
    finite = all(p.grad.isfinite().all() for p in case["model"].parameters() if p.grad is not None)
    return not (finite and 50 < loss.item() < math.inf)


def head_without_say(name: str, make: Make, mended: Make) -> bool:
    """The loss refuses the outputs, or a layer of one output has no influence on it."""
    case = make()
    try:
        loss_of(case).backward()
    except REFUSALS:
        return True
    return any(
        linear.bias.grad is not None and bool(linear.bias.grad.eq(0).all())
        for linear in linears(case["model"])
        if linear.out_features == 1
    )


def never_met(name: str, make: Make, mended: Make) -> bool:
    """The loss refuses the targets, or 60 steps of training end below zero or above half of the first loss."""
    try:
        start = loss_of(make()).item()
        return not 0 <= fit(make(), 60) < start / 2
    except REFUSALS:
        return True


def vanishes(name: str, make: Make, mended: Make) -> bool:
    return passed_back(make()) < 1e-3 * passed_back(mended())


def explodes(name: str, make: Make, mended: Make) -> bool:
    return passed_back(make()) > 1e3 * passed_back(mended())


def passed_back(case: Case) -> float:
    """Return how large the gradient is at the inputs (of a sequence: the first step's), relative to the outputs'."""
    at_inputs = input_gradient(case)[:, 0].double().norm()
    at_outputs = output_gradients(case)[0].double().norm()
    return (at_inputs / at_outputs).item()


def works_where_it_is_flat(name: str, make: Make, mended: Make) -> bool:
    """Four fifths of the layer's outputs lie where the slope is below 1 % of the activation's greatest."""
    saturated = importlib.import_module("doctor_corpus.faulty.saturated_activation")
    slopes: Tensor = saturated.SLOPES[name](make())
    return bool((slopes < 0.01).float().mean() > 0.8)


def units_are_dead(name: str, make: Make, mended: Make) -> bool:
    """In some layer four fifths of the rows of the weight's gradient are exactly 0."""
    case = make()
    loss_of(case).backward()
    gradients = [p.grad for p in case["model"].parameters() if p.grad is not None and p.dim() > 1]
    return any(gradient.flatten(1).eq(0).all(1).float().mean() > 0.8 for gradient in gradients)


def decides_otherwise(name: str, make: Make, mended: Make) -> bool:
    """Some decision differs from that of the probability, σ(z) > ½."""
    case = make()
    outputs = outputs_of(case)
    likely = torch.sigmoid(next(leaves(outputs))) > 0.5
    return bool((case["predict"](outputs).bool() != likely).any())


def some_parameter_is_unreached(name: str, make: Make, mended: Make) -> bool:
    """A trainable parameter has no gradient, or one of exactly 0, also after two steps."""
    case = make()
    fit(case, 2)
    loss_of(case).backward()
    trainable = [p for p in case["model"].parameters() if p.requires_grad]
    return any(p.grad is None or bool(p.grad.eq(0).all()) for p in trainable)


def one_example_is_no_batch(name: str, make: Make, mended: Make) -> bool:
    """A batch of one raises, or its outputs have lost their first axis."""
    case = make()
    case["model"].eval()
    single = mend(case, inputs=mapped(case["inputs"], first), targets=mapped(case["targets"], first))
    try:
        loss_of(single)
    except REFUSALS:
        return True
    return any(leaf.shape[:1] != (1,) for leaf in leaves(outputs_of(single)))


def first(leaf: Tensor) -> Tensor:
    return leaf[:1]


def stays_symmetric(name: str, make: Make, mended: Make) -> bool:
    """After training, all rows of a matrix are still equal, or two parameters are."""
    case = make()
    fit(case, 5)
    matrices = [p.detach() for p in case["model"].parameters() if p.dim() > 1]
    units = [unit for matrix in matrices for unit in (matrix, matrix.T if matrix.dim() == 2 else matrix)]
    one_row = any(len(unit) > 1 and torch.allclose(unit, unit[:1], atol=1e-6) for unit in units)
    return one_row or any(a.shape == b.shape and torch.allclose(a, b) for a, b in combinations(matrices, 2))


def spoils_what_is_needed(name: str, make: Make, mended: Make) -> bool:
    """Backward raises, the batch is another one after the pass, or the gradient is not the loss's."""
    case = make()
    batch = [leaf.clone() for leaf in leaves((case["inputs"], case["targets"]))]
    try:
        loss_of(case).backward()
    except RuntimeError:
        return True
    after = leaves((case["inputs"], case["targets"]))
    changed = any(not torch.equal(old, new) for old, new in zip(batch, after, strict=True))
    return changed or gradient_is_wrong(make())


def gradient_is_wrong(case: Case) -> bool:
    """Compare the slope along the gradient with a central difference, in float64."""
    case = mend(case, model=case["model"].double(), inputs=mapped(case["inputs"], doubled))
    case = mend(case, targets=mapped(case["targets"], doubled))
    parameters = list(case["model"].parameters())
    gradient = torch.autograd.grad(loss_of(case), parameters)
    slope = sum(g.square().sum().item() for g in gradient)
    return not math.isclose(difference(case, parameters, gradient), slope, rel_tol=1e-4)


def difference(case: Case, parameters: list[nn.Parameter], direction: tuple[Tensor, ...], step: float = 1e-6) -> float:
    losses = []
    for signed in (step, -2 * step):
        with torch.no_grad():
            for parameter, along in zip(parameters, direction, strict=True):
                parameter.add_(signed * along)
        losses.append(loss_of(case).item())
    return (losses[0] - losses[1]) / (2 * step)


def doubled(leaf: Tensor) -> Tensor:
    return leaf.double() if leaf.is_floating_point() else leaf


PROOFS: dict[str, Proof] = {
    "sigmoid-before-bce-with-logits": bounded_by_a_sigmoid,
    "sigmoid-then-bce-loss": wrong_examples_teach_nothing,
    "logits-into-bce": not_a_probability,
    "softmax-for-multilabel": blind_to_how_many,
    "softmax-before-cross-entropy": bounded_by_a_softmax,
    "nll-without-log": falls_below_zero,
    "broadcast-target": blind_to_pairing,
    "handwritten-bce": fails_at_large_logits,
    "single-logit-cross-entropy": head_without_say,
    "targets-out-of-range": never_met,
    "vanishing-gradient": vanishes,
    "exploding-gradient": explodes,
    "saturated-activation": works_where_it_is_flat,
    "dead-relu": units_are_dead,
    "threshold-on-logits": decides_otherwise,
    "no-gradient": some_parameter_is_unreached,
    "squeeze-drops-batch": one_example_is_no_batch,
    "symmetric-init": stays_symmetric,
    "inplace-modification": spoils_what_is_needed,
}
