import pytest

from sigmoid_lab.environment import describe
from sigmoid_lab.results.dry_run import DryRunAnswer, PlannedGroup
from sigmoid_lab.view.dry_run import show
from sigmoid_lab.wording.numbers import amount, duration


def test_time_and_room_are_told_for_all_networks(capsys: pytest.CaptureFixture[str]) -> None:
    groups = tuple(PlannedGroup({"network.depth": depth}, 5000, 40, 60.0 * depth) for depth in range(1, 31))
    show(DryRunAnswer({}, describe(), groups, 150_000, 1200, 2, 13_950.0, 4_100_000_000))
    text = capsys.readouterr().out
    assert "150,000 networks in 1,200 stacks: about 3.9 h on 2 workers, about 4.1 GB on disk" in text
    assert "the 20 of 30 that take longest" in text
    assert "depth 30" in text
    assert "depth 10 " not in text


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0.04, "0.04 s"), (99.0, "99 s"), (130.0, "2.2 min"), (7300.0, "2 h"), (200_000.0, "2.3 days")],
)
def test_a_duration_has_a_unit_of_its_size(seconds: float, told: str) -> None:
    assert duration(seconds) == told


@pytest.mark.parametrize(("size", "told"), [(12, "12 bytes"), (4096, "4.1 kB"), (150_000_000, "150 MB")])
def test_an_amount_has_a_unit_of_its_size(size: int, told: str) -> None:
    assert amount(size) == told
