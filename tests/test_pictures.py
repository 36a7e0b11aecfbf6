"""The README's pictures show what the commands print, and ask nobody."""

import os
import re
import subprocess
import sys
from html import unescape
from pathlib import Path

import pytest

DOCS = Path(__file__).parent.parent / "docs"
NUMBER = re.compile(r"\d[\d.]*(?:e-?\d+)?")


def numbers(text: str) -> list[float]:
    return [float(number.rstrip(".")) for number in NUMBER.findall(text)]


def test_the_terminal_s_picture_holds_the_numbers_of_the_command_that_it_names() -> None:
    picture = (DOCS / "terminal.svg").read_text(encoding="utf-8")
    title, *texts = (unescape(text).replace("\xa0", " ") for text in re.findall(r"<text[^>]*>([^<]*)</text>", picture))
    assert title.startswith("sigmoid-lab ")
    process = subprocess.run(
        [sys.executable, "-m", "sigmoid_lab", *title.split()[1:], "--quiet"],
        env={**os.environ, "COLUMNS": "84"},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    # Another processor rounds differently.
    assert numbers("\n".join(texts)) == pytest.approx(numbers(process.stdout), rel=0.03)


@pytest.mark.parametrize("name", ["terminal.svg", "gradients.svg"])
def test_a_picture_asks_nobody(name: str) -> None:
    picture = (DOCS / name).read_text(encoding="utf-8")
    assert not re.search(r"url\(\s*[\"']?http|(?:href|src)=[\"']http", picture)
