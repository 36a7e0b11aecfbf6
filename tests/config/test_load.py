import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sigmoid_lab.config.load import load
from sigmoid_lab.config.schema import Csv, Experiment, Momentum
from sigmoid_lab.config.starters import starter
from sigmoid_lab.errors import LabError
from sigmoid_lab.vocabulary import ACTIVATIONS, DATA_KINDS

Reader = Callable[..., Experiment]

YAML_LINE_END = re.compile("\r\n|[\n\r\x85\u2028\u2029]")


@pytest.fixture(scope="session")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("load") / "x.yaml"


def problems(path: Path, text: str | bytes) -> tuple[str, ...]:
    """Return the faults of a text; nothing may come out of it but these or an experiment."""
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    try:
        assert isinstance(load(path), Experiment)
    except LabError as error:
        return tuple(problem.removeprefix(str(path)) for problem in error.problems)
    return ()


def places(path: Path, text: str) -> list[tuple[int, int]]:
    """Return the line and column of every fault that has them."""
    found = (re.match(r":(\d+):(\d+): ", problem) for problem in problems(path, text))
    return [(int(match[1]), int(match[2])) for match in found if match]


starters = st.sampled_from([starter(kind, "x.yaml") for kind in DATA_KINDS])
lines = starters.flatmap(lambda text: st.sampled_from(text.splitlines()))
words = st.sampled_from(
    [
        "kind",
        "data",
        "network",
        "compare",
        "training",
        "moons",
        "deep",
        "seeds",
        "csv",
        "init",
        "depth",
        *ACTIVATIONS[:3],
    ]
)
scalars = st.one_of(words, st.integers(-2, 70_000).map(str), st.floats().map(repr), st.text(max_size=3))


@st.composite
def edited(draw: st.DrawFn) -> str:
    """Draw a starter with lines taken out, doubled, moved or cut, and with values replaced."""
    chosen = draw(starters).splitlines()
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(chosen) - 1))
        line = draw(st.sampled_from([chosen[place], draw(lines)]))
        key, _, value = line.partition(":")
        chosen[place] = draw(
            st.sampled_from([f"{key}: {draw(scalars)}", f"{draw(scalars)}:{value}", line[1:], f"{line}\n{line}", ""])
        )
    return "\n".join(chosen)


nested = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.lists(st.tuples(scalars, inner), max_size=3).map(
            lambda items: "{" + ", ".join(f"{key}: {value}" for key, value in items) + "}"
        ),
    ),
    max_leaves=12,
)


@given(st.one_of(st.text(), edited(), nested))
@example("compare: {network: [{}], 'network.': [1]}")
@example("data: {kind: {kind: moons}}")
@example("compare: {data: [{kind: csv, path: 3}]}")
@example("network: {init: {kind: {}}}")
def test_any_text_is_an_experiment_or_has_faults_whose_places_exist(path: Path, text: str) -> None:
    lengths = [len(line) for line in YAML_LINE_END.split(text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}"))]
    for line, column in places(path, text):
        assert 1 <= line <= len(lengths)
        assert 1 <= column <= lengths[line - 1] + 1


@given(st.binary())
def test_any_bytes_are_an_experiment_or_have_faults(path: Path, content: bytes) -> None:
    assert all(problem.startswith(":") for problem in problems(path, content))


@given(edited())
def test_each_fault_is_one_printable_line(path: Path, text: str) -> None:
    assert all(problem.isprintable() for problem in problems(path, text))


def test_the_example_of_the_contract_means_what_it_says(read: Reader) -> None:
    experiment = read(
        "name: bad-vs-good\n"
        "data:\n"
        "  kind: random-labels\n"
        "  samples: 1024\n"
        "  features: 10\n"
        "  test_share: 0.25\n"
        "network:\n"
        "  kind: deep\n"
        "  activation: sigmoid\n"
        "  depth: 3\n"
        "  width: 64\n"
        "  init: default\n"
        "loss: bce-with-logits\n"
        "optimizer: {kind: sgd, learning_rate: 0.1}\n"
        "training: {steps: 500, batch_size: 32}\n"
        "measure: {every: 50}\n"
        "seeds: 16\n"
        "seed: 0\n"
        "device: cpu\n"
        "dtype: float32\n"
        "compare:\n"
        "  network.activation: [sigmoid, relu]\n"
    )
    assert experiment == Experiment(name="bad-vs-good", compare={"network.activation": ("sigmoid", "relu")})


def test_a_number_in_scientific_form_is_a_number(read: Reader) -> None:
    assert read("optimizer: {learning_rate: 1e-3}\n").optimizer.learning_rate == 0.001


def test_a_count_in_scientific_form_is_a_count(read: Reader) -> None:
    assert read("seeds: 1e3\n").seeds == 1000


def test_off_is_a_word(read: Reader) -> None:
    assert read("name: off\n").name == "off"


def test_a_table_is_looked_for_beside_the_file_that_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "x.yaml").write_text("data: {kind: csv, path: ../t.csv, target: a}\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    data = load("inner/x.yaml").data
    assert isinstance(data, Csv)
    assert Path(data.path) == tmp_path / "inner" / ".." / "t.csv"


def test_overrides_apply_in_order(read: Reader) -> None:
    assert read("seeds: 1\n", "seeds=2", "seeds=3").seeds == 3


def test_an_override_can_mend_the_file(read: Reader) -> None:
    assert read("seeds: many\n", "seeds=2").seeds == 2


def test_an_override_of_a_compared_key_ends_the_comparison(read: Reader) -> None:
    assert read("compare: {network.depth: [1, 2]}\n", "network.depth=7").compare == {}


def test_an_override_can_choose_a_kind_with_its_defaults(read: Reader) -> None:
    assert read("seeds: 1\n", "optimizer.kind=momentum").optimizer == Momentum(kind="momentum")
