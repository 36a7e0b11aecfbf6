from collections.abc import Callable

import pytest
from pydantic import ValidationError

from sigmoid_lab.config import problems
from sigmoid_lab.config.schema import Experiment
from sigmoid_lab.vocabulary import ACTIVATIONS, DATA_KINDS, INITIALISATIONS, LOSSES

Faults = Callable[..., tuple[str, ...]]

TOP = "known here: data, network, loss, optimizer, training, measure, device, dtype, name, seeds, seed, compare"
RUN = "cannot name a run; use up to 64 letters, digits, '.', '_' and '-'"

FAULTS = {
    # keys
    "an unknown key": ("netwrok: {}\n", "1:1: netwrok: unknown key; did you mean 'network'?"),
    "an inner unknown key": ("network:\n  dpeth: 3\n", "2:3: network.dpeth: unknown key; did you mean 'depth'?"),
    "a key like none": ("colour: 3\n", f"1:1: colour: unknown key; {TOP}"),
    "an inner key like none": (
        "measure: {colour: 3}\n",
        "1:11: measure.colour: unknown key; known here: every",
    ),
    "a key of a block at the top": ("batch_size: 8\n", "1:1: batch_size: unknown key; it belongs inside 'training'"),
    "a key of another block": (
        "optimizer:\n  steps: 8\n",
        "2:3: optimizer.steps: unknown key; it belongs inside 'training'",
    ),
    "a key of the top in a block": (
        "training:\n  seeds: 8\n",
        "2:3: training.seeds: unknown key; it belongs at the top of the file",
    ),
    "a dotted key": ("network.depth: 8\n", "1:1: network.depth: unknown key; write 'depth' inside 'network'"),
    "a key of another kind": (
        "optimizer: {momentum: 0.9}\n",
        "1:13: optimizer.momentum: unknown key; it goes with kind: momentum",
    ),
    "a key of a few other kinds": (
        "data: {kind: blobs, noise: 0.9}\n",
        "1:21: data.noise: unknown key; it goes with kind: linear or moons or circles or xor",
    ),
    "a key of every other kind": (
        "data: {kind: csv, path: a, target: b, samples: 9}\n",
        "1:39: data.samples: unknown key; it does not go with kind: csv",
    ),
    "an unknown key of an initialisation": (
        "network: {init: {kind: orthogonal, gian: 1.2}}\n",
        "1:36: network.init.gian: unknown key; did you mean 'gain'?",
    ),
    "an empty key": ("'': 3\n", f"1:1: '': unknown key; {TOP}"),
    "a key that is a number": ("1: 3\n", f"1:1: 1: unknown key; {TOP}"),
    "a key that is nothing": ("~: 3\n", f"1:1: ~: unknown key; {TOP}"),
    "a missing key": ("data: {kind: csv, path: a}\n", "1:1: data.target: is missing"),
    "an initialisation without scheme": ("network: {init: {gain: 2}}\n", "1:11: network.init.kind: is missing"),
    "a key twice": ("seeds: 3\nseeds: 3\n", "2:1: seeds: this key stands twice, first at line 1; keep one"),
    # words
    "an unknown activation": (
        "network: {activation: sigmod}\n",
        "1:11: network.activation: 'sigmod' is unknown; did you mean 'sigmoid'?",
    ),
    "an activation like none": (
        "network: {activation: qqq}\n",
        f"1:11: network.activation: 'qqq' is unknown; one of {', '.join(ACTIVATIONS)}",
    ),
    "an unknown loss": ("loss: bce\n", f"1:1: loss: 'bce' is unknown; one of {', '.join(LOSSES)}"),
    "a misspelled loss": ("loss: max-from\n", "1:1: loss: 'max-from' is unknown; did you mean 'max-form'?"),
    "an unknown initialisation": (
        "network: {init: xaver}\n",
        "1:11: network.init: 'xaver' is unknown; did you mean 'xavier'?",
    ),
    "an unknown device": ("device: gpu\n", "1:1: device: 'gpu' is unknown; one of cpu, cuda"),
    "an unknown kind": ("data:\n  kind: moon\n", "2:3: data.kind: 'moon' is unknown; did you mean 'moons'?"),
    "an unknown kind of few": (
        "network: {kind: shallow}\n",
        "1:11: network.kind: 'shallow' is unknown; one of deep, binary, multilabel",
    ),
    "no kind": (
        "data: {kind: }\n",
        f"1:8: data.kind: nothing is no word known here; one of {', '.join(DATA_KINDS)}",
    ),
    "a number for a word": (
        "network: {init: 3}\n",
        f"1:11: network.init: 3 is no word known here; one of {', '.join(INITIALISATIONS)}",
    ),
    "a truth for a word": ("loss: true\n", f"1:1: loss: true is no word known here; one of {', '.join(LOSSES)}"),
    "a name with a slash": ("name: a/b\n", f"1:1: name: 'a/b' {RUN}"),
    "a name of nothing": ("name: ''\n", f"1:1: name: '' {RUN}"),
    "a name that is a number": (
        "name: 16\n",
        "1:1: name: 16 is not a word; put it in quotes if it is meant as one",
    ),
    "a column that is a number": (
        "data: {kind: csv, path: a, target: [b, 3]}\n",
        "1:40: data.target[1]: 3 is not a word; put it in quotes if it is meant as one",
    ),
    # numbers
    "a word for a whole number": ("seeds: many\n", "1:1: seeds: 'many' is not a whole number"),
    "off for a whole number": ("seeds: off\n", "1:1: seeds: 'off' is not a whole number"),
    "a truth for a whole number": ("seeds: true\n", "1:1: seeds: true is not a whole number"),
    "nothing for a whole number": ("seeds:\n", "1:1: seeds: nothing is not a whole number"),
    "a fraction for a whole number": ("seeds: 1.5\n", "1:1: seeds: 1.5 is not a whole number"),
    "a whole number in quotes": ("seeds: '16'\n", "1:1: seeds: '16' is not a whole number; take the quotes off"),
    "a number in quotes": (
        "optimizer: {learning_rate: '1e-3'}\n",
        "1:13: optimizer.learning_rate: '1e-3' is not a number; take the quotes off",
    ),
    "a word for a number": (
        "data: {test_share: a quarter}\n",
        "1:8: data.test_share: 'a quarter' is not a number",
    ),
    "infinity": (
        "optimizer: {learning_rate: .inf}\n",
        "1:13: optimizer.learning_rate: inf is not finite",
    ),
    "no number": ("optimizer: {learning_rate: .nan}\n", "1:13: optimizer.learning_rate: nan is not finite"),
    "depth 0": ("network: {depth: 0}\n", "1:11: network.depth: 0 is out of range; it must be greater than 0"),
    "a negative learning rate": (
        "optimizer: {learning_rate: -1e-3}\n",
        "1:13: optimizer.learning_rate: -0.001 is out of range; it must be greater than 0.0",
    ),
    "a learning rate of 0": (
        "optimizer: {learning_rate: 0}\n",
        "1:13: optimizer.learning_rate: 0 is out of range; it must be greater than 0.0",
    ),
    "no seeds": ("seeds: 0\n", "1:1: seeds: 0 is out of range; it must be greater than 0"),
    "a negative seed": ("seed: -1\n", "1:1: seed: -1 is out of range; it must be at least 0"),
    "a seed that JSON would round": (
        f"seed: {2**53 + 1}\n",
        f"1:1: seed: {2**53 + 1} is out of range; it must be at most {2**53}",
    ),
    "everything held out": (
        "data: {test_share: 1}\n",
        "1:8: data.test_share: 1 is out of range; it must be less than 1.0",
    ),
    "a width of 0 in a list": (
        "network:\n  widths: [8, 0]\n",
        "2:15: network.widths[1]: 0 is out of range; it must be greater than 0",
    ),
    # shapes
    "a list for a mapping": ("network: [1]\n", "1:1: network: a mapping belongs here, not a list"),
    "a list for a plain mapping": ("training: [1]\n", "1:1: training: a mapping belongs here, not a list"),
    "nothing for a mapping": ("measure:\n", "1:1: measure: a mapping belongs here, not nothing"),
    "a number for a mapping": ("measure: 50\n", "1:1: measure: a mapping belongs here, not 50"),
    "a kind for a mapping": (
        "optimizer: adam\n",
        "1:1: optimizer: a mapping belongs here, not 'adam'; write {kind: adam}",
    ),
    "a word for a mapping": ("optimizer: fast\n", "1:1: optimizer: a mapping belongs here, not 'fast'"),
    "a number for a list": (
        "network: {widths: 64}\n",
        "1:11: network.widths: a list such as [1, 2] belongs here, not 64",
    ),
    "an empty list": ("network: {widths: []}\n", "1:11: network.widths: the list is empty; name at least one value"),
    "no target": (
        "data: {kind: csv, path: a, target: []}\n",
        "1:28: data.target: the list is empty; name at least one value",
    ),
    # what does not go together
    "depth and widths": (
        "network: {depth: 3, widths: [3]}\n",
        "1:1: network: give either depth and width, or widths, not both",
    ),
    "no depth": ("network: {depth: }\n", "1:1: network: give depth and width, or widths"),
    "steps and epochs": ("training: {steps: 3, epochs: 3}\n", "1:1: training: give either steps or epochs"),
    "a batch larger than the data": (
        "data: {samples: 20}\ntraining:\n  batch_size: 32\n",
        "3:3: training.batch_size: 32 is more than the 15 examples to train on (data.samples 20 less 5 held out)",
    ),
    "data smaller than the usual batch": (
        "data: {samples: 20}\n",
        "1:1: training.batch_size: 32 is more than the 15 examples to train on (data.samples 20 less 5 held out)",
    ),
    "labels on a binary network": (
        "data: {kind: multilabel}\nnetwork:\n  kind: binary\n",
        "3:3: network.kind: 'binary' has one output, but the data has 4 labels an example; use kind: multilabel",
    ),
    "two targets on a deep network": (
        "data: {kind: csv, path: a, target: [b, c]}\n",
        "1:1: network.kind: 'deep' has one output, but the data has 2 labels an example; use kind: multilabel",
    ),
}


@pytest.mark.parametrize(("text", "expected"), FAULTS.values(), ids=FAULTS)
def test_a_fault_names_its_place_its_key_what_is_wrong_and_what_was_meant(
    text: str, expected: str, faults: Faults
) -> None:
    assert faults(text) == (f"x.yaml:{expected}",)


def test_every_fault_is_told_at_once_in_the_order_of_the_file(faults: Faults) -> None:
    text = (
        "seeds: many\n"
        "network:\n"
        "  depth: 0\n"
        "  activation: rleu\n"
        "seeds: 4.5\n"
        "data: {kind: moons, sampels: 3}\n"
        "name: !!python/none x\n"
        "training: {steps: off}\n"
    )
    assert faults(text) == (
        "x.yaml:3:3: network.depth: 0 is out of range; it must be greater than 0",
        "x.yaml:4:3: network.activation: 'rleu' is unknown; did you mean 'relu'?",
        "x.yaml:5:1: seeds: this key stands twice, first at line 1; keep one",
        "x.yaml:6:21: data.sampels: unknown key; did you mean 'samples'?",
        "x.yaml:7:1: name: the tag !!python/none is not allowed; plain values only",
        "x.yaml:8:12: training.steps: 'off' is not a whole number",
    )


def test_a_fault_is_told_once_where_others_follow_from_it(faults: Faults) -> None:
    assert faults("network: {widths: [0]}\n") == (
        "x.yaml:1:20: network.widths[0]: 0 is out of range; it must be greater than 0",
    )


def test_more_faults_than_anybody_reads_are_counted(faults: Faults) -> None:
    found = faults(f"network: {{widths: {[0] * 60}}}\n")
    assert (len(found), found[-1]) == (51, "x.yaml: … and 10 more")


def test_an_error_that_has_no_words_of_its_own_keeps_pydantics() -> None:
    with pytest.raises(ValidationError) as caught:
        Experiment.model_validate({"network": {"widths": [1] * 10_001}})
    assert problems.faults(caught.value) == [
        (("network", "widths"), "Tuple should have at most 10000 items after validation, not 10001 (given: a list)")
    ]
