from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sigmoid_lab.config.schema import Data, Settings
from sigmoid_lab.data.split import Split, make, refuse_small_table
from sigmoid_lab.errors import LabError
from sigmoid_lab.plan import Table

CSV: dict[str, Any] = {"kind": "csv", "path": "own.csv", "target": "y"}


def settings_of(data: dict[str, Any], batch_size: int = 1) -> Settings:
    return Settings.model_validate({"data": data, "training": {"batch_size": batch_size}})


def data_of(data: dict[str, Any]) -> Data:
    return settings_of(data).data


def table_of(rows: int = 40, columns: int = 3) -> Table:
    """Inputs of every size and place; the target of row i is its parity, and its first column rises with i."""
    random = np.random.default_rng(0)
    inputs = random.normal(size=(rows, columns)) * 10.0 ** np.arange(columns) + 100.0 ** np.arange(columns)
    inputs[:, 0] = np.arange(rows)
    return Table(inputs, (np.arange(rows) % 2).astype(float)[:, None])


def rows_of(split: Split, table: Table) -> NDArray[np.int64]:
    """Which row of the table each example was, by the order of its first column."""
    together = np.concatenate([split.inputs, split.test_inputs])[:, 0]
    return np.argsort(np.argsort(together))


@given(st.integers(2, 300), st.floats(0.0, 0.99))
def test_the_parts_of_made_data_have_their_shares(samples: int, share: float) -> None:
    held_out = round(samples * share)
    if held_out == samples:
        return
    split = make(data_of({"kind": "moons", "samples": samples, "test_share": share}), 0, None)
    assert [len(part) for part in (split.inputs, split.targets)] == [samples - held_out] * 2
    assert [len(part) for part in (split.test_inputs, split.test_targets)] == [held_out] * 2


@pytest.mark.parametrize("kind", ["blobs", "multilabel"])
def test_made_data_are_the_same_whatever_share_is_held_out(kind: str) -> None:
    def whole(share: float) -> tuple[NDArray[Any], NDArray[Any]]:
        data = {"kind": kind, "samples": 50, "test_share": share}
        network = {"network": {"kind": "multilabel"}} if kind == "multilabel" else {}
        split = make(Settings.model_validate({"data": data, "training": {"batch_size": 1}, **network}).data, 3, None)
        return np.vstack([split.inputs, split.test_inputs]), np.vstack([split.targets, split.test_targets])

    (inputs, targets), (same_inputs, same_targets) = whole(0.0), whole(0.4)
    assert np.array_equal(inputs, same_inputs)
    assert np.array_equal(targets, same_targets)


@pytest.mark.parametrize("data", [{"kind": "xor"}, CSV])
def test_a_seed_splits_alike_again_and_another_seed_otherwise(data: dict[str, Any]) -> None:
    table = table_of() if data is CSV else None
    once, again, other = (make(data_of(data), seed, table) for seed in (3, 3, 4))
    for name in ("inputs", "targets", "test_inputs", "test_targets"):
        assert np.array_equal(getattr(once, name), getattr(again, name))
    assert not np.array_equal(once.inputs, other.inputs)


@pytest.mark.parametrize(("rows", "share", "held_out"), [(40, 0.25, 10), (41, 0.25, 10), (7, 0.5, 4), (9, 0.0, 0)])
def test_a_tables_parts_have_their_shares(rows: int, share: float, held_out: int) -> None:
    split = make(data_of(CSV | {"test_share": share}), 0, table_of(rows))
    assert (len(split.inputs), len(split.test_inputs)) == (rows - held_out, held_out)


def test_every_row_of_a_table_is_in_one_part() -> None:
    table = table_of()
    assert sorted(rows_of(make(data_of(CSV), 5, table), table)) == list(range(40))


def test_a_tables_rows_are_shuffled() -> None:
    table = table_of(1000)
    held_out = [rows_of(make(data_of(CSV), seed, table), table)[750:] for seed in range(2)]
    for rows in held_out:
        assert abs(rows.mean() - 499.5) < 5 * 1000 / np.sqrt(12 * 250)
    assert len(set(held_out[0]) & set(held_out[1])) < 100


def test_targets_stay_with_their_rows() -> None:
    table = table_of()
    split = make(data_of(CSV), 5, table)
    targets = np.concatenate([split.targets, split.test_targets])[:, 0]
    assert np.array_equal(targets, rows_of(split, table) % 2)


def test_a_table_is_left_as_it_was() -> None:
    table, same = table_of(), table_of()
    make(data_of(CSV), 0, table)
    assert np.array_equal(table.inputs, same.inputs)
    assert np.array_equal(table.targets, same.targets)


@pytest.mark.parametrize("seed", range(3))
def test_the_training_part_of_a_table_has_mean_zero_and_variance_one(seed: int) -> None:
    split = make(data_of(CSV), seed, table_of())
    np.testing.assert_allclose(split.inputs.mean(axis=0), 0.0, atol=1e-12)
    np.testing.assert_allclose(split.inputs.var(axis=0), 1.0, rtol=1e-12)


def test_the_held_out_part_is_standardised_with_the_training_parts_numbers() -> None:
    table = table_of()
    split = make(data_of(CSV), 0, table)
    rows = rows_of(split, table)
    training, held_out = table.inputs[rows[:30]], table.inputs[rows[30:]]
    expected = (held_out - training.mean(axis=0)) / training.std(axis=0)
    np.testing.assert_allclose(split.test_inputs, expected, rtol=1e-12, atol=1e-12)


def test_what_is_held_out_does_not_touch_what_is_trained_on() -> None:
    table = table_of()
    before = make(data_of(CSV), 0, table)
    table.inputs[rows_of(before, table)[30:], 1:] *= 1000.0
    assert np.array_equal(make(data_of(CSV), 0, table).inputs, before.inputs)


@pytest.mark.parametrize("value", [0.0, 3.0, 0.1, 1 / 3, 1e8 + 0.1, -1e-12])
def test_a_constant_column_becomes_zero(value: float) -> None:
    table = table_of()
    table.inputs[:, 1] = value
    split = make(data_of(CSV), 0, table)
    np.testing.assert_allclose(np.concatenate([split.inputs, split.test_inputs])[:, 1], 0.0, atol=1e-6)


def test_a_column_that_is_constant_on_the_training_part_does_not_blow_up_what_is_held_out() -> None:
    table = table_of()
    rows = rows_of(make(data_of(CSV), 0, table), table)
    table.inputs[:, 1] = 0.1
    table.inputs[rows[30:], 1] = 0.3
    split = make(data_of(CSV), 0, table)
    assert np.abs(split.test_inputs[:, 1]).max() < 1.0


def test_a_nearly_constant_column_is_standardised_all_the_same() -> None:
    table = table_of()
    table.inputs[:, 1] = 1000.0 + 1e-6 * np.arange(40)
    split = make(data_of(CSV), 0, table)
    np.testing.assert_allclose(split.inputs[:, 1].var(), 1.0, rtol=1e-6)


def test_made_data_are_not_standardised() -> None:
    split = make(data_of({"kind": "circles", "noise": 0.0}), 0, None)
    radii = np.unique(np.hypot(*split.inputs.T).round(9))
    assert radii.tolist() == [0.5, 1.0]


def test_a_table_too_small_for_one_batch_is_refused_with_its_numbers() -> None:
    with pytest.raises(LabError) as raised:
        refuse_small_table(settings_of(CSV, batch_size=31), table_of())
    assert raised.value.problems == (
        "training.batch_size: 31 is more than the 30 examples to train on (the table's 40 rows less 10 held out)",
    )


def test_a_table_that_fills_one_batch_is_not_refused() -> None:
    refuse_small_table(settings_of(CSV, batch_size=30), table_of())
