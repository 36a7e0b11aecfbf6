from math import inf, isnan, nan
from typing import Any

import pytest

from sigmoid_lab import LabError, stability
from sigmoid_lab.results.stability import EndsRow, LossRow, Scanned, SigmoidRow, StabilityAnswer
from sigmoid_lab.vocabulary import DTYPES, SIGMOIDS


@pytest.fixture(scope="module")
def usual() -> StabilityAnswer:
    return stability()


def sigmoids(answer: StabilityAnswer, name: str, dtype: str) -> dict[float, SigmoidRow]:
    return {row.z: row for row in answer.sigmoid if (row.implementation, row.dtype) == (name, dtype)}


def losses(answer: StabilityAnswer, name: str, dtype: str, target: int) -> dict[float, LossRow]:
    rows = (row for row in answer.loss if (row.implementation, row.dtype, row.target) == (name, dtype, target))
    return {row.z: row for row in rows}


def ends(answer: StabilityAnswer, name: str, dtype: str) -> EndsRow:
    (found,) = (row for row in answer.ends if (row.implementation, row.dtype) == (name, dtype))
    return found


def test_every_implementation_is_measured_at_every_z_in_every_format(usual: StabilityAnswer) -> None:
    magnitudes = (1.0, 10.0, 17.0, 50.0, 88.0, 89.0, 100.0, 500.0, 1000.0, inf)
    usual_z = sorted([*magnitudes, *(-z for z in magnitudes), 0.0])
    for name in SIGMOIDS:
        for dtype in DTYPES:
            *finite, last = sigmoids(usual, name, dtype)
            assert finite == usual_z
            assert isnan(last)
    assert len(usual.loss) == 5 * 2 * len(DTYPES) * 22


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_two_branches_are_right_everywhere(usual: StabilityAnswer, dtype: str) -> None:
    assert {row.verdict for row in sigmoids(usual, "two-branch", dtype).values()} <= {"exact", "close"}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["torch", "naive", "tanh"])
def test_a_value_is_never_nan_for_a_number(usual: StabilityAnswer, name: str, dtype: str) -> None:
    assert all(isnan(row.z) or not isnan(row.value) for row in sigmoids(usual, name, dtype).values())


def test_the_naive_form_is_right_at_minus_1000_and_its_slope_is_nan(usual: StabilityAnswer) -> None:
    row = sigmoids(usual, "naive", "float32")[-1000.0]
    assert (row.value, row.value_verdict, row.gradient_verdict, row.verdict) == (0.0, "exact", "nan", "nan")


def test_torchs_own_slope_is_wrong_where_its_value_rounds_to_one(usual: StabilityAnswer) -> None:
    row = sigmoids(usual, "torch", "float32")[50.0]
    assert (row.value, row.value_verdict) == (1.0, "exact")
    assert (row.gradient, row.gradient_verdict) == (0.0, "wrong")
    assert row.exact_gradient == pytest.approx(1.9287498e-22, rel=1e-6)


def test_at_the_limits_and_at_nan_the_exact_values_are_what_mathematics_says(usual: StabilityAnswer) -> None:
    rows = sigmoids(usual, "torch", "float16")
    assert [(rows[z].exact_value, rows[z].exact_gradient) for z in (-inf, inf)] == [(0.0, 0.0), (1.0, 0.0)]
    (undefined,) = (row for z, row in rows.items() if isnan(z))
    assert isnan(undefined.exact_value)
    assert undefined.verdict == "exact"


def test_the_handwritten_loss_of_a_confident_answer_is_nan(usual: StabilityAnswer) -> None:
    assert losses(usual, "hand-written-bce", "float32", 1)[1000.0].verdict == "nan"


@pytest.mark.parametrize("target", [0, 1])
def test_torchs_stable_loss_of_a_confident_mistake_is_exact(usual: StabilityAnswer, target: int) -> None:
    row = losses(usual, "bce-with-logits", "float32", target)[500.0 if target == 0 else -500.0]
    assert (row.loss, row.exact_loss, row.verdict) == (500.0, 500.0, "exact")


def test_bceloss_stops_at_a_hundred(usual: StabilityAnswer) -> None:
    row = losses(usual, "sigmoid-then-bce", "float64", 1)[-1000.0]
    assert (row.loss, row.exact_loss, row.verdict) == (100.0, 1000.0, "wrong")


def test_float32s_sigmoid_ends_where_an_exponential_overflows_or_a_half_unit_is_lost(usual: StabilityAnswer) -> None:
    found = ends(usual, "torch", "float32")
    assert found.zero_from == pytest.approx(-88.7228, abs=1e-4)  # log of the greatest float32
    assert found.one_from == pytest.approx(16.6355, abs=1e-3)  # −log 2^−24
    assert (found.slope_zero_below, found.slope_zero_above) == (found.zero_from, found.one_from)


def test_a_slope_that_turns_nan_never_becomes_zero(usual: StabilityAnswer) -> None:
    found = ends(usual, "where", "float64")
    assert (found.slope_zero_below, found.slope_zero_above) == (None, None)


def test_sixteen_bits_are_always_tried_whole(usual: StabilityAnswer) -> None:
    tried = {(row.implementation, row.dtype): row.inputs for row in usual.worst}
    assert tried == {
        (name, dtype): inputs for dtype, inputs in (("float16", 63_488), ("bfloat16", 65_280)) for name in SIGMOIDS
    }
    assert not usual.interrupted


def test_words_named_twice_are_measured_once() -> None:
    answer = stability(["naive", "naive"], ["float32", "float32"], [0.0])
    assert len(answer.sigmoid) == 1
    assert answer.settings["implementation"] == ("naive",)


def test_the_loss_counts_what_is_typed_in_the_format_that_holds_it() -> None:
    answer = stability(["torch"], ["float16"], [0.1, 1e6, nan])
    assert [row.z for row in answer.sigmoid[:2]] == [0.0999755859375, inf]
    assert answer.loss[0].z == 0.0999755859375


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"implementations": ["naiv"]}, "'naiv' is unknown; did you mean 'naive'"),
        ({"dtypes": ["float8"]}, "'float8' is unknown"),
        ({"exhaustive": "float64"}, "float32 can be tried whole"),
        ({"exhaustive": "bfloat16"}, "bfloat16 is always tried whole"),
        ({"exhaustive": "all"}, "'all' is unknown"),
    ],
)
def test_unknown_words_are_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(LabError, match=message):
        stability(**arguments)


def test_ctrl_c_ends_the_trying_and_not_the_answer() -> None:
    def interrupt(scanned: Scanned) -> None:
        if scanned.dtype == "bfloat16":
            raise KeyboardInterrupt

    answer = stability(["torch", "naive"], ["float32"], [0.0], on_progress=interrupt)
    assert answer.interrupted
    tried = [(row.implementation, row.dtype) for row in answer.worst]
    assert tried == [("torch", "float16"), ("naive", "float16"), ("torch", "bfloat16")]
    assert len(answer.sigmoid) == 2
