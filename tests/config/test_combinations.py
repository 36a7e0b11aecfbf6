from collections.abc import Callable
from pathlib import Path

import pytest

from sigmoid_lab.config.combinations import MOST_COMBINATIONS, combinations
from sigmoid_lab.config.load import load
from sigmoid_lab.config.schema import Csv, Experiment

Faults = Callable[..., tuple[str, ...]]
Reader = Callable[..., Experiment]

SETTINGS = "data, network, loss, optimizer, training, measure, device, dtype"


def test_nothing_compared_is_one_combination_of_the_file_itself(read: Reader) -> None:
    [(compared, settings)] = combinations(read("network: {depth: 5}\n"))
    assert compared == {}
    assert settings.network == read("network: {depth: 5}\n").network


def test_every_combination_stands_once_the_last_key_running_fastest(read: Reader) -> None:
    text = "compare:\n  network.depth: [2, 1]\n  loss: [mse, max-form, bce-with-logits]\n"
    assert [tuple(compared.values()) for compared, _ in combinations(read(text))] == [
        (2, "mse"),
        (2, "max-form"),
        (2, "bce-with-logits"),
        (1, "mse"),
        (1, "max-form"),
        (1, "bce-with-logits"),
    ]


def test_a_combination_changes_what_it_compares_and_nothing_else(read: Reader) -> None:
    text = "network: {width: 8, activation: tanh}\nseeds: 2\n"
    [(_, settings)] = combinations(read(text + "compare: {network.depth: [7]}\n"))
    [(_, expected)] = combinations(read(text.replace("width: 8", "width: 8, depth: 7")))
    assert settings == expected


def test_a_compared_kind_brings_its_own_defaults(read: Reader) -> None:
    found = combinations(read("compare: {optimizer.kind: [sgd, adam]}\n"))
    assert [settings.optimizer.learning_rate for _, settings in found] == [0.1, 0.001]


def test_a_whole_block_can_be_compared(read: Reader) -> None:
    found = combinations(read("compare: {network: [{depth: 2}, {kind: binary}]}\n"))
    assert [settings.network.hidden_widths for _, settings in found] == [(64, 64), (64, 32)]


def test_compared_widths_take_the_place_of_depth_and_width(read: Reader) -> None:
    found = combinations(read("compare: {network.widths: [[9], [8, 7]]}\n"))
    assert [settings.network.hidden_widths for _, settings in found] == [(9,), (8, 7)]


@pytest.mark.parametrize("compared", ["data.path: [a.csv, b.csv]", "data: [{kind: csv, path: a.csv, target: t}]"])
def test_a_compared_table_is_read_from_the_folder_of_the_file(compared: str, tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(f"data: {{kind: csv, path: c.csv, target: t}}\ncompare: {{{compared}}}\n", encoding="utf-8")
    first = next(settings for _, settings in combinations(load(path))).data
    assert isinstance(first, Csv)
    assert Path(first.path) == tmp_path / "a.csv"


COMPARED = {
    "a key that does not exist": (
        "compare:\n  network.activaton: [sigmoid, relu]\n",
        ["2:3: compare.network.activaton: unknown key; did you mean 'activation'?"],
    ),
    "a block that does not exist": (
        "compare:\n  netwrok.depth: [1]\n",
        ["2:3: compare.netwrok.depth: 'netwrok' is no setting that can be compared; did you mean 'network'?"],
    ),
    "seeds": (
        "compare:\n  seed: [1, 2]\n",
        [f"2:3: compare.seed: 'seed' is no setting that can be compared; one of {SETTINGS}"],
    ),
    "a key of nothing": (
        "compare:\n  '': [1]\n",
        [f"2:3: compare.'': '' is no setting that can be compared; one of {SETTINGS}"],
    ),
    "an empty list": (
        "compare:\n  network.depth: []\n",
        ["2:3: compare.network.depth: the list is empty; name at least one value"],
    ),
    "no list": (
        "compare:\n  network.depth: 3\n",
        ["2:3: compare.network.depth: a list such as [1, 2] belongs here, not 3"],
    ),
    "nothing": ("compare:\n", ["1:1: compare: a mapping belongs here, not nothing"]),
    "a list": ("compare: [network.depth]\n", ["1:1: compare: a mapping belongs here, not a list"]),
    "bad values among good ones": (
        "compare:\n  network.depth: [1, 0, 2]\n  network.activation: [relu, rleu]\n",
        [
            "2:22: compare.network.depth[1]: 0 is out of range; it must be greater than 0",
            "3:30: compare.network.activation[1]: 'rleu' is unknown; did you mean 'relu'?",
        ],
    ),
    "a bad value inside a value": (
        "compare:\n  network.init: [he, {kind: orthogonal, gain: -1}]\n",
        ["2:41: compare.network.init[1].gain: -1 is out of range; it must be greater than 0.0"],
    ),
    "a key inside a word": (
        "compare:\n  dtype.bits: [16]\n",
        ["2:3: compare.dtype.bits: dtype: a mapping is no word known here; one of float16, bfloat16, float32, float64"],
    ),
    "a value twice": (
        "compare:\n  network.depth: [3, 4, 3]\n",
        ["2:25: compare.network.depth[2]: 3 stands twice in the list; keep one"],
    ),
    "a key inside another": (
        "compare:\n  network: [{depth: 3}]\n  network.depth: [3]\n",
        ["3:3: compare.network.depth: lies inside 'network', which is compared too; keep one"],
    ),
    "a kind that the rest does not go with": (
        "network: {depth: 3}\ncompare:\n  network.kind: [deep, binary]\n",
        ["3:24: compare.network.kind[1]: network.depth: unknown key; it goes with kind: deep"],
    ),
    "a batch larger than some of the data": (
        "compare:\n  data.samples: [10, 1000]\n  loss: [mse, max-form]\n",
        [
            "2:18: compare.data.samples[0]: training.batch_size: 32 is more than the 8 examples to train on "
            "(data.samples 10 less 2 held out)"
        ],
    ),
    "two values that do not go together": (
        "compare:\n  data.kind: [multilabel, moons]\n  training.steps: [1, 2]\n  network.kind: [multilabel, binary]\n",
        [
            "4:30: compare.network.kind[1]: 'binary' has one output, but the data has 4 labels an example; "
            "use kind: multilabel"
        ],
    ),
    "two values that do not go together with a third": (
        "compare:\n  data.samples: [10, 1000]\n  loss: [mse, max-form]\n  data.test_share: [0.25, 0.0]\n"
        "training: {batch_size: 9}\n",
        [
            "1:1: compare: with data.samples: 10, data.test_share: 0.25: training.batch_size: 9 is more than the 8 "
            "examples to train on (data.samples 10 less 2 held out)"
        ],
    ),
    "too many combinations": (
        f"compare:\n  network.depth: {[*range(1, 102)]}\n  network.width: {[*range(1, 101)]}\n",
        ["1:1: compare: 10,100 combinations are more than 10,000; compare less at once"],
    ),
}


@pytest.mark.parametrize(("text", "expected"), COMPARED.values(), ids=COMPARED)
def test_a_fault_of_what_is_compared_is_told_at_the_value_that_it_comes_from(
    text: str, expected: list[str], faults: Faults
) -> None:
    assert faults(text) == tuple(f"x.yaml:{fault}" for fault in expected)


def test_as_many_combinations_as_are_allowed_are_read(read: Reader) -> None:
    text = f"compare:\n  network.depth: {[*range(1, 101)]}\n  network.width: {[*range(1, 101)]}\n"
    assert sum(1 for _ in combinations(read(text))) == MOST_COMBINATIONS


def test_a_compared_list_of_nothing_but_faults_is_blamed_as_a_whole(faults: Faults) -> None:
    assert faults("compare:\n  network.depht: [1, 2, 3]\n  loss: [mse]\n") == (
        "x.yaml:2:3: compare.network.depht: unknown key; did you mean 'depth'?",
    )


def test_an_override_can_be_what_is_wrong_with_a_comparison(faults: Faults) -> None:
    assert faults("seeds: 2\n", "compare.network.depth=[1, 0]") == (
        "--set: compare.network.depth[1]: 0 is out of range; it must be greater than 0",
    )
