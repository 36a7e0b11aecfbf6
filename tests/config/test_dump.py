from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from sigmoid_lab.config.combinations import combinations
from sigmoid_lab.config.dump import plain, resolved
from sigmoid_lab.config.load import load
from sigmoid_lab.config.schema import Csv, Experiment

Reader = Callable[..., Experiment]


@pytest.fixture(scope="session")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("dump") / "x.yaml"


def dumped_and_read(experiment: Experiment, path: Path) -> Experiment:
    path.write_text(resolved(experiment), encoding="utf-8")
    return load(path)


@given(draw=st.data())
def test_an_experiment_reads_back_equal(
    experiments: SearchStrategy[Experiment], path: Path, draw: st.DataObject
) -> None:
    experiment = draw.draw(experiments)
    assert dumped_and_read(experiment, path) == experiment


@given(draw=st.data())
def test_the_combinations_of_an_experiment_read_back_equal(
    experiments: SearchStrategy[Experiment], path: Path, draw: st.DataObject
) -> None:
    experiment = draw.draw(experiments)
    assert [*combinations(dumped_and_read(experiment, path))] == [*combinations(experiment)]


@pytest.mark.parametrize(
    "compared",
    [
        "optimizer.kind: [sgd, adam]",
        "network.kind: [deep, binary]",
        "network.widths: [[64, 32], [8]]",
        "training.epochs: [1, 2]",
        "data.kind: [linear, moons]",
    ],
)
def test_a_default_that_hangs_on_what_is_compared_is_left_to_it(compared: str, read: Reader, path: Path) -> None:
    experiment = read(f"compare: {{{compared}}}\n")
    assert [*combinations(dumped_and_read(experiment, path))] == [*combinations(experiment)]


@pytest.mark.parametrize("name", ["1e5", "12", "1.5", "off", "true", "null"])
def test_a_name_that_looks_like_something_else_is_put_in_quotes(name: str, path: Path) -> None:
    assert dumped_and_read(Experiment(name=name), path).name == name


@pytest.mark.parametrize("column", ["1e5", "a\x85b", "a\u2028", "a\nb", "a: b", "# a", "é", "\x1b", "'", '"', " a "])
def test_a_column_of_any_name_reads_back(column: str, path: Path) -> None:
    experiment = Experiment(data=Csv(kind="csv", path="/t.csv", target=column, ignore=(column,)))
    assert dumped_and_read(experiment, path) == experiment


def test_what_is_not_compared_is_spelled_out(read: Reader) -> None:
    values = yaml.safe_load(resolved(read("compare: {network.activation: [tanh]}\n")))
    assert values["training"] == {"steps": 500, "batch_size": 32}


def test_the_name_stands_first_and_a_kind_first_in_its_block() -> None:
    assert resolved(Experiment()).startswith("name: experiment\ndata:\n  kind: random-labels\n")


def test_plain_values_hold_every_default_and_nothing_that_is_not_there() -> None:
    assert plain(Experiment())["network"] == {
        "kind": "deep",
        "activation": "sigmoid",
        "depth": 3,
        "width": 64,
        "init": "default",
    }
