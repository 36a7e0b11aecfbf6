"""Trains the faulty and the mended model side by side on the given batch, and says whether the mend helped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf, isfinite, nan

import torch
from torch import Tensor

from sigmoid_lab.doctor.mends import Mend, Value, Weights, mend_of, plain
from sigmoid_lab.doctor.observe import Observation
from sigmoid_lab.doctor.passes import seed_all
from sigmoid_lab.doctor.preserve import preserved
from sigmoid_lab.doctor.recording import eager
from sigmoid_lab.results.doctor import Finding, Proof

STEPS, EVERY = 300, 10
LEARNING_RATE = 3e-3
CLEARLY = 0.95
"""A mend helped where it ends below this share of the faulty loss."""


def prove(observation: Observation, findings: Sequence[Finding], announce: Callable[[str], None]) -> tuple[Proof, ...]:
    """Return a proof for each error and warning that the doctor can mend by itself."""
    proofs = []
    for finding in {finding.rule: finding for finding in findings if finding.severity != "note"}.values():
        mend = mend_of(observation, finding.rule)
        if mend is None:
            announce(f"{finding.rule}: the doctor cannot make this mend by itself, so there is no proof")
            continue
        announce(f"{finding.rule}: training the faulty and the mended model, {STEPS} steps each")
        proof = _proof(observation, finding, mend)
        if isfinite(proof.mended[0]):
            proofs.append(proof)
        else:
            announce(f"{finding.rule}: the mended model does not run, so there is no proof")
    return tuple(proofs)


def _proof(observation: Observation, finding: Finding, mend: Mend) -> Proof:
    own = plain(observation.case)
    faulty = _train(observation, own, mend.loss if mend.judges_faulty else own, None)
    mended = _train(observation, mend.loss, mend.loss, mend.weights)
    helped = isfinite(mended[-1]) and mended[-1] < CLEARLY * (faulty[-1] if isfinite(faulty[-1]) else inf)
    return Proof(finding.rule, mend.change, tuple(range(0, STEPS + 1, EVERY)), tuple(faulty), tuple(mended), helped)


def _train(observation: Observation, loss: Value, judge: Value, start: Weights | None) -> list[float]:
    """Return ``judge`` of the weights every EVERY steps of Adam down ``loss``; they stay where that fails."""
    own = dict(observation.case.model.named_parameters()) if start is None else start
    weights = {name: w.detach().clone().requires_grad_(w.requires_grad) for name, w in own.items()}
    optimiser = torch.optim.Adam([weight for weight in weights.values() if weight.requires_grad], LEARNING_RATE)
    curve = []
    with preserved(*observation.case.modules), eager():
        seed_all()
        for step in range(STEPS + 1):
            if step % EVERY == 0:
                curve.append(_judged(judge, weights))
            if step < STEPS and not _update(optimiser, loss, weights):
                break
    return curve + curve[-1:] * (STEPS // EVERY + 1 - len(curve))


def _judged(judge: Value, weights: dict[str, Tensor]) -> float:
    with torch.no_grad():
        try:
            return judge(weights).item()
        except Exception:
            return nan


def _update(optimiser: torch.optim.Optimizer, loss: Value, weights: Weights) -> bool:
    optimiser.zero_grad()
    try:
        loss(weights).backward()
    except Exception:
        return False
    optimiser.step()
    return True
