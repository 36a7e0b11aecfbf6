"""A page in a real browser: silent, asking nobody, every figure drawn, readable, and answering the pointer."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from sigmoid_lab.questions.phase_diagram import phase_diagrams
from sigmoid_lab.questions.theory import theory
from sigmoid_lab.report.figure import write
from sigmoid_lab.report.phases import drawn

Opened = Callable[..., Page]
WINDOWS = [(400, "light"), (400, "dark"), (1600, "light"), (1600, "dark")]
DOTS = ".mark-symbol.role-mark path"
MARKS = """panel => [...panel.querySelectorAll(".role-mark path")].map(mark => mark.getBoundingClientRect())
  .filter(box => box.width || box.height).map(box => [box.left, box.right])"""
"""From where to where each mark reaches that covers any ground."""
CONTRAST = """selector => {
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const light = colour => {
    canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    const part = value => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map(value => part(value / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = light(getComputedStyle(document.body).backgroundColor);
  return [...document.querySelectorAll(selector)].filter(one => one.textContent.trim()).map(one => {
    const style = getComputedStyle(one), colour = one.closest("svg") ? style.fill : style.color;
    const [low, high] = [light(colour), ground].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  });
}"""
"""The contrast of words with the page's ground, as WCAG 2 defines it."""


@pytest.fixture(scope="module", params=WINDOWS, ids=str)
def window(html: str, opened: Opened, request: pytest.FixtureRequest) -> Page:
    """Return the page in a narrow or a wide window, light or dark; tests only look at it."""
    return opened(html, *request.param)


def panels(page: Page) -> list[Locator]:
    return page.locator(".panel").all()


def gradients(page: Page) -> Locator:
    return page.locator(".panel").first


def test_the_page_says_nothing_to_the_console_and_asks_nobody(html: str, browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(html, encoding="utf-8")
    heard: list[str] = []
    page = browser.new_page()
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("request", lambda request: heard.append(request.url))
    address = (tmp_path / "page.html").as_uri()
    page.goto(address)
    expect(page.locator(".panel svg.marks")).to_have_count(page.locator(".panel").count())
    page.locator(DOTS).first.hover(force=True)
    expect(page.locator("#vg-tooltip-element.visible")).to_be_visible()
    page.close()
    assert [url for url in heard if not url.startswith(("data:", "blob:"))] == [address]


def test_every_figure_is_visible_with_marks_in_it_within_the_window(window: Page) -> None:
    assert len(panels(window)) == 2 + 3 + 4 + 4 + 3
    width = window.evaluate("window.innerWidth")
    for panel in panels(window):
        expect(panel.locator("svg.marks")).to_be_visible()
        reaches = panel.evaluate(MARKS)
        assert reaches
        assert all(0 <= left <= right <= width for left, right in reaches)


def test_page_and_figures_are_no_wider_than_the_window(window: Page) -> None:
    width = window.evaluate("window.innerWidth")
    assert window.evaluate("document.documentElement.scrollWidth") <= width
    for panel in panels(window):
        box = panel.locator("svg.marks").bounding_box()
        assert box is not None
        assert 0 <= box["x"] <= box["x"] + box["width"] <= width


def test_no_word_is_smaller_than_ten_pixels(window: Page) -> None:
    sizes = window.evaluate(
        "[...document.querySelectorAll('p, td, th, h1, h2, summary, svg.marks text')]"
        ".map(one => parseFloat(getComputedStyle(one).fontSize))"
    )
    assert min(sizes) >= 10


def test_words_stand_out_from_the_ground(window: Page) -> None:
    assert min(window.evaluate(CONTRAST, "p, td, th, h1, h2, summary, svg.marks text")) >= 4.5


def test_the_ground_is_light_or_dark_as_the_reader_prefers(html: str, opened: Opened) -> None:
    grounds = [
        opened(html, scheme=scheme).evaluate("getComputedStyle(document.body).backgroundColor")
        for scheme in ("light", "dark")
    ]
    assert grounds == ["rgb(255, 255, 255)", "rgb(20, 23, 27)"]


def test_a_dot_under_the_pointer_tells_its_numbers(html: str, opened: Opened) -> None:
    page = opened(html)
    gradients(page).locator(DOTS).first.hover(force=True)
    told = page.locator("#vg-tooltip-element.visible")
    expect(told).to_contain_text("activation sigmoid (old-and-new)")
    assert re.search(r"median\s*0\.\d+", told.inner_text())


def test_a_cell_of_the_heat_map_tells_its_numbers(html: str, opened: Opened) -> None:
    page = opened(html)
    page.locator(".mark-rect.role-mark path").first.hover(force=True)
    expect(page.locator("#vg-tooltip-element.visible")).to_contain_text("step")


def test_a_rectangle_of_a_phase_diagram_tells_the_numbers_of_its_ends(opened: Opened, tmp_path: Path) -> None:
    write([drawn(diagram) for diagram in phase_diagrams(theory(["tanh"]))], tmp_path / "tanh.html")
    page = opened((tmp_path / "tanh.html").read_text(encoding="utf-8"))
    page.locator(".mark-rect.role-mark path").last.hover(force=True)
    told = page.locator("#vg-tooltip-element.visible")
    expect(told).to_contain_text("grows in 0 to 1 layers")
    assert re.search(r"chi_1_from\s*[\d.]+\s*chi_1_to\s*[\d.]+", told.inner_text())


def test_a_click_in_the_legend_shows_one_group_alone_and_another_shows_all(html: str, opened: Opened) -> None:
    page = opened(html)
    lines = gradients(page).locator(".mark-line path")
    name = gradients(page).get_by_text("activation relu (old-and-new)", exact=True)

    def opacities() -> list[str | None]:
        return [line.get_attribute("stroke-opacity") or line.get_attribute("opacity") for line in lines.all()[:3]]

    before = opacities()
    name.click(force=True)
    alone = opacities()
    name.click(force=True)
    assert before == opacities() == ["1", "1", "1"]
    assert sorted(map(str, alone)) == ["0.06", "0.06", "1"]


def test_the_data_of_a_figure_is_one_click_away_and_can_be_saved(html: str, opened: Opened, tmp_path: Path) -> None:
    page = opened(html)
    figure = page.locator("section").first
    figure.get_by_text("Data: 18 rows").click()
    expect(figure.locator("table")).to_be_visible()
    with page.expect_download() as download:
        figure.get_by_text("Download as csv").click()
    download.value.save_as(tmp_path / "data.csv")
    head, *body = (tmp_path / "data.csv").read_text(encoding="utf-8").splitlines()
    assert head.startswith('"group","when","layer","median"')
    assert len(body) == 18
