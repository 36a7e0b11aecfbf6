from math import atan, pi, sqrt
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.linear_model import Perceptron

from sigmoid_lab.config.schema import Settings, SyntheticData
from sigmoid_lab.data.streams import stream
from sigmoid_lab.data.synthetic import GENERATORS
from sigmoid_lab.vocabulary import DATA_KINDS

Array = NDArray[np.float64]

MADE = [kind for kind in DATA_KINDS if kind != "csv"]
PLANAR = ["moons", "circles", "xor"]
SURE = 5.0
"""Standard errors."""


def make(kind: str, seed: int = 0, **block: Any) -> tuple[Array, Array]:
    labels = {"network": {"kind": "multilabel"}} if kind == "multilabel" else {}
    data = Settings.model_validate({"data": {"kind": kind, **block}, "training": {"batch_size": 1}, **labels}).data
    assert isinstance(data, SyntheticData)
    return GENERATORS[kind](data, stream(seed, "data"))


def labels_of(kind: str, seed: int = 0, **block: Any) -> tuple[Array, NDArray[np.bool_]]:
    inputs, targets = make(kind, seed, **block)
    return inputs, targets[:, 0] == 1.0


def test_every_kind_but_csv_has_its_generator() -> None:
    assert list(GENERATORS) == MADE


@pytest.mark.parametrize("samples", [2, 3, 101])
@pytest.mark.parametrize("kind", MADE)
def test_inputs_and_targets_have_the_shapes_asked_for(kind: str, samples: int) -> None:
    inputs, targets = make(kind, samples=samples, features=5)
    assert inputs.shape == (samples, 5)
    assert targets.shape == (samples, 4 if kind == "multilabel" else 1)
    assert inputs.dtype == targets.dtype == np.float64


@pytest.mark.parametrize("kind", MADE)
def test_inputs_are_finite_and_targets_are_zero_or_one(kind: str) -> None:
    inputs, targets = make(kind)
    assert np.isfinite(inputs).all()
    assert set(np.unique(targets)) == {0.0, 1.0}


@pytest.mark.parametrize("kind", MADE)
def test_a_seed_makes_the_same_data_again_and_another_seed_makes_others(kind: str) -> None:
    once, again, other = make(kind, 3), make(kind, 3), make(kind, 4)
    assert np.array_equal(once[0], again[0])
    assert np.array_equal(once[1], again[1])
    assert not np.array_equal(once[0], other[0])
    assert not np.array_equal(once[1], other[1])


@pytest.mark.parametrize("samples", [100, 101])
@pytest.mark.parametrize("kind", ["blobs", "moons", "circles"])
def test_clouds_and_curves_have_two_halves(kind: str, samples: int) -> None:
    assert make(kind, samples=samples)[1].sum() == samples // 2


@pytest.mark.parametrize("kind", ["random-labels", "linear", "xor", "multilabel"])
def test_classes_are_balanced_within_five_standard_errors(kind: str) -> None:
    _, targets = make(kind, samples=20_000)
    assert np.abs(targets.mean(axis=0) - 0.5).max() < SURE * 0.5 / sqrt(20_000)


@pytest.mark.parametrize("kind", MADE)
def test_classes_come_in_no_order(kind: str) -> None:
    labels = make(kind, samples=10_000)[1][:, 0] - 0.5
    assert abs(np.mean(labels[1:] * labels[:-1]) * 4) < SURE / sqrt(10_000)
    assert abs(labels[:5000].mean()) < SURE * 0.5 / sqrt(5000)


@pytest.mark.parametrize("kind", ["random-labels", "linear", "multilabel"])
def test_inputs_are_standard_normal(kind: str) -> None:
    inputs, _ = make(kind, samples=20_000, features=4)
    assert np.abs(inputs.mean(axis=0)).max() < SURE / sqrt(20_000)
    assert np.abs(np.cov(inputs.T) - np.eye(4)).max() < SURE * sqrt(2 / 20_000)
    assert abs((inputs**4).mean() / 3 - 1) < SURE * sqrt(96 / 9 / inputs.size)


def test_random_labels_know_nothing_of_the_inputs() -> None:
    inputs, positive = labels_of("random-labels", samples=20_000)
    assert np.abs(inputs[positive].mean(axis=0) - inputs[~positive].mean(axis=0)).max() < SURE * 2 / sqrt(20_000)


# --------------------------------------------------------------------------------------------- linear


@pytest.mark.parametrize("seed", range(3))
def test_linear_data_without_noise_is_parted_by_a_perceptron_through_the_origin(seed: int) -> None:
    inputs, positive = labels_of("linear", seed, samples=300, features=4)
    perceptron = Perceptron(fit_intercept=False, max_iter=20_000, tol=None).fit(inputs, positive)
    assert perceptron.score(inputs, positive) == 1.0


def test_noise_turns_as_many_labels_as_its_angle_says() -> None:
    """Distance and noisy distance are normal with the angle arctan(noise) between them, so noise/π of signs differ."""
    (inputs, clean), (same, noisy) = (labels_of("linear", samples=20_000, noise=noise) for noise in (0.0, 0.5))
    assert np.array_equal(inputs, same)
    share = atan(0.5) / pi
    assert abs(np.mean(clean != noisy) - share) < SURE * sqrt(share * (1 - share) / 20_000)


def test_planes_point_in_every_direction() -> None:
    """The mean difference of the classes is along the normal; over many seeds each of its coordinates averages out."""
    normals = []
    for seed in range(200):
        inputs, positive = labels_of("linear", seed, samples=400, features=3)
        difference = inputs[positive].mean(axis=0) - inputs[~positive].mean(axis=0)
        normals.append(difference / np.linalg.norm(difference))
    assert np.abs(np.mean(normals, axis=0)).max() < SURE / sqrt(3 * 200)
    assert np.abs(np.mean(np.square(normals), axis=0) - 1 / 3).max() < SURE * sqrt(4 / 45 / 200)


# ---------------------------------------------------------------------------------------------- blobs


@pytest.mark.parametrize("features", [1, 2, 5])
@pytest.mark.parametrize("separation", [0.0, 1.0, 4.0])
def test_the_centres_of_blobs_are_the_separation_apart_around_the_origin(separation: float, features: int) -> None:
    inputs, positive = labels_of("blobs", samples=20_000, features=features, separation=separation)
    centres = inputs[positive].mean(axis=0), inputs[~positive].mean(axis=0)
    apart = float(np.linalg.norm(centres[0] - centres[1]))
    assert apart == pytest.approx(separation, abs=SURE * sqrt(4 * features / 20_000))
    assert np.abs(centres[0] + centres[1]).max() < SURE * sqrt(4 / 20_000)


def test_blobs_have_unit_variance_in_every_direction() -> None:
    inputs, positive = labels_of("blobs", samples=20_000, features=3)
    for cloud in (inputs[positive], inputs[~positive]):
        assert np.abs(np.cov(cloud.T) - np.eye(3)).max() < SURE * sqrt(2 / 10_000)


def test_more_separation_moves_the_same_points_apart() -> None:
    (near, positive), (far, same) = (labels_of("blobs", samples=500, separation=s) for s in (1.0, 3.0))
    assert np.array_equal(positive, same)
    np.testing.assert_allclose(np.linalg.norm(far - near, axis=1), 1.0, rtol=1e-12)


# --------------------------------------------------------------------------------------------- planar


def test_moons_without_noise_lie_on_their_half_circles() -> None:
    inputs, positive = labels_of("moons", noise=0.0, samples=500)
    upper, lower = inputs[~positive], inputs[positive]
    np.testing.assert_allclose(np.hypot(upper[:, 0], upper[:, 1]), 1.0, rtol=1e-12)
    np.testing.assert_allclose(np.hypot(lower[:, 0] - 1.0, lower[:, 1] - 0.5), 1.0, rtol=1e-12)
    assert upper[:, 1].min() >= 0.0
    assert lower[:, 1].max() <= 0.5


def test_moons_reach_into_each_other() -> None:
    inputs, positive = labels_of("moons", noise=0.0, samples=500)
    assert inputs[positive][:, 1].max() > inputs[~positive][:, 1].min()
    assert inputs[positive][:, 0].min() < inputs[~positive][:, 0].max()


def test_moons_are_filled_evenly() -> None:
    inputs, positive = labels_of("moons", noise=0.0, samples=20_000)
    angles = np.arctan2(inputs[~positive][:, 1], inputs[~positive][:, 0])
    assert np.abs(np.histogram(angles, 10, (0, pi))[0] - 1000).max() < SURE * sqrt(900)


def test_circles_without_noise_have_radius_one_and_a_half_the_inner_positive() -> None:
    inputs, positive = labels_of("circles", noise=0.0, samples=500)
    radii = np.hypot(inputs[:, 0], inputs[:, 1])
    np.testing.assert_allclose(radii, np.where(positive, 0.5, 1.0), rtol=1e-12)


def test_circles_are_closed_and_filled_evenly() -> None:
    inputs, _ = labels_of("circles", noise=0.0, samples=20_000)
    angles = np.arctan2(inputs[:, 1], inputs[:, 0])
    assert np.abs(np.histogram(angles, 20, (-pi, pi))[0] - 1000).max() < SURE * sqrt(950)


def test_xor_without_noise_is_positive_where_the_signs_differ() -> None:
    inputs, positive = labels_of("xor", noise=0.0, samples=5000)
    assert np.array_equal(positive, np.sign(inputs[:, 0]) != np.sign(inputs[:, 1]))
    assert np.abs(inputs).max() <= 1.0


def test_xor_fills_its_four_quarters_evenly() -> None:
    inputs, _ = labels_of("xor", noise=0.0, samples=20_000)
    counts = np.histogram2d(inputs[:, 0], inputs[:, 1], 4, ((-1, 1), (-1, 1)))[0]
    assert np.abs(counts - 1250).max() < SURE * sqrt(1250)


def test_no_plane_parts_xor() -> None:
    inputs, positive = labels_of("xor", noise=0.0, samples=5000)
    assert Perceptron(max_iter=100, tol=None).fit(inputs, positive).score(inputs, positive) < 0.7


@pytest.mark.parametrize("kind", PLANAR)
def test_noise_has_the_standard_deviation_named_and_turns_no_label(kind: str) -> None:
    (clean, labels), (noisy, same) = (make(kind, samples=20_000, noise=noise) for noise in (0.0, 0.3))
    assert np.array_equal(labels, same)
    noise = noisy - clean
    assert np.abs(noise.std(axis=0) / 0.3 - 1).max() < SURE / sqrt(2 * 20_000)
    assert np.abs(noise.mean(axis=0)).max() < SURE * 0.3 / sqrt(20_000)


@pytest.mark.parametrize("kind", PLANAR)
def test_features_beyond_the_second_are_standard_normal_and_mean_nothing(kind: str) -> None:
    inputs, positive = labels_of(kind, samples=20_000, features=5)
    beyond = inputs[:, 2:]
    assert np.abs(beyond.mean(axis=0)).max() < SURE / sqrt(20_000)
    assert np.abs(beyond.var(axis=0) - 1).max() < SURE * sqrt(2 / 20_000)
    correlations = np.array(np.corrcoef(inputs.T))
    assert np.abs(correlations[2:, :2]).max() < SURE / sqrt(20_000)
    for power in (1, 2):
        moments: Array = beyond**power
        gap = moments[positive].mean(axis=0) - moments[~positive].mean(axis=0)
        assert np.abs(gap).max() < SURE * sqrt(power) * 2 / sqrt(20_000)


@pytest.mark.parametrize("kind", PLANAR)
def test_features_beyond_the_second_leave_the_pattern_as_it_is(kind: str) -> None:
    (plane, labels), (wide, same) = (make(kind, samples=50, features=features) for features in (2, 6))
    assert np.array_equal(plane, wide[:, :2])
    assert np.array_equal(labels, same)


# ----------------------------------------------------------------------------------------- multilabel


def shares(dependence: float, seeds: int = 300) -> NDArray[np.float64]:
    """How often label k agrees with label j, (seeds, labels, labels)."""
    found = []
    for seed in range(seeds):
        _, targets = make("multilabel", seed, samples=200, labels=3, dependence=dependence)
        signs = 2 * targets - 1
        found.append((signs.T @ signs / len(signs) + 1) / 2)
    return np.array(found)


def test_labels_overlap() -> None:
    _, targets = make("multilabel", samples=2000)
    assert set(np.unique(targets.sum(axis=1))) == {0.0, 1.0, 2.0, 3.0, 4.0}


def test_without_dependence_labels_agree_as_often_as_not_over_all_directions_of_their_planes() -> None:
    agreement = shares(0.0)
    for one, other in ((0, 1), (1, 2), (0, 2)):
        column = agreement[:, one, other]
        assert abs(column.mean() - 0.5) < SURE * column.std() / sqrt(len(column))


def test_without_dependence_labels_share_nothing_but_their_inputs() -> None:
    """Each label is a half-space of its own: two differ where only one holds, the angle of their normals over π."""
    inputs, targets = make("multilabel", samples=20_000, features=3, labels=2, dependence=0.0)
    signs = 2 * targets - 1
    normals = (inputs.T @ signs / len(inputs)).T  # E[x·sign(w·x)] = √(2/π)·w for a unit w
    np.testing.assert_allclose(np.linalg.norm(normals, axis=1), sqrt(2 / pi), atol=SURE * sqrt(3 / 20_000))
    cosine = normals[0] @ normals[1] / np.prod(np.linalg.norm(normals, axis=1))
    expected = 1 - np.arccos(cosine) / pi
    assert abs(np.mean(targets[:, 0] == targets[:, 1]) - expected) < SURE * sqrt(2 * 0.25 / 20_000)


@pytest.mark.parametrize(("dependence", "sign"), [(1.0, 1), (0.3, 1), (-1.0, -1)])
def test_dependence_draws_each_label_towards_the_one_before_it(dependence: float, sign: int) -> None:
    agreement = shares(dependence)
    for label in (1, 2):
        column = agreement[:, label - 1, label]
        assert sign * (column.mean() - 0.5) > SURE * column.std() / sqrt(len(column))


def test_conditional_frequencies_of_one_data_set_differ() -> None:
    _, targets = make("multilabel", samples=20_000)
    for before, after in zip(targets.T[:-1], targets.T[1:], strict=True):
        given = after[before == 1].mean(), after[before == 0].mean()
        assert abs(given[0] - given[1]) > SURE * 2 * 0.5 / sqrt(10_000)


def test_in_many_dimensions_labels_agree_with_the_normal_share_of_the_dependence() -> None:
    """Random planes are nearly perpendicular there, so a score moved by 1 keeps the sign with probability Φ(1)."""
    _, targets = make("multilabel", samples=20_000, features=500, labels=2, dependence=1.0)
    assert np.mean(targets[:, 0] == targets[:, 1]) == pytest.approx(0.8413, abs=0.05)


def test_the_first_label_depends_on_none() -> None:
    one, other = (make("multilabel", samples=500, dependence=dependence) for dependence in (0.0, 5.0))
    assert np.array_equal(one[0], other[0])
    assert np.array_equal(one[1][:, 0], other[1][:, 0])
