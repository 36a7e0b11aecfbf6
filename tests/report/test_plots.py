"""``--plot`` draws what a command found, every number of it in the figures' data."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
import vl_convert
from typer.testing import CliRunner, Result

from sigmoid_lab.cli import app
from sigmoid_lab.questions.compare_depth import compare_depth
from sigmoid_lab.questions.gates import gates
from sigmoid_lab.questions.stability import stability
from sigmoid_lab.questions.table import table
from sigmoid_lab.report import compare_depth as depth_figures
from sigmoid_lab.report import gates as gate_figures
from sigmoid_lab.report import stability as stability_figures
from sigmoid_lab.report import table as table_figures
from sigmoid_lab.report.style import on_white
from sigmoid_lab.results.answer import Plain, encode
from sigmoid_lab.results.compare_depth import CompareDepthAnswer, DepthRow, LayerRow

COMMANDS = {
    "table": ("table", "-a", "sigmoid", "-a", "relu"),
    "compare-depth": ("compare-depth", "--layers", "2", "--seeds", "3"),
    "stability": ("stability", "--dtype", "float32", "-i", "naive", "--at", "-1000,0,nan"),
    "gates": ("gates", "--steps", "3", "--hidden", "3", "--seeds", "2"),
}
MARKS = {"table": "line", "compare-depth": "line", "stability": "rect", "gates": "line"}
PANELS = {"table": 2, "compare-depth": 3, "stability": 4, "gates": 2}
SVG = "{http://www.w3.org/2000/svg}"
PLOTTED = pytest.mark.parametrize("name", COMMANDS)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, (*arguments, "--quiet"), prog_name="sigmoid-lab")


def grouped(element: ElementTree.Element, kind: str) -> list[ElementTree.Element]:
    """Return the groups of Vega's within an element whose class fits."""
    return [one for one in element.iter(f"{SVG}g") if re.search(kind, one.get("class", ""))]


def by_panel(drawing: str, mark: str) -> list[list[str]]:
    """Return the paths of all marks of a kind, panel by panel."""
    return [
        [path.get("d", "") for group in grouped(panel, f"mark-{mark} role-mark") for path in group.iter(f"{SVG}path")]
        for panel in grouped(ElementTree.fromstring(drawing), r"role-scope concat_\d+_concat_\d+_group$")
    ]


@PLOTTED
def test_svg_holds_marks_of_every_panel_of_every_figure(name: str, tmp_path: Path) -> None:
    result = run(*COMMANDS[name], "--plot", str(tmp_path / "x.svg"))
    assert result.exit_code == 0
    panels = by_panel((tmp_path / "x.svg").read_text(encoding="utf-8"), MARKS[name])
    assert len(panels) == PANELS[name]
    for paths in panels:
        assert any(re.search("[Lh]", path) for path in paths)
        assert not any("NaN" in path for path in paths)


@PLOTTED
def test_html_holds_figures_and_data_beside_the_same_answer(name: str, tmp_path: Path) -> None:
    plain = run(*COMMANDS[name], "--json").stdout
    plotted = run(*COMMANDS[name], "--json", "--plot", str(tmp_path / "x.html")).stdout
    assert json.loads(plotted) == json.loads(plain)
    page = (tmp_path / "x.html").read_text(encoding="utf-8")
    assert page.count("<summary>Data: ") == page.count("<section><h2>") > 0


@PLOTTED
def test_another_ending_is_refused_before_the_work(name: str, tmp_path: Path) -> None:
    result = run(*COMMANDS[name], "--plot", str(tmp_path / "x.gif"))
    assert (result.exit_code, result.stdout) == (2, "")
    assert "its name has to end in .html or .svg or .png" in result.stderr


@pytest.mark.parametrize("command", [*(("--plot", name) for name in COMMANDS), ("--phase-diagram", "theory")])
def test_a_figure_that_the_disk_does_not_take_is_told_before_an_answer(
    command: tuple[str, str], tmp_path: Path
) -> None:
    option, name = command
    (tmp_path / "x.svg").symlink_to("/dev/full")
    result = run(*COMMANDS.get(name, (name,)), option, str(tmp_path / "x.svg"))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"{tmp_path / 'x.svg'}: cannot be written (No space left on device)\n"


def without(row: Plain, *keys: str) -> Plain:
    return {key: value for key, value in row.items() if key not in keys}


def test_the_data_of_a_table_s_figure_is_the_table() -> None:
    answer = table(["tanh"], [-1.0, 100.0], "float32")
    (figure,) = table_figures.drawn(answer)
    assert list(figure.rows) == answer.plain()["rows"]


@pytest.fixture(scope="module")
def depths() -> CompareDepthAnswer:
    return compare_depth(2, ["sigmoid", "relu"], ["default", "he"], seeds=3)


def test_the_data_of_a_depth_s_figure_is_the_answer_s(depths: CompareDepthAnswer) -> None:
    first, second, ratios = depth_figures.drawn(depths)
    answered: list[DepthRow | LayerRow] = [*depths.by_depth, *depths.by_layer]
    for drawn, row in zip((*first.rows, *second.rows), answered, strict=True):
        assert without(drawn, "group", "depth", "layer", "predicted_rms") == encode(row.gradient_norm)
        assert drawn["predicted_rms"] == row.predicted_rms
    assert [row["slope_bound"] for row in ratios.rows] == [row.slope_bound for row in depths.ratios]


def test_initialisations_are_named_where_there_are_several(depths: CompareDepthAnswer) -> None:
    groups = {row["group"] for row in depth_figures.drawn(depths)[0].rows}
    assert groups == {"sigmoid, default", "sigmoid, he", "relu, default", "relu, he"}


def test_a_map_of_errors_tells_right_wrong_and_no_number_apart() -> None:
    answer = stability(["naive"], ["float32"], [-1000.0, 0.0], None)
    sigmoid, _ = stability_figures.drawn(answer)
    found = {row["z_shown"]: (row["value_off"], row["slope_off"]) for row in sigmoid.rows}
    assert found == {
        "-1000": ("exact: within ½ ULP", "NaN"),
        "0": ("exact: within ½ ULP", "exact: within ½ ULP"),
    }


def test_a_map_of_errors_sets_nan_last() -> None:
    at = [float("nan"), 5.0, -1.0]
    chart = stability_figures.drawn(stability(["torch"], ["float32"], at, None))[0].charts[0].to_dict()
    assert chart["encoding"]["x"]["sort"] == ["-1", "5", "nan"]


def test_maps_of_errors_have_one_legend_a_figure() -> None:
    answer = stability(["naive"], ["float32", "float16"], [0.0], None)
    for figure in stability_figures.drawn(answer):
        assert len(figure.charts) == 4
        assert vl_convert.vegalite_to_svg(on_white([figure])).count('"mark-group role-legend"') == 1


def test_gates_draw_every_lag_of_every_cell() -> None:
    answer = gates(3, 3, ["1", "default"], seeds=2, seed=0, train=0)
    arrived, alone = gate_figures.drawn(answer)
    assert [row["lag"] for row in arrived.rows] == [1, 2, 3] * 5
    assert {row["group"] for row in alone.rows} == {"lstm, forget bias 1", "lstm, default bias"}


def test_few_lags_are_counted_one_by_one(tmp_path: Path) -> None:
    run(*COMMANDS["gates"], "--plot", str(tmp_path / "x.svg"))
    drawing = (tmp_path / "x.svg").read_text(encoding="utf-8")
    axis = re.search(r'aria-label="X-axis titled \'lag\'.*?role-axis-title', drawing, re.DOTALL)
    assert axis
    assert re.findall(r">(\d+)</text>", axis[0]) == ["1", "2", "3"]
