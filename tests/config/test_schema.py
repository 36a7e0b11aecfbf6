from collections.abc import Iterator
from itertools import chain

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from sigmoid_lab.config import schema
from sigmoid_lab.config.blocks import blocks, kinds
from sigmoid_lab.config.schema import Block, Experiment
from sigmoid_lab.vocabulary import DATA_KINDS, INITIALISATIONS, NETWORK_KINDS, OPTIMISERS, InitialisationName


def all_blocks(base: type[BaseModel] = Block) -> Iterator[type[BaseModel]]:
    return chain.from_iterable((block, *all_blocks(block)) for block in base.__subclasses__())


KEYS = [(block, key) for block in all_blocks() for key in block.model_fields if key != "kind"]


@pytest.mark.parametrize(("block", "key"), KEYS, ids=[f"{block.__name__}.{key}" for block, key in KEYS])
def test_every_key_says_what_it_means(block: type[BaseModel], key: str) -> None:
    assert block.model_fields[key].description


@pytest.mark.parametrize(
    ("setting", "words"), [("data", DATA_KINDS), ("network", NETWORK_KINDS), ("optimizer", OPTIMISERS)]
)
def test_every_kind_of_the_vocabulary_is_a_block(setting: str, words: tuple[str, ...]) -> None:
    assert tuple(blocks(Experiment.model_fields[setting])) == words


@pytest.mark.parametrize("setting", ["data", "network", "optimizer"])
def test_the_kind_that_may_go_unsaid_is_the_first(setting: str) -> None:
    usual = Experiment.model_fields[setting].default
    assert kinds(type(usual)) == tuple(blocks(Experiment.model_fields[setting]))[:1]


@pytest.mark.parametrize("word", INITIALISATIONS)
def test_an_initialisation_is_a_word_or_a_mapping(word: InitialisationName) -> None:
    adapter: TypeAdapter[object] = TypeAdapter(schema.Initialisation)
    assert adapter.validate_python(word) == word
    assert adapter.validate_python({"kind": word, "gain": 2}) == schema.Scheme(kind=word, gain=2.0)


def test_an_experiment_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Experiment().__setattr__("seeds", 3)


def test_nothing_is_converted_silently() -> None:
    with pytest.raises(ValidationError, match="valid integer"):
        Experiment.model_validate({"seeds": "3"})


@pytest.mark.parametrize(
    ("network", "widths"),
    [
        ({}, (64, 64, 64)),
        ({"depth": 2, "width": 5}, (5, 5)),
        ({"widths": [7, 3]}, (7, 3)),
        ({"kind": "binary"}, (64, 32)),
        ({"kind": "binary", "widths": [9]}, (9,)),
        ({"kind": "multilabel"}, (64,)),
    ],
)
def test_a_network_has_the_hidden_layers_that_it_says(network: dict[str, object], widths: tuple[int, ...]) -> None:
    assert Experiment.model_validate({"network": network}).network.hidden_widths == widths


@pytest.mark.parametrize(
    ("samples", "share", "held_out"), [(1024, 0.25, 256), (10, 0.25, 2), (7, 0.0, 0), (400, 0.9, 360)]
)
def test_the_held_out_examples_are_the_share_rounded(samples: int, share: float, held_out: int) -> None:
    assert schema.RandomLabels(samples=samples, test_share=share).test_samples == held_out


@pytest.mark.parametrize(("target", "count"), [("a", 1), (["a"], 1), (["a", "b"], 2)])
def test_a_table_has_as_many_labels_as_targets(target: object, count: int) -> None:
    assert schema.Csv.model_validate({"kind": "csv", "path": "t.csv", "target": target}).label_count == count


def test_a_batch_may_be_all_that_there_is_to_train_on() -> None:
    experiment = Experiment.model_validate({"data": {"samples": 40}, "training": {"batch_size": 30}})
    assert experiment.training.batch_size == 30


def test_one_label_needs_no_multilabel_network() -> None:
    values = {"data": {"kind": "multilabel", "labels": 1}, "network": {"kind": "binary"}}
    assert Experiment.model_validate(values).network.kind == "binary"
