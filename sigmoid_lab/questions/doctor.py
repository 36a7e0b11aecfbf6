"""What is wrong with a user's own model, loss and batch."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

from sigmoid_lab.doctor.case import Case, Module, check
from sigmoid_lab.doctor.diagnose import diagnose
from sigmoid_lab.doctor.layers import layers
from sigmoid_lab.doctor.load import load
from sigmoid_lab.doctor.observe import Observation, observe
from sigmoid_lab.doctor.prove import prove as prove_findings
from sigmoid_lab.environment import describe
from sigmoid_lab.results.doctor import DoctorAnswer, Finding
from sigmoid_lab.vocabulary import RULES, known

Announce = Callable[[str], None]


def examine(
    model: Module,
    loss: Callable[[Any, Any], Any],
    inputs: Any,
    targets: Any,
    predict: Callable[[Any], Any] | None = None,
    *,
    ignore: Sequence[str] = (),
    prove: bool = False,
    second_looks: bool = True,
) -> DoctorAnswer:
    """Say what is wrong with a model, a loss of (outputs, targets) and one batch; everything is as before afterwards.

    Raises LabError where it cannot be examined: no parameters, NaN in the inputs, a loss that is no scalar …
    """
    case = Case(model, loss, inputs, targets, predict)
    check(case, "examine")
    settings = {"ignore": tuple(ignore), "prove": prove, "second_looks": second_looks}
    return _answer(case, settings)


def assert_healthy(
    model: Module,
    loss: Callable[[Any, Any], Any],
    inputs: Any,
    targets: Any,
    predict: Callable[[Any], Any] | None = None,
    *,
    ignore: Sequence[str] = (),
) -> None:
    """Raise AssertionError that tells every error found; made for a test suite."""
    answer = examine(model, loss, inputs, targets, predict, ignore=ignore)
    if not answer.healthy:
        errors = [finding for finding in answer.findings if finding.severity == "error"]
        raise AssertionError("\n".join(_line(finding) for finding in errors))


def doctor(
    spec: str,
    shape: str | None = None,
    loss: str | None = None,
    *,
    ignore: Sequence[str] = (),
    prove: bool = False,
    second_looks: bool = True,
    announce: Announce = lambda _: None,
) -> DoctorAnswer:
    """Examine what FILE.py:NAME or package.module:NAME gives; raise LabError where there is no such thing."""
    settings = {"model": spec, "input": shape, "loss": loss, "ignore": tuple(ignore), "prove": prove}
    settings["second_looks"] = second_looks
    names = [known("ignore", name, RULES) for name in ignore]
    return _answer(load(spec, shape, loss), settings | {"ignore": tuple(names)}, announce)


def _answer(case: Case, settings: dict[str, Any], announce: Announce = lambda _: None) -> DoctorAnswer:
    ignore = [known("ignore", name, RULES) for name in settings["ignore"]]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the user's code has said them already, when it ran by itself
        observation = observe(case, settings["second_looks"], announce)
        findings = diagnose(observation, ignore)
        proofs = prove_findings(observation, findings, announce) if settings["prove"] else ()
    return DoctorAnswer(
        settings=settings,
        environment=describe(str(next(case.model.parameters()).device)),
        findings=findings,
        layers=layers(observation),
        proofs=proofs,
        loss=observation.loss,
        outputs=_outputs(observation),
        examples_with_gradient=observation.examples_with_gradient,
    )


def _outputs(observation: Observation) -> str:
    parts = []
    for op in observation.outputs:
        value = op.value
        spread = f" from {value.min():.4g} to {value.max():.4g}" if value is not None and value.numel() else ""
        parts.append(f"{op.shape}{spread}")
    return "; ".join(parts)


def _line(finding: Finding) -> str:
    return f"{finding.rule} at {finding.where}: {finding.evidence}; {finding.fix}"
