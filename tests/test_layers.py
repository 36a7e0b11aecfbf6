"""The rooms know only what the design lets them know."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_layer_contracts_hold() -> None:
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout


def test_a_view_that_asks_the_engine_breaks_a_contract(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "sigmoid_lab", tmp_path / "sigmoid_lab")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    view = tmp_path / "sigmoid_lab" / "view" / "table.py"
    view.write_text(view.read_text(encoding="utf-8") + "\nimport sigmoid_lab.engine\n", encoding="utf-8")
    result = lint(tmp_path)
    assert result.returncode == 1
    assert "sigmoid_lab.view.table -> sigmoid_lab.engine" in result.stdout
