"""What the tests of the config room share: a file of its own for each text, and every experiment that there is."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from sigmoid_lab.config.load import load, validate
from sigmoid_lab.config.schema import Experiment
from sigmoid_lab.config.source import Source
from sigmoid_lab.errors import LabError
from sigmoid_lab.vocabulary import ACTIVATIONS, DEVICES, DTYPES, INITIALISATIONS, LOSSES

Faults = Callable[..., tuple[str, ...]]
Reader = Callable[..., Experiment]
Values = dict[str, Any]


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reader:
    """Return a function that loads a text, kept as ``x.yaml``."""
    monkeypatch.chdir(tmp_path)

    def read_text(text: str | bytes, *overrides: str) -> Experiment:
        Path("x.yaml").write_bytes(text.encode() if isinstance(text, str) else text)
        return load("x.yaml", overrides)

    return read_text


@pytest.fixture
def faults(read: Reader) -> Faults:
    """Return a function that tells the faults of a text, kept as ``x.yaml``."""

    def faults_of(text: str | bytes, *overrides: str) -> tuple[str, ...]:
        with pytest.raises(LabError) as caught:
            read(text, *overrides)
        return caught.value.problems

    return faults_of


@pytest.fixture(scope="session")
def experiments(tmp_path_factory: pytest.TempPathFactory) -> SearchStrategy[Experiment]:
    """Return a strategy for experiments, each validated as a file in one folder would be."""
    folder = tmp_path_factory.mktemp("experiments")
    return st.one_of(_single_label(), _multilabel()).map(lambda values: validate(Source("x.yaml", folder, values)))


positive = st.floats(1e-9, 1e9)
share = st.floats(0.0, 0.9)
sizes = st.lists(st.integers(1, 99), min_size=1, max_size=3)
words = st.text(st.characters(codec="utf-8"), min_size=1, max_size=9).map(lambda word: "x" + word)
init = st.one_of(
    st.sampled_from(INITIALISATIONS),
    st.builds(lambda kind, gain: {"kind": kind, "gain": gain}, st.sampled_from(INITIALISATIONS), positive),
    st.builds(lambda weight, bias: {"weight_variance": weight, "bias_variance": bias}, positive, share),
)
synthetic: dict[str, SearchStrategy[Any]] = {
    "samples": st.integers(400, 9999),
    "test_share": share,
    "features": st.integers(2, 99),
}
data: SearchStrategy[Values] = st.one_of(
    st.fixed_dictionaries({}, optional=synthetic),
    st.fixed_dictionaries({"kind": st.just("blobs")}, optional=synthetic | {"separation": positive}),
    st.fixed_dictionaries(
        {"kind": st.sampled_from(["linear", "moons", "circles", "xor"])}, optional=synthetic | {"noise": share}
    ),
    st.fixed_dictionaries(
        {
            "kind": st.just("csv"),
            "path": st.just("table.csv"),
            "target": words | st.lists(words, min_size=1, max_size=1),
        },
        optional={"ignore": st.lists(words, max_size=2), "test_share": share},
    ),
)
deep_shape = st.one_of(
    st.fixed_dictionaries({}, optional={"depth": st.integers(1, 9), "width": st.integers(1, 99)}),
    st.fixed_dictionaries({"widths": sizes}),
)
layers: dict[str, SearchStrategy[Any]] = {"activation": st.sampled_from(ACTIVATIONS), "init": init}
network: SearchStrategy[Values] = st.one_of(
    st.builds(lambda shape, rest: {**shape, **rest}, deep_shape, st.fixed_dictionaries({}, optional=layers)),
    st.fixed_dictionaries({"kind": st.just("binary")}, optional=layers | {"widths": sizes}),
)
optimizer: SearchStrategy[Values] = st.one_of(
    st.fixed_dictionaries({"kind": st.sampled_from(["sgd", "adam", "adamw"])}, optional={"learning_rate": positive}),
    st.fixed_dictionaries({"kind": st.just("momentum")}, optional={"momentum": share, "weight_decay": share}),
)
training: SearchStrategy[Values] = st.one_of(
    st.fixed_dictionaries({}, optional={"steps": st.integers(0, 10**9), "batch_size": st.integers(1, 32)}),
    st.fixed_dictionaries({"epochs": st.integers(0, 99)}),
)


def _some(values: list[Any]) -> SearchStrategy[list[Any]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=3, unique=True)


compare: SearchStrategy[Values] = st.one_of(
    st.fixed_dictionaries(
        {},
        optional={
            "network.activation": _some([*ACTIVATIONS]),
            "network.init": st.lists(init, min_size=1, max_size=3, unique_by=repr),
            "optimizer.kind": _some(["sgd", "adam", "adamw"]),
            "loss": _some([*LOSSES]),
        },
    ),
    st.fixed_dictionaries({"training": st.lists(training, min_size=1, max_size=2, unique_by=repr)}),
)
name = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", fullmatch=True) | st.sampled_from(["1e5", "12", "off", "null"])
others: dict[str, SearchStrategy[Any]] = {
    "name": name,
    "loss": st.sampled_from(LOSSES),
    "optimizer": optimizer,
    "training": training,
    "measure": st.fixed_dictionaries({"every": st.integers(1, 99)}),
    "device": st.sampled_from(DEVICES),
    "dtype": st.sampled_from(DTYPES),
    "seeds": st.integers(1, 99),
    "seed": st.integers(0, 2**53),
    "compare": compare,
}


def _single_label() -> SearchStrategy[Values]:
    return st.fixed_dictionaries({}, optional=others | {"data": data, "network": network}).map(_with_fitting_optimizer)


def _multilabel() -> SearchStrategy[Values]:
    labelled = synthetic | {"labels": st.integers(1, 9), "dependence": st.floats(-9.0, 9.0)}
    return st.fixed_dictionaries(
        {
            "data": st.fixed_dictionaries({"kind": st.just("multilabel")}, optional=labelled),
            "network": st.fixed_dictionaries({"kind": st.just("multilabel")}, optional=layers | {"widths": sizes}),
        },
        optional=others,
    ).map(_with_fitting_optimizer)


def _with_fitting_optimizer(values: Values) -> Values:
    """Return values whose optimizer has no key that another kind to compare does not know."""
    momentum = values.get("optimizer", {}).pop("momentum", None)
    if momentum is not None and "optimizer.kind" not in values.get("compare", {}):
        values["optimizer"]["momentum"] = momentum
    return values
