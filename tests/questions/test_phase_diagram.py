"""Diagrams around what ``theory`` answers."""

import pytest

from sigmoid_lab.questions.phase_diagram import phase_diagrams
from sigmoid_lab.questions.theory import theory


def test_each_activation_has_a_diagram_of_a_hundred_by_a_hundred() -> None:
    one, other = phase_diagrams(theory(["tanh", "relu"]))
    assert (one.activation, other.activation) == ("tanh", "relu")
    assert (len(one.weight_variances), len(one.bias_variances)) == (100, 100)
    assert (len(one.chi_1), {len(row) for row in one.chi_1}, len(one.critical)) == (100, {100}, 100)


def test_a_point_is_what_theory_answers_there() -> None:
    (diagram,) = phase_diagrams(theory(["tanh"]))
    for row, column in ((0, 30), (70, 40), (99, 99)):
        weight, bias = diagram.weight_variances[column], diagram.bias_variances[row]
        (alone,) = theory(["tanh"], weight, bias).rows
        assert diagram.chi_1[row][column] == pytest.approx(alone.chi_1, rel=1e-5)


def test_where_q_grows_there_is_no_slope() -> None:
    (diagram,) = phase_diagrams(theory(["relu"]))
    for weight, slope in zip(diagram.weight_variances, diagram.chi_1[50], strict=True):
        assert (slope is None) == (weight > 2.0)


def test_initialisations_are_marked_where_they_draw_with_torchs_biases_of_that_width() -> None:
    (diagram,) = phase_diagrams(theory(["relu"], width=100))
    marks = {mark.names: (mark.weight_variance, mark.bias_variance) for mark in diagram.marks}
    assert marks == {
        ("default",): (pytest.approx(1 / 3), pytest.approx(1 / 300)),
        ("xavier", "lecun"): (1.0, 0.0),
        ("he",): (2.0, 0.0),
    }


def test_variances_that_were_asked_for_are_marked_too() -> None:
    (diagram,) = phase_diagrams(theory(["relu"], 1.5, 0.1))
    assert (diagram.marks[-1].names, diagram.marks[-1].weight_variance) == (("asked for",), 1.5)


@pytest.mark.parametrize("weight", [1e-3, 1e6])
def test_a_weight_variance_that_was_asked_for_beyond_the_frame_keeps_its_mark(weight: float) -> None:
    (diagram,) = phase_diagrams(theory(["relu"], weight, 0.1))
    assert (diagram.marks[-1].names, diagram.marks[-1].weight_variance) == (("asked for",), weight)


def test_a_critical_answer_marks_initialisations_alone() -> None:
    (diagram,) = phase_diagrams(theory(["tanh"], critical=True))
    assert [mark.names for mark in diagram.marks] == [("default",), ("xavier", "lecun"), ("he",)]
