"""A figure becomes what its file's name says."""

import re
import sys
from pathlib import Path

import altair as alt
import pytest

from sigmoid_lab.errors import LabError
from sigmoid_lab.report.figure import Figure, check, write
from sigmoid_lab.report.lines import lines

ROWS = [{"z": z, "value": z * z} for z in range(-3, 4)]
FIGURE = Figure(
    "A parabola <of z>",
    "z squared",
    ROWS,
    [alt.Chart(alt.InlineData(values=ROWS)).mark_line().encode(x="z:Q", y="value:Q")],
)


def test_html_holds_the_figure_its_words_and_its_data_and_asks_nobody(tmp_path: Path) -> None:
    write([FIGURE], tmp_path / "x.html")
    page = (tmp_path / "x.html").read_text(encoding="utf-8")
    assert "A parabola &lt;of z&gt;" in page
    assert page.count("<td>9</td>") == 2
    assert "default-src 'none'" in page
    assert not re.search(r"<(script|link|img)[^>]+(src|href)=.?http", page)


def test_svg_is_a_drawing_with_a_line_in_it(tmp_path: Path) -> None:
    write([FIGURE], tmp_path / "x.svg")
    drawing = (tmp_path / "x.svg").read_text(encoding="utf-8")
    assert drawing.startswith("<svg")
    (line,) = re.findall(r'mark-line.*?<path[^>]* d="([^"]*)"', drawing)
    assert len(re.findall(r"[ML]", line)) == len(ROWS)


def test_charts_beside_each_other_keep_their_own_data(tmp_path: Path) -> None:
    spreads = [
        [{"group": "a", "layer": 1 + i, "median": x, "low": x / 2, "high": 2 * x} for i, x in enumerate(norms)]
        for norms in ((1.0, 10.0), (1.0, 0.1))
    ]
    charts = [lines(rows, ["a"], "layer", "norm", logarithmic=True) for rows in spreads]
    write([Figure("Two", "", [], charts)], tmp_path / "x.svg")
    drawing = (tmp_path / "x.svg").read_text(encoding="utf-8")
    one, other = re.findall(r'mark-area.*?<path[^>]* d="([^"]*)"', drawing)
    assert one != other


def test_png_is_an_image_of_twice_the_pixels(tmp_path: Path) -> None:
    write([FIGURE], tmp_path / "x.PNG")
    content = (tmp_path / "x.PNG").read_bytes()
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    assert int.from_bytes(content[16:20], "big") > 1500


def test_another_ending_is_refused_with_those_that_there_are(tmp_path: Path) -> None:
    with pytest.raises(LabError, match=r"x\.jpeg: its name has to end in \.html or \.svg or \.png"):
        check(tmp_path / "x.jpeg")


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LabError, match=r"nowhere is no folder; make it first"):
        check(tmp_path / "nowhere" / "x.svg")


def test_a_folder_of_that_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.svg").mkdir()
    with pytest.raises(LabError, match="cannot be written; name another file"):
        check(tmp_path / "x.svg")


def test_without_the_library_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.delitem(sys.modules, "vl_convert", raising=False)
    with pytest.raises(LabError, match=r"pip install 'sigmoid-lab\[report\]'"):
        check(tmp_path / "x.svg")
