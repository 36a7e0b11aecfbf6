"""The doctor on the corpus: how many faults are found, by rule, and how often health is taken for a fault."""

from collections import Counter
from functools import cache

import pytest
import torch
from doctor_corpus import clean, faulty, mended
from doctor_corpus.case import Make
from doctor_corpus.healthy import healthy

from sigmoid_lab import examine
from sigmoid_lab.results.doctor import Finding

CASES = [(name, rule, make) for name, rule, make in faulty() if rule is not None]
SOUND = {name: make for source in (clean, mended) for name, _, make in source()}


def look(make: Make) -> tuple[Finding, ...]:
    torch.manual_seed(0)
    return examine(**make()).findings


@cache
def found() -> tuple[Counter[str], Counter[str]]:
    """Return how many variants of each rule there are, and how many are found with no other error beside."""
    right: Counter[str] = Counter()
    for _, rule, make in CASES:
        findings = look(make)
        alone = all(finding.rule == rule for finding in findings if finding.severity == "error")
        right[rule] += alone and any(finding.rule == rule for finding in findings)
    return Counter(rule for _, rule, _ in CASES), right


def test_at_least_nineteen_of_twenty_variants_are_found_as_themselves(capsys: pytest.CaptureFixture[str]) -> None:
    variants, right = found()
    with capsys.disabled():
        print(f"\ndoctor: {right.total()} of {variants.total()} variants found")
        for rule, count in variants.items():
            print(f"  {rule:<32} {right[rule]} of {count}")
    assert right.total() >= 0.95 * variants.total()


@pytest.mark.parametrize("name", SOUND)
def test_no_error_on_a_sound_model(name: str) -> None:
    assert [finding for finding in look(SOUND[name]) if finding.severity == "error"] == []


@pytest.mark.parametrize("count", [40, pytest.param(1000, marks=pytest.mark.long)])
def test_random_healthy_architectures_raise_no_alarm(count: int) -> None:
    alarms = [
        (seed, finding)
        for seed in range(count)
        for finding in examine(**healthy(seed)).findings
        if finding.severity == "error"
    ]
    assert len(alarms) <= 0.01 * count
