import pytest

from sigmoid_lab.results.measured import Progress, StackFailure, StackRetry, Stored
from sigmoid_lab.view.live import TrainingDisplay


def progress(group: int, step: int) -> Progress:
    return Progress(stack=group, group=group, networks=4, step=step, steps=10, loss=0.6931, gradient_norm=1.5e-5)


def run_through(display: TrainingDisplay) -> None:
    with display:
        for group in (0, 1):
            for step in range(11):
                display(progress(group, step))
            display(Stored(group, group, 4))


def test_a_pipe_gets_a_plain_line_a_stack(capsys: pytest.CaptureFixture[str]) -> None:
    run_through(TrainingDisplay(["activation sigmoid", "activation relu"], 4, quiet=False))
    output = capsys.readouterr()
    first, second = output.err.splitlines()
    assert first.startswith(" 50%  activation sigmoid: step 10 of 10, loss 0.6931, layer 1 gradient 1.50e-05, ")
    assert second.startswith("100%  activation relu: step 10 of 10")
    assert "\x1b" not in output.err
    assert output.out == ""


def test_a_stack_that_failed_gets_a_line_and_counts_no_longer_as_in_work(capsys: pytest.CaptureFixture[str]) -> None:
    display = TrainingDisplay(["activation sigmoid"], 4, quiet=False)
    display(progress(0, 5))
    display(StackFailure(0, 0, (1, 2, 3, 4), "out of memory"))
    assert display.done() == 0.0
    assert capsys.readouterr().err == "  0%  activation sigmoid, seeds 1 … 4: failed: out of memory\n"


@pytest.mark.parametrize("terminal", [False, True])
def test_a_stack_that_runs_again_gets_a_line_with_its_cause(
    terminal: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    if terminal:
        monkeypatch.setenv("FORCE_COLOR", "1")
    with TrainingDisplay(["activation sigmoid"], 4, quiet=False) as display:
        display(progress(0, 5))
        display(StackRetry(0, 0, (1, 2, 3, 4), "Traceback\nValueError: lost", 2, 3))
    assert display.done() == 0.0
    line = "  0%  activation sigmoid, seeds 1 … 4: run again, attempt 2 of 3: ValueError: lost\n"
    assert line in capsys.readouterr().err


def test_the_group_heard_of_last_stands_last(capsys: pytest.CaptureFixture[str]) -> None:
    display = TrainingDisplay([f"group {index}" for index in range(20)], 4, quiet=True)
    for group in (*range(20), 3):
        display(progress(group, 1))
    assert list(display.latest)[-1] == 3


def test_quiet_says_nothing(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    run_through(TrainingDisplay(["a", "b"], 4, quiet=True))
    assert capsys.readouterr() == ("", "")


def test_a_terminal_shows_progress_loss_and_gradient_of_each_group(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    display = TrainingDisplay(["activation sigmoid", "activation relu"], 4, quiet=False)
    run_through(display)
    text = capsys.readouterr().err
    for word in ("activation sigmoid", "activation relu", "0.6931", "1.50e-05", "4 of 4", "100%", "network-steps/s"):
        assert word in text


def test_a_narrow_terminal_shows_whole_what_it_shows(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "40")
    run_through(TrainingDisplay(["act sigmoid", "act relu"], 4, quiet=False))
    text = capsys.readouterr().err
    assert "4 of 4" in text
    assert "…" not in text


def test_the_bar_counts_the_part_of_a_stack_that_is_done() -> None:
    display = TrainingDisplay(["a", "b"], 4, quiet=True)
    display(progress(0, 5))
    assert display.done() == pytest.approx(2.0)
    display(progress(0, 10))
    display(Stored(0, 0, 4))
    assert display.done() == pytest.approx(4.0)


def test_a_stack_without_steps_is_done_at_once() -> None:
    display = TrainingDisplay(["a"], 4, quiet=True)
    display(Progress(0, 0, 4, 0, 0, 0.7, 0.1))
    display(Stored(0, 0, 4))
    assert display.done() == pytest.approx(4.0)


def test_a_resumed_run_starts_from_what_is_finished() -> None:
    display = TrainingDisplay(["a", "b"], 4, quiet=True, finished={0: 4, 1: 2})
    assert (display.done(), display.bar.tasks[0].completed) == (6, 6)
    assert display.bar.tasks[0].speed is None
