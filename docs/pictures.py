"""Draw the README's pictures from real output: ``python docs/pictures.py``."""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

import sigmoid_lab
from sigmoid_lab.questions.report import report
from sigmoid_lab.report.figure import write
from sigmoid_lab.report.training import figures
from sigmoid_lab.wording.labels import label

HERE = Path(__file__).parent
COMMAND = "compare-depth --layers 4"
COLUMNS = 84
FONT_FACES = re.compile(r"@font-face \{\{.*?\n    \}\}\n", re.DOTALL)
"""What would be fetched from elsewhere."""


def terminal() -> str:
    """Return the command's output in a terminal, as SVG."""
    output = subprocess.run(
        [sys.executable, "-m", "sigmoid_lab", *COMMAND.split(), "--quiet"],
        env={**os.environ, "COLUMNS": str(COLUMNS), "FORCE_COLOR": "1"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        console = Console(record=True, width=COLUMNS, file=nowhere)
        console.print(Text.from_ansi(output.rstrip()))
    return console.export_svg(
        title=f"sigmoid-lab {COMMAND}", code_format=FONT_FACES.sub("", CONSOLE_SVG_FORMAT), unique_id="terminal"
    )


def gradients(path: Path) -> None:
    """Draw the first figure of a report of ``configs/bad_vs_good.yaml``."""
    with tempfile.TemporaryDirectory() as folder:
        run = sigmoid_lab.train(HERE.parent / "configs" / "bad_vs_good.yaml", runs=folder).run
        (shown,) = report(Path(folder), [run], path).runs
    write([next(figures({label(group.settings): group for group in shown.groups}))], path)


if __name__ == "__main__":
    (HERE / "terminal.svg").write_text(terminal(), encoding="utf-8")
    gradients(HERE / "gradients.svg")
