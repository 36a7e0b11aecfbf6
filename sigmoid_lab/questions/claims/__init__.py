"""What people say of sigmoid, measured on this machine: which of it holds, fails, or depends."""

from __future__ import annotations

from collections.abc import Callable
from inspect import getsource
from math import isinf
from re import findall, sub

from sigmoid_lab.engine.devices import environment
from sigmoid_lab.questions.claims import depth, formulas, gates, labels, losses, outputs
from sigmoid_lab.questions.claims.claim import Claim, Numbers
from sigmoid_lab.results.claims import Claimed, ClaimRow, ClaimsAnswer, ClaimVerdict
from sigmoid_lab.vocabulary import CLAIMS as NAMES
from sigmoid_lab.vocabulary import ClaimName, known

CLAIMS: dict[ClaimName, Claim] = {
    claim.name: claim for theme in (outputs, depth, formulas, losses, labels, gates) for claim in theme.CLAIMS
}


def claims(claim: str | None = None, on_progress: Callable[[Claimed], None] = lambda _: None) -> ClaimsAnswer:
    """Measure every claim, or the one named, and judge each by its rule; raise LabError for an unknown name.

    Ctrl-C ends the measuring and not the answer, which says so.
    """
    chosen = NAMES if claim is None else (known("claim", claim, NAMES),)
    rows: list[ClaimRow] = []
    try:
        for name in chosen:
            on_progress(Claimed(name, len(rows), len(chosen)))
            rows.append(measured(CLAIMS[name]))
    except KeyboardInterrupt:
        pass
    return ClaimsAnswer(
        settings={"claim": claim},
        environment=environment("cpu"),
        rows=tuple(rows),
        interrupted=len(rows) < len(chosen),
    )


def measured(claim: Claim) -> ClaimRow:
    """Measure one claim and judge it."""
    numbers = claim.measure()
    return ClaimRow(
        claim=claim.name,
        statement=claim.statement,
        verdict=claim.rule(numbers),
        evidence=_sentence(claim.evidence, numbers),
        numbers=numbers,
        rule=_source(claim.rule),
        reproduce=claim.reproduce.strip(),
    )


def _source(rule: Callable[[Numbers], ClaimVerdict]) -> str:
    """Return a rule as it is written, after the constants that it names."""
    source = getsource(rule).strip()
    constants = dict.fromkeys(findall(r"\b[A-Z][A-Z_]+\b", source))
    return "\n".join([*(f"{name} = {rule.__globals__[name]!r}" for name in constants), source])


def _sentence(evidence: str, numbers: Numbers) -> str:
    """Put numbers in their places, with minus and per cent as prose writes them."""
    written = evidence.format_map({name: _Number(value) for name, value in numbers.items()})
    return sub(r"(?<=\d)%", " %", sub(r"(?<!\w)-(?=[\d∞])", "−", written))


class _Number(float):
    """A number of three significant digits where a sentence does not say how it is to be written."""

    def __format__(self, form: str) -> str:
        if isinf(self):
            return "∞" if self > 0.0 else "-∞"
        return format(self + 0.0, form or (",.0f" if 100.0 <= abs(self) < 1e6 else ".3g")).replace("nan", "NaN")
