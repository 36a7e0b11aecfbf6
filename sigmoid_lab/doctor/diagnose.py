"""From what was observed to what is wrong."""

from __future__ import annotations

import linecache
import re
from collections.abc import Collection
from dataclasses import replace

from sigmoid_lab.doctor.failure import users_fault
from sigmoid_lab.doctor.observe import Failure, Observation
from sigmoid_lab.doctor.operations import Operation
from sigmoid_lab.doctor.rules import RULES
from sigmoid_lab.doctor.rules.rule import Rule, Symptom
from sigmoid_lab.results.doctor import Finding
from sigmoid_lab.vocabulary import SEVERITIES, RuleName

COMMENT = re.compile(r"#\s*sigmoid-lab:\s*ignore\[([\w\s,-]+)\]")


def diagnose(observation: Observation, ignore: Collection[RuleName] = ()) -> tuple[Finding, ...]:
    """Return what the rules find, errors first; raise LabError where the user's code fails and no rule says why."""
    findings: list[Finding] = []
    errors: set[RuleName] = set()
    for rule in RULES:
        if errors & set(rule.yields_to):
            continue
        for symptom in rule.look(observation):
            if symptom.severity == "error":
                errors.add(rule.name)
            if rule.name not in ignore and rule.name not in _ignored_at(symptom.at):
                findings.append(_finding(rule, symptom))
    findings.sort(key=lambda finding: SEVERITIES.index(finding.severity))
    return tuple(findings) if observation.failure is None else _stopped(findings, observation.failure)


def _stopped(findings: list[Finding], failure: Failure) -> tuple[Finding, ...]:
    """Return the findings, of which one tells how the pass stopped; raise LabError where no error says why."""
    fault = users_fault(failure.error, _stage(failure))
    if not findings or findings[0].severity != "error":
        raise fault
    message = str(failure.error).partition("\n")[0].partition(";")[0]
    if any(message in finding.evidence for finding in findings):
        return tuple(findings)
    return (replace(findings[0], evidence=f"{findings[0].evidence}; {fault.problems[0]}"), *findings[1:])


def _finding(rule: Rule, symptom: Symptom) -> Finding:
    return Finding(
        rule.name, symptom.severity, _where(symptom.at), symptom.evidence, symptom.fix, rule.reason, rule.met
    )


def _where(at: Operation | str | None) -> str:
    if at is None:
        return "model"
    if isinstance(at, str):
        return at
    module = at.label or at.module or ("loss" if at.in_loss else "model")
    named = f"{module} ({at.kind})" if at.kind else module
    return f"{named}, {at.place or at.name}"


def _ignored_at(at: Operation | str | None) -> set[str]:
    """Return the rules that a comment on the line named turns off."""
    if not isinstance(at, Operation) or at.file is None or at.line is None:
        return set()
    comment = COMMENT.search(linecache.getline(at.file, at.line))
    return {word.strip() for word in comment.group(1).split(",")} if comment else set()


def _stage(failure: Failure) -> str:
    stage = {"model": "the model's forward pass", "loss": "the loss", "backward": "the backward pass"}[failure.stage]
    op = failure.operation
    return f"{stage}, in {op.module} ({op.kind})," if op is not None and op.module and not op.in_loss else stage
