import csv
import json
from pathlib import Path

import pytest

from sigmoid_lab import LabError, train
from sigmoid_lab.questions.export import Form, export
from sigmoid_lab.questions.runs import show
from sigmoid_lab.results.train import TrainAnswer


@pytest.fixture
def answer(config: Path, tmp_path: Path) -> TrainAnswer:
    return train(config, runs=tmp_path / "runs")


def files(folder: Path, form: Form) -> list[Path]:
    answer = export(folder / "runs", "latest", folder / "out", form)
    return [Path(row.file) for row in answer.rows]


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_csv_holds_every_network_step_and_layer_once(answer: TrainAnswer, tmp_path: Path) -> None:
    networks, measurements, layers = files(tmp_path, "csv")
    keys = ("network.activation", "seed", "step", "layer")
    assert [len(rows(path)) for path in (networks, measurements, layers)] == [6, 6 * 3, 6 * 3 * 3]
    assert len({tuple(row[key] for key in keys) for row in rows(layers)}) == 6 * 3 * 3


def test_csv_holds_the_numbers_of_the_answer(answer: TrainAnswer, tmp_path: Path) -> None:
    *_, layers = files(tmp_path, "csv")
    first = sorted(
        float(row["gradient_norm"])
        for row in rows(layers)
        if (row["network.activation"], row["step"], row["layer"]) == ("relu", "6", "1")
    )
    assert answer.groups[1].layers[0].gradient_norm.end.median == first[1]


def test_json_is_what_show_answers(answer: TrainAnswer, tmp_path: Path) -> None:
    (path,) = files(tmp_path, "json")
    assert json.loads(path.read_text(encoding="utf-8")) == json.loads(
        json.dumps(show(tmp_path / "runs", "latest").plain())
    )


def test_an_existing_folder_is_not_written_over(answer: TrainAnswer, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with pytest.raises(LabError, match="exists already"):
        files(tmp_path, "csv")
