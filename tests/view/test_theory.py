from dataclasses import replace

import pytest

from sigmoid_lab.environment import describe
from sigmoid_lab.results.theory import FixedPointRow, SignalRow, TheoryAnswer
from sigmoid_lab.view import theory

STABLE = FixedPointRow("gelu", 2.5, 0.0, 0.0, True, 0.0, 0.625, 0.625, None, None, 2.128, None, "ordered", False)
EDGE = FixedPointRow("gelu", 2.5, 0.0, 0.678, False, 0.2, 1.075, 1.17, 0.71, 0.93, -13.9, 13.6, "chaotic", False)
GROWS = FixedPointRow("gelu", 2.5, 0.0, *(None,) * 9, "unbounded", False)
EVERY = FixedPointRow(
    "relu", 2.0, 0.0, 2.0, True, 0.5, 1.0, 1.0, 1.0, 1.0, float("inf"), float("inf"), "critical", True
)


def answer(*rows: FixedPointRow, critical: bool = False, never: tuple[str, ...] = ()) -> TheoryAnswer:
    settings = {"critical": critical, "weight_variance": 2.5, "bias_variance": 0.0, "layers": 1, "width": 8}
    by_layer = (
        SignalRow("gelu", 1, 2.5, 0.75, 0.75, -0.125, 0.25),
        SignalRow("gelu", 2, 1.1, None, 1.0, 0.0, None),
        SignalRow("gelu", 3, 1.1, 0.1, None, -400.0, None),
    )
    return TheoryAnswer(settings, describe(), rows, by_layer, never)  # type: ignore[arg-type]


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_fixed_points_phases_and_layers_are_shown_at_every_width(
    width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    theory.show(answer(STABLE, EDGE, GROWS))
    text = capsys.readouterr().out
    for word in (
        "0.625",
        "0.678",
        "1.075",
        "-13.9",
        "0.71",
        "unstable",
        "unbounded",
        "squared gradient ratio",
        "0.75",
        "×÷ 1.649",
        "1.00e-400",
    ):
        assert word in text
    assert all(len(line) <= width for line in text.splitlines() if "───" in line)


def test_growth_and_a_line_of_fixed_points_are_told_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    theory.show(answer(GROWS, EVERY))
    text = " ".join(capsys.readouterr().out.split())
    assert "q grows from layer to layer without end" in text
    assert "relu, q* = 2 (every q is a fixed point): critical: a gradient keeps its size." in text
    assert "∞" in text


def test_a_fixed_point_that_signals_leave_is_told_to_be_left(capsys: pytest.CaptureFixture[str]) -> None:
    theory.show(answer(replace(EDGE, phase="critical", chi_1=1.0)))
    text = " ".join(capsys.readouterr().out.split())
    assert "unstable: critical: a gradient keeps its size, but no signal stays there: any other q moves away." in text


def test_a_critical_point_without_a_signal_speaks_of_small_ones(capsys: pytest.CaptureFixture[str]) -> None:
    theory.show(answer(replace(STABLE, phase="critical", chi_1=1.0)))
    assert "critical: a gradient keeps its size where signals are small." in " ".join(capsys.readouterr().out.split())


def test_a_linear_network_is_told_to_keep_what_two_inputs_have_in_common(capsys: pytest.CaptureFixture[str]) -> None:
    theory.show(answer(replace(EVERY, activation="identity", c_star=None)))
    text = " ".join(capsys.readouterr().out.split())
    assert "a gradient keeps its size; two inputs stay as alike as they are." in text


def test_an_activation_without_a_critical_point_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    theory.show(answer(critical=True, never=("softplus",)))
    assert "softplus: no weight variance makes χ₁ = 1 at bias variance 0." in capsys.readouterr().out
