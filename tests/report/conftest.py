"""A run, its page, and a browser that shows it."""

import shutil
from collections.abc import Callable, Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

import sigmoid_lab
from sigmoid_lab.questions.report import report
from sigmoid_lab.report.page import page
from sigmoid_lab.results.report import ReportAnswer

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
CONFIG = """
name: {name}
data: {{kind: blobs, samples: 64}}
network: {{kind: deep, depth: 2, width: 8}}
training: {{steps: 6, batch_size: 16}}
measure: {{every: 3}}
seeds: 3
compare:
  network.activation: [{activations}]
"""

Scheme = Literal["light", "dark"]
Opened = Callable[..., Page]


@pytest.fixture(scope="session")
def answer(tmp_path_factory: pytest.TempPathFactory) -> ReportAnswer:
    """Return two runs side by side: two groups and one."""
    folder = tmp_path_factory.mktemp("report")
    names = []
    for name, activations in (("old-and-new", "sigmoid, relu"), ("another", "tanh")):
        file = folder / f"{name}.yaml"
        file.write_text(CONFIG.format(name=name, activations=activations), encoding="utf-8")
        names.append(sigmoid_lab.train(file, runs=folder / "runs").run)
    return report(folder / "runs", names, folder / "report.html")


@pytest.fixture(scope="session")
def html(answer: ReportAnswer) -> str:
    return page(answer)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        pytest.skip(f"no browser here: none of {', '.join(BROWSERS)} is on the path")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def opened(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    """Return what opens a page from disk in a window of its own, every figure of it drawn."""
    contexts = []

    def show(html: str, width: int = 1600, scheme: Scheme = "light") -> Page:
        file = tmp_path_factory.mktemp("page") / "page.html"
        file.write_text(html, encoding="utf-8")
        contexts.append(browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme))
        page = contexts[-1].new_page()
        page.goto(file.as_uri())
        page.wait_for_function(
            "[...document.querySelectorAll('.panel')].every(panel => panel.querySelector('svg.marks'))", timeout=60_000
        )
        return page

    yield show
    for context in contexts:
        context.close()
