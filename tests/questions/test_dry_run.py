from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from sigmoid_lab import LabError, train
from sigmoid_lab.config.load import load
from sigmoid_lab.config.schema import LAST_SEED, DeepNetwork, Settings
from sigmoid_lab.engine.execute import execute
from sigmoid_lab.plan import Stack
from sigmoid_lab.questions import dry_run as calibration
from sigmoid_lab.questions.dry_run import dry_run
from sigmoid_lab.questions.plan import plan_of
from sigmoid_lab.results.measured import Progress, StackResult


def test_it_tells_what_a_training_makes(config: Path, tmp_path: Path) -> None:
    planned = dry_run(load(config))
    made = train(config, runs=tmp_path / "runs")
    assert (planned.networks, planned.stacks, planned.workers) == (made.networks, 2, 1)
    assert [group.settings for group in planned.groups] == [group.settings for group in made.groups]


def test_bytes_are_those_that_a_training_writes(config: Path, tmp_path: Path) -> None:
    overrides = ["seeds=40", "measure.every=2", "training.steps=40"]
    made = Path(train(config, overrides, tmp_path / "runs").run)
    written = sum(path.stat().st_size for path in made.rglob("*") if path.is_file())
    assert dry_run(load(config, overrides)).bytes == pytest.approx(written, rel=0.5)


def test_bytes_of_many_settings_of_few_networks_are_those_that_a_training_writes(config: Path, tmp_path: Path) -> None:
    overrides = [f"compare={{network.width: {list(range(4, 44))}}}", "seeds=2"]
    made = Path(train(config, overrides, tmp_path / "runs").run)
    written = sum(path.stat().st_size for path in made.rglob("*") if path.is_file())
    assert dry_run(load(config, overrides)).bytes == pytest.approx(written, rel=0.5)


def test_more_networks_take_more_room_in_proportion(config: Path) -> None:
    few, many = (dry_run(load(config, [f"seeds={seeds}"])) for seeds in (128, 1280))
    assert (few.stacks, many.stacks) == (2, 20)
    assert many.bytes == pytest.approx(10 * few.bytes, rel=0.3)


@pytest.mark.parametrize("steps", [1, 3, 8, 100])
def test_seconds_are_exact_where_work_takes_time_by_a_law(
    config: Path, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    def seconds(settings: Settings) -> float:
        updates, every = settings.training.steps or 0, settings.measure.every
        assert isinstance(settings.network, DeepNetwork)
        width = settings.network.width or 0
        return 2.0 + 0.01 * width**2 * updates + 0.5 * -(-updates // every)

    def timed(stack: Stack, on_progress: Callable[[Progress], None]) -> StackResult:
        return replace(execute(stack, on_progress), seconds=seconds(stack.group.settings))

    monkeypatch.setattr(calibration, "execute", timed)
    monkeypatch.setattr(calibration, "time", SimpleNamespace(perf_counter=lambda: 0.0))
    experiment = load(
        config, ["compare={network.width: [8, 64]}", f"training.steps={steps}", "measure.every=3", "seeds=200"]
    )
    for told, group in zip(dry_run(experiment).groups, plan_of(experiment).groups, strict=True):
        assert told.stacks == 2
        assert told.seconds == pytest.approx(2 * seconds(group.settings))


def test_the_last_seed_is_planned(config: Path) -> None:
    assert dry_run(load(config, [f"seed={LAST_SEED}"])).networks == 6


def test_nothing_is_kept(config: Path) -> None:
    before = set(config.parent.iterdir())
    dry_run(load(config))
    assert set(config.parent.iterdir()) == before


def test_more_workers_share_the_time(config: Path) -> None:
    planned = dry_run(load(config, ["seeds=256"]), workers=2)
    assert planned.workers == 2
    assert planned.seconds == pytest.approx(sum(group.seconds for group in planned.groups) / 2)


def test_what_a_training_would_refuse_is_refused(config: Path) -> None:
    with pytest.raises(LabError, match="network: one network needs about"):
        dry_run(load(config, ["network={widths: [65536, 65536, 65536]}", "compare={}"]))


def test_a_table_of_ones_own_is_planned(tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text("a,y\n" + "\n".join(f"{i % 7},{i % 2}" for i in range(64)), encoding="utf-8")
    path = tmp_path / "own.yaml"
    path.write_text(
        "data: {kind: csv, path: table.csv, target: y}\ntraining: {epochs: 2}\nseeds: 3\n", encoding="utf-8"
    )
    assert dry_run(load(path)).networks == 3
