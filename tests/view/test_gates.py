from dataclasses import replace

import pytest

from sigmoid_lab.environment import describe
from sigmoid_lab.results.gates import GateRow, GatesAnswer, GatesProgress, RecallRow
from sigmoid_lab.results.spread import Spread
from sigmoid_lab.view import gates
from sigmoid_lab.view.live import GatesBar

WIDTHS = pytest.mark.parametrize("width", [40, 60, 80, 120])
NONE = Spread.of([])


def spread(median: float) -> Spread:
    return Spread(median, median, median, median / 2, 2 * median)


def plain(lag: int, median: float) -> GateRow:
    return GateRow("rnn-sigmoid", None, lag, spread(median), None, 0.125, 0.2875, None)


def gated(lag: int, median: float) -> GateRow:
    return GateRow("lstm", 3.0, lag, spread(median), spread(0.0625), 0.8125, None, 20.579)


def answer(trained: bool = False) -> GatesAnswer:
    task = {"hidden": 16, "held_out": 256, "updates": 300, "solved_from": 0.99}
    return GatesAnswer(
        settings={"steps": 8, "seeds": 17, "recall": task if trained else None},
        environment=describe(),
        rows=tuple(make(lag, base**lag) for make, base in ((plain, 0.1), (gated, 0.5)) for lag in range(1, 9)),
        recall=(
            RecallRow("rnn-sigmoid", None, 10, 8, 0, spread(0.5), NONE),
            RecallRow("lstm", 3.0, 10, 8, 7, spread(1.0), spread(45.0)),
        )
        if trained
        else (),
    )


def shown(capsys: pytest.CaptureFixture[str], given: GatesAnswer) -> str:
    gates.show(given)
    return " ".join(capsys.readouterr().out.split())


@WIDTHS
def test_no_number_is_lost(width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    text = shown(capsys, answer(trained=True))
    for word in ("lstm, forget bias 3", "17 networks", "0.1", "0.01", "1.00e-08", "5.00e-09 … 2.00e-08", "0.2875"):
        assert word in text
    for word in ("0.8125", "0.0625", "20.58", "0 of 8", "7 of 8, 45", "99% of 256", "within 300 updates"):
        assert word in text


def test_the_sentence_says_which_cells_a_gated_one_surpasses(capsys: pytest.CaptureFixture[str]) -> None:
    given = answer()
    assert "forget bias 3: at lag 8 0.003906 of a gradient arrives, more than rnn-sigmoid." in shown(capsys, given)
    rows = (replace(row, gradient_norm=spread(1e-9)) if row.gate_product else row for row in given.rows)
    forgetful = replace(given, rows=tuple(rows))
    assert "forget bias 3: at lag 8 1.00e-09 of a gradient arrives, less than rnn-sigmoid." in shown(capsys, forgetful)


def test_nothing_is_said_of_recall_where_nothing_was_trained(capsys: pytest.CaptureFixture[str]) -> None:
    assert "recall" not in shown(capsys, answer())


def test_the_bar_names_what_is_measured_and_trained(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    with GatesBar(quiet=False) as bar:
        bar(GatesProgress("lstm", "default", None, 3, 4))
        bar.bar.refresh()
        bar(GatesProgress("lstm", 3.0, 10, 150, 300))
        bar.bar.refresh()
    text = capsys.readouterr().err
    for word in ("lstm, default bias", "75%", "lstm, forget bias 3, recall after 10 steps", "50%"):
        assert word in text
