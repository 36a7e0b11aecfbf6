"""Phase diagrams as figures: every number of the plane is in them."""

import re
from pathlib import Path

import pytest
import vl_convert

from sigmoid_lab.questions.phase_diagram import phase_diagrams
from sigmoid_lab.questions.theory import theory
from sigmoid_lab.report.figure import Figure, write
from sigmoid_lab.report.phases import drawn
from sigmoid_lab.report.style import on_white
from sigmoid_lab.wording.phases import band


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


def test_the_rectangles_drawn_hold_each_cell_once_in_its_band(figure: Figure) -> None:
    spec = figure.charts[0].to_dict()
    drawn = spec["datasets"][spec["layer"][0]["data"]["name"]]
    cells = {(row["weight_variance"], row["bias_variance"]): band(row["chi_1"]) for row in figure.rows}
    covered = [
        ((weight, one["bias_variance"]), one["gradient"])
        for one in drawn
        for weight, bias in cells
        if bias == one["bias_variance"] and one["weight_variance_from"] <= weight <= one["weight_variance_to"]
    ]
    assert len(covered) == len(cells)
    assert dict(covered) == cells


def test_a_rectangle_tells_the_numbers_of_its_ends(figure: Figure) -> None:
    spec = figure.charts[0].to_dict()
    chi_1 = {(row["weight_variance"], row["bias_variance"]): row["chi_1"] for row in figure.rows}
    for one in spec["datasets"][spec["layer"][0]["data"]["name"]]:
        for end in ("from", "to"):
            assert one[f"chi_1_{end}"] == chi_1[one[f"weight_variance_{end}"], one["bias_variance"]]
    told = {channel["field"] for channel in spec["layer"][0]["encoding"]["tooltip"]}
    assert told >= {"weight_variance_from", "weight_variance_to", "bias_variance", "chi_1_from", "chi_1_to", "gradient"}


def test_its_drawing_is_the_plane_s_rectangles_line_and_marks(figure: Figure) -> None:
    drawing = vl_convert.vegalite_to_svg(on_white([figure]))
    spec = figure.charts[0].to_dict()
    (cells,) = re.findall(r'<g class="mark-rect role-mark[^>]*>(.*?)</g>', drawing)
    assert cells.count("<path") == len(spec["datasets"][spec["layer"][0]["data"]["name"]])
    assert "NaN" not in cells
    assert "asked for" in drawing


def test_planes_of_several_activations_keep_their_own_colours() -> None:
    figures = [drawn(diagram) for diagram in phase_diagrams(theory(["tanh", "relu"]))]
    cells = re.findall(r'<g class="mark-rect role-mark[^>]*>(.*?)</g>', vl_convert.vegalite_to_svg(on_white(figures)))
    painted = [
        re.search(f'{kind}="(#[0-9a-f]+)"', path)
        for part in cells
        for path in part.split("<path")[1:]
        for kind in ("fill", "stroke")
    ]
    colours = [found[1] for found in painted if found]
    assert len(cells) == 2
    assert colours[::2] == colours[1::2]


def test_its_page_is_no_larger_than_two_million_bytes(figure: Figure, tmp_path: Path) -> None:
    write([figure], tmp_path / "x.html")
    assert (tmp_path / "x.html").stat().st_size < 2_000_000
