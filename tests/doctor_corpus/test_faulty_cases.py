"""Every faulty model is proved faulty by a number, and its mended twin is not."""

from importlib import import_module

import pytest

from doctor_corpus import faulty, mended
from doctor_corpus.case import Make
from doctor_corpus.proofs import PROOFS

FAULTY = {name: (rule, make) for name, rule, make in faulty() if rule is not None}
MENDED = {name: make for name, _, make in mended()}

# torch warns of a broadcast target; the fault is proved by its number all the same.
pytestmark = pytest.mark.filterwarnings("ignore:Using a target size")


def shows_its_fault(name: str, make: Make) -> bool:
    rule, _ = FAULTY[name]
    return PROOFS[rule](name.split("/")[1], make, MENDED[name])


@pytest.mark.parametrize("name", FAULTY)
def test_a_faulty_model_shows_its_fault(name: str) -> None:
    assert shows_its_fault(name, FAULTY[name][1])


@pytest.mark.parametrize("name", FAULTY)
def test_its_mended_twin_does_not(name: str) -> None:
    assert not shows_its_fault(name, MENDED[name])


@pytest.mark.parametrize("rule", PROOFS)
def test_a_rule_is_broken_in_at_least_four_ways(rule: str) -> None:
    assert sum(broken == rule for broken, _ in FAULTY.values()) >= 4


def test_a_variant_is_a_function_of_its_file() -> None:
    for name, (_, make) in FAULTY.items():
        stem, variant = name.split("/")
        assert getattr(import_module(f"doctor_corpus.faulty.{stem}"), variant) is make


def test_every_faulty_model_has_a_mended_twin() -> None:
    assert FAULTY.keys() == MENDED.keys()
