"""The answer of ``doctor`` in a terminal: the verdict, the findings by severity, the layers."""

import math
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from sigmoid_lab.results.doctor import DoctorAnswer, Finding, Layer, Proof
from sigmoid_lab.view.curve import Canvas
from sigmoid_lab.view.tables import Column, console, print_table
from sigmoid_lab.vocabulary import SEVERITIES, Severity
from sigmoid_lab.wording.numbers import number, share

STYLES: dict[Severity, str] = {"error": "bold red", "warning": "yellow", "note": "cyan"}
BAR = 5
DECADES = 6.0
"""The range of a bar of gradient norms, down from the greatest."""
FAULTY, MENDED = "red", "green"
COLUMNS = (
    Column("layer", number=False),
    Column("mean"),
    Column("spread"),
    Column("gradient"),
    Column("", number=False),
    Column("weight"),
    Column("activation", number=False),
    Column("saturated"),
    Column("", number=False),
    Column("dead"),
)


def show(answer: DoctorAnswer) -> None:
    """Print the verdict, then findings by severity, then the table of layers, then what training proved."""
    screen = console()
    screen.print(_verdict(answer))
    screen.print()
    for finding in answer.findings:
        _print_finding(screen, finding)
    _print_layers(screen, answer.layers)
    for proof in answer.proofs:
        _print_proof(screen, proof)


def _verdict(answer: DoctorAnswer) -> Text:
    if not answer.findings:
        return Text("Healthy: no rule has anything to say.", "green")
    counts = [(severity, sum(f.severity == severity for f in answer.findings)) for severity in SEVERITIES]
    said = ", ".join(f"{count} {severity}{'' if count == 1 else 's'}" for severity, count in counts if count)
    first = answer.findings[0]
    if first.severity == "error":
        return Text(f"Not healthy: {first.rule} ({said}).", STYLES["error"])
    return Text(f"It works, but look at {first.rule} ({said}).", STYLES[first.severity])


def _print_finding(screen: Console, finding: Finding) -> None:
    screen.print(Text.assemble((finding.severity, STYLES[finding.severity]), f" {finding.rule}"), soft_wrap=True)
    for name, text in (
        ("where", finding.where),
        ("seen", finding.evidence),
        ("why", finding.reason),
        ("met", finding.met),
        ("mend", finding.fix),
    ):
        screen.print(Text.assemble((f"  {name:<6}", "dim"), text), soft_wrap=True)
    screen.print()


def _print_layers(screen: Console, layers: Sequence[Layer]) -> None:
    if not layers:
        return
    norms = [layer.output_gradient_norm for layer in layers if layer.output_gradient_norm]
    greatest = max((norm for norm in norms if math.isfinite(norm)), default=1.0)
    print_table(screen, "Layers in the order they ran", COLUMNS, [_row(layer, greatest) for layer in layers])


def _row(layer: Layer, greatest: float) -> tuple[str, ...]:
    return (
        layer.layer,
        number(layer.output_mean),
        number(layer.output_spread),
        number(layer.output_gradient_norm),
        _bar(_height(layer.output_gradient_norm, greatest)),
        number(layer.weight_gradient_norm),
        layer.activation or "–",
        share(layer.saturated_share),
        _bar(layer.saturated_share),
        share(layer.dead_share),
    )


def _height(norm: float | None, greatest: float) -> float | None:
    """Return a gradient norm's place between the greatest and DECADES below it, on a logarithmic scale."""
    if not norm or not math.isfinite(norm):
        return None
    return max(0.0, 1.0 + math.log10(norm / greatest) / DECADES)


def _bar(height: float | None) -> str:
    return "" if height is None else "█" * round(BAR * min(height, 1.0))


def _print_proof(screen: Console, proof: Proof) -> None:
    screen.print(Text(f"Proof of {proof.rule}: {proof.change}", "bold"))
    finite = [loss for loss in (*proof.faulty, *proof.mended) if math.isfinite(loss)]
    low, high = (min(finite), max(finite)) if finite else (0.0, 1.0)
    canvas = Canvas(40, 8, proof.steps[0], proof.steps[-1], low, high if high > low else low + 1.0)
    canvas.line(proof.steps, proof.faulty, FAULTY)
    canvas.line(proof.steps, proof.mended, MENDED)
    screen.print(canvas.render())
    losses = f"faulty {number(proof.faulty[-1])}, mended {number(proof.mended[-1])}"
    ends = f"after {proof.steps[-1]} steps, by the mended loss: {losses}"
    screen.print(Text(ends))
    screen.print(
        Text("the fix helped" if proof.helped else "the fix did not help", MENDED if proof.helped else "yellow")
    )
    screen.print()
