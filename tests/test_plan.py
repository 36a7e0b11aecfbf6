import pickle
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sigmoid_lab.config.schema import Csv, Experiment, Settings
from sigmoid_lab.plan import LARGEST_STACK, STACK_BYTES, UPDATE_BYTES, Plan, Stack, Table, network_bytes, update_bytes
from sigmoid_lab.questions.plan import plan_of

LARGEST = LARGEST_STACK["cpu"]
UNTRAINED = {"steps": 0}


def plan_for(tables: dict[Csv, Table] | None = None, **raw: Any) -> Plan:
    return Plan(Experiment.model_validate(raw), tables or {})


def trials(stacks: list[Stack]) -> list[tuple[int, int]]:
    return [(stack.group.index, seed) for stack in stacks for seed in stack.seeds]


COMPARE = st.sampled_from(
    [
        {},
        {"network.activation": ["sigmoid", "relu", "tanh"]},
        {"network.width": [4, 4096], "loss": ["mse", "bce-with-logits"]},
        {"dtype": ["float16", "float64"], "data.samples": [100, 1_000_000]},
    ]
)


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 300), st.integers(0, 1000), COMPARE)
def test_stacks_hold_every_trial_exactly_once_and_in_order(seeds: int, seed: int, compare: dict[str, Any]) -> None:
    plan = plan_for(seeds=seeds, seed=seed, compare=compare)
    found = trials(list(plan.stacks()))
    for group in plan.groups:
        assert [each for of_group, each in found if of_group == group.index] == list(range(seed, seed + seeds))
    assert len(found) == plan.network_count


def test_stacks_come_in_rounds_so_that_a_run_cut_short_has_the_same_seeds_of_every_group() -> None:
    plan = plan_for(seeds=2 * LARGEST, training=UNTRAINED, compare={"network.activation": ["sigmoid", "relu"]})
    first = range(LARGEST)
    assert [(stack.group.index, stack.seeds[0]) for stack in plan.stacks()] == [
        (0, 0),
        (1, 0),
        (0, first.stop),
        (1, first.stop),
    ]


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 300), COMPARE)
def test_stacks_are_numbered_through_and_counted(seeds: int, compare: dict[str, Any]) -> None:
    plan = plan_for(seeds=seeds, compare=compare)
    assert [stack.index for stack in plan.stacks()] == list(range(plan.stack_count))


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 300), COMPARE)
def test_stacks_are_neither_empty_nor_larger_than_their_bounds(seeds: int, compare: dict[str, Any]) -> None:
    for stack in plan_for(seeds=seeds, compare=compare).stacks():
        settings, size = stack.group.settings, len(stack.seeds)
        assert 1 <= size <= LARGEST
        assert size == 1 or size * network_bytes(settings, None) <= STACK_BYTES["cpu"]
        assert size == 1 or size * update_bytes(settings, None) <= UPDATE_BYTES


def test_a_groups_stacks_are_as_few_as_they_can_be_and_of_one_size_but_for_one_network() -> None:
    sizes = [len(stack.seeds) for stack in plan_for(seeds=2 * LARGEST + 5, training=UNTRAINED).stacks()]
    assert sizes == [87, 87, 87]


def test_networks_that_train_are_stacked_by_what_their_update_touches() -> None:
    plan = plan_for(seeds=100, network={"widths": [256, 256]})
    size = UPDATE_BYTES // update_bytes(plan.groups[0].settings, None)
    assert 1 < size < 100
    assert max(len(stack.seeds) for stack in plan.stacks()) == -(-100 // -(-100 // size))


def test_networks_that_are_only_measured_are_stacked_by_their_bytes() -> None:
    plan = plan_for(seeds=40, network={"widths": [1024, 1024]}, training=UNTRAINED)
    size = STACK_BYTES["cpu"] // network_bytes(plan.groups[0].settings, None)
    assert 1 < size < 40
    assert max(len(stack.seeds) for stack in plan.stacks()) == -(-40 // -(-40 // size))


def test_a_gpu_takes_stacks_by_the_thousand() -> None:
    sizes = [len(stack.seeds) for stack in plan_for(seeds=16_384, device="cuda").stacks()]
    assert sizes == [16_384]


def test_a_network_larger_than_a_stack_may_be_stands_alone() -> None:
    plan = plan_for(seeds=3, network={"widths": [20_000, 20_000]})
    assert network_bytes(plan.groups[0].settings, None) > STACK_BYTES["cpu"]
    assert [stack.seeds for stack in plan.stacks()] == [(0,), (1,), (2,)]


def test_a_stack_belongs_to_one_group() -> None:
    plan = plan_for(seeds=3, compare={"loss": ["mse", "max-form"]})
    assert [(stack.group.index, stack.seeds) for stack in plan.stacks()] == [(0, (0, 1, 2)), (1, (0, 1, 2))]


def test_how_trials_are_stacked_depends_on_the_experiment_alone() -> None:
    once, again = (plan_for(seeds=100, compare={"network.width": [8, 2048]}) for _ in range(2))
    assert list(once.stacks()) == list(again.stacks())


# -------------------------------------------------------------------------------------------- groups


def test_groups_are_every_combination_in_the_order_of_the_file_the_last_key_fastest() -> None:
    plan = plan_for(compare={"network.depth": [2, 1], "loss": ["mse", "max-form"]})
    assert [group.compared for group in plan.groups] == [
        {"network.depth": depth, "loss": loss} for depth in (2, 1) for loss in ("mse", "max-form")
    ]
    assert [group.index for group in plan.groups] == [0, 1, 2, 3]


def test_a_group_has_its_compared_settings_in_place_and_all_others_as_they_were() -> None:
    for group in plan_for(loss="mse", training={"steps": 7}, compare={"network.depth": [2, 1]}).groups:
        assert group.settings.network.hidden_widths == (64,) * group.compared["network.depth"]
        assert (group.settings.loss, group.settings.training.steps) == ("mse", 7)


def test_without_comparison_there_is_one_group() -> None:
    (group,) = plan_for().groups
    assert (group.index, group.compared) == (0, {})


# ------------------------------------------------------------------------------------------- laziness


def test_a_hundred_thousand_networks_are_planned_in_an_instant() -> None:
    plan = plan_for(seeds=100_000, training=UNTRAINED)
    assert plan.network_count == 100_000
    assert plan.stack_count == -(-100_000 // LARGEST)
    assert [stack.seeds[0] for stack in islice(plan.stacks(), 2)] == [0, 100_000 // plan.stack_count]


def test_a_hundred_thousand_networks_in_many_groups_are_counted_without_making_them() -> None:
    plan = plan_for(seeds=1000, training=UNTRAINED, compare={"network.depth": list(range(1, 101))})
    assert plan.network_count == 100_000
    first = next(plan.stacks())
    assert (first.index, first.group.index, len(first.seeds)) == (0, 0, 125)


# ---------------------------------------------------------------------------------------------- bytes


BYTES = {"float16": 2, "bfloat16": 2, "float32": 4, "float64": 8}


@pytest.mark.parametrize("kind", ["sgd", "momentum", "adam"])
@pytest.mark.parametrize("dtype", BYTES)
def test_bytes_cover_data_weights_gradients_and_state(dtype: str, kind: str) -> None:
    plan = plan_for(
        data={"samples": 1000, "features": 30}, network={"widths": [50, 40]}, dtype=dtype, optimizer={"kind": kind}
    )
    weights = 31 * 50 + 51 * 40 + 41 * 1
    states = {"sgd": 0, "momentum": 1, "adam": 2}[kind]
    needed = BYTES[dtype] * (1000 * 31 + (2 + states) * weights)
    assert needed <= network_bytes(plan.groups[0].settings, None) <= 12 * needed


@pytest.mark.parametrize(
    ("less", "more"),
    [
        ({"data": {"samples": 1000}}, {"data": {"samples": 2000}}),
        ({"data": {"features": 5}}, {"data": {"features": 50}}),
        ({"network": {"depth": 2}}, {"network": {"depth": 3}}),
        ({"network": {"width": 20}}, {"network": {"width": 30}}),
        ({"training": {"batch_size": 20}}, {"training": {"batch_size": 30}}),
        ({"dtype": "float16"}, {"dtype": "float32"}),
        ({"dtype": "float32"}, {"dtype": "float64"}),
    ],
)
def test_bytes_grow_with_everything_that_takes_room(less: dict[str, Any], more: dict[str, Any]) -> None:
    one, other = (network_bytes(Settings.model_validate(raw), None) for raw in (less, more))
    assert one < other


# --------------------------------------------------------------------------------------------- tables


def write(folder: Path, name: str) -> str:
    """A table whose two targets are each other's opposite."""
    rows = "".join(f"{row},{row % 2},{1 - row % 2}\n" for row in range(80))
    (folder / name).write_text("x,a,b\n" + rows, encoding="utf-8")
    return str(folder / name)


def csv(path: str, target: str = "a", **more: Any) -> dict[str, Any]:
    return {"kind": "csv", "path": path, "target": target, "ignore": [{"a": "b", "b": "a"}[target]], **more}


def test_each_group_has_the_table_of_its_own_block() -> None:
    blocks = [csv("/one"), csv("/one", "b"), csv("/two")]
    tables = {
        Csv.model_validate(block): Table(np.full((40, 1), place), np.zeros((40, 1)))
        for place, block in enumerate(blocks)
    }
    plan = plan_for(tables, data=blocks[0], compare={"data": blocks})
    assert [stack.table for stack in plan.stacks()] == list(tables.values())


def test_made_data_have_no_table() -> None:
    assert [stack.table for stack in plan_for().stacks()] == [None]


def test_a_tables_size_bounds_a_stack() -> None:
    table = Table(np.zeros((200_000, 30)), np.zeros((200_000, 1)))
    plan = plan_for({Csv.model_validate(csv("/one")): table}, data=csv("/one"), seeds=64)
    sizes = [len(stack.seeds) for stack in plan.stacks()]
    assert 1 < sizes[0] < 64
    assert sizes[0] * 200_000 * 31 * 4 <= STACK_BYTES["cpu"]


def test_a_plan_reads_every_table_that_is_compared(tmp_path: Path) -> None:
    one, two = write(tmp_path, "one.csv"), write(tmp_path, "two.csv")
    plan = plan_of(Experiment.model_validate({"data": csv(one), "compare": {"data.path": [one, two]}}))
    assert all(stack.table is not None and stack.table.inputs.shape == (80, 1) for stack in plan.stacks())


def test_groups_that_compare_the_targets_of_one_table_each_have_their_own(tmp_path: Path) -> None:
    path = write(tmp_path, "one.csv")
    experiment = Experiment.model_validate({"data": csv(path), "compare": {"data": [csv(path, "a"), csv(path, "b")]}})
    first, second = (stack.table for stack in plan_of(experiment).stacks())
    assert first is not None
    assert second is not None
    assert np.array_equal(first.targets, 1 - second.targets)


def test_tables_of_the_same_numbers_are_equal_in_another_process_too() -> None:
    table = Table(np.arange(6.0).reshape(3, 2), np.array([[0.0], [1.0], [1.0]]))
    there = pickle.loads(pickle.dumps(table))
    assert (table, hash(table)) == (there, hash(there))
    assert table != Table(table.inputs + 1.0, table.targets)
    assert table != "another thing"
