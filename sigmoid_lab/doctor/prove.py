"""Placeholder."""
from collections.abc import Callable, Sequence

from sigmoid_lab.doctor.observe import Observation
from sigmoid_lab.results.doctor import Finding, Proof


def prove(observation: Observation, findings: Sequence[Finding], announce: Callable[[str], None]) -> tuple[Proof, ...]:
    return ()
