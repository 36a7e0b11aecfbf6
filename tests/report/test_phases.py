"""Phase diagrams as figures: every number of the plane is in them."""

import pytest

from sigmoid_lab.questions.phase_diagram import phase_diagrams
from sigmoid_lab.questions.theory import theory
from sigmoid_lab.report.figure import Figure
from sigmoid_lab.report.phases import drawn
from sigmoid_lab.report.style import on_white


@pytest.fixture(scope="module")
def figure() -> Figure:
    (diagram,) = phase_diagrams(theory(["tanh"], 1.5, 0.05))
    return drawn(diagram)


def test_the_rows_are_the_plane(figure: Figure) -> None:
    assert len(figure.rows) == 10_000
    (diagram,) = phase_diagrams(theory(["tanh"]))
    assert [row["chi_1"] for row in figure.rows[:100]] == list(diagram.chi_1[0])
    assert figure.rows[0] == {
        "weight_variance": diagram.weight_variances[0],
        "bias_variance": diagram.bias_variances[0],
        "chi_1": diagram.chi_1[0][0],
        "gradient": "shrinks in 0 to 1 layers",
    }


def test_the_line_is_the_critical_one_and_every_mark_has_its_name(figure: Figure) -> None:
    (chart,) = figure.charts
    spec = chart.to_dict()
    cells, line, dots = ((spec["datasets"][layer["data"]["name"]], layer) for layer in spec["layer"][:3])
    assert line[0][0]["weight_variance"] == pytest.approx(1.189, abs=1e-3)
    assert [row["name"] for row in dots[0]] == ["default", "xavier, lecun", "he", "asked for"]
    assert "keeps its size over 100 layers" in cells[1]["encoding"]["color"]["scale"]["domain"]


def test_a_mark_beyond_the_frame_is_a_triangle_within_it() -> None:
    (diagram,) = phase_diagrams(theory(["tanh"], 1.5, 50.0, width=4096))
    layers = drawn(diagram).charts[0].to_dict()
    rows = layers["datasets"][layers["layer"][2]["data"]["name"]]
    assert {row["name"]: row["sign"] for row in rows} == {
        **dict.fromkeys(("default", "xavier, lecun", "he"), "triangle-down"),
        "asked for": "triangle-up",
    }
    assert all(1e-3 * (1 - 1e-9) <= row["bias_variance"] <= 10.0 * (1 + 1e-9) for row in rows)


@pytest.mark.parametrize(("weight", "sign"), [(1e6, "triangle-right"), (1e-3, "triangle-left")])
def test_a_mark_beside_the_frame_points_to_where_it_lies(weight: float, sign: str) -> None:
    (diagram,) = phase_diagrams(theory(["tanh"], weight, 1.0))
    layers = drawn(diagram).charts[0].to_dict()
    asked = layers["datasets"][layers["layer"][2]["data"]["name"]][-1]
    assert asked["sign"] == sign
    assert 0.1 * (1 - 1e-9) <= asked["weight_variance"] <= 1000.0 * (1 + 1e-9)


def test_it_can_be_drawn(figure: Figure) -> None:
    import vl_convert

    drawing = vl_convert.vegalite_to_svg(on_white([figure]))
    assert drawing.count('aria-roledescription="rect mark"') == 10_000
    assert "asked for" in drawing
