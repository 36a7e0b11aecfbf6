"""Run directories whose files are damaged: what can be read is read, and what cannot is named."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from support.fuzz import broken_bytes, problems_of

from sigmoid_lab import load, train
from sigmoid_lab.questions.delete import delete
from sigmoid_lab.questions.export import export
from sigmoid_lab.questions.runs import compare, list_runs, show
from sigmoid_lab.store.run import EXPERIMENT

FILES = (
    "experiment.yaml",
    "environment.json",
    "results.sqlite",
    "networks/00000.safetensors",
    "networks/00001.safetensors",
)


def uses(runs: Path, run: Path) -> dict[str, Callable[[], object]]:
    out = runs.parent / "out"
    return {
        "list": lambda: list_runs(runs),
        "show": lambda: show(runs, run.name, by="loss"),
        "pool": lambda: show(runs, run.name, group_by="activation"),
        "compare": lambda: compare(runs, [run.name, run.name]),
        "export": lambda: export(runs, run.name, out, "csv"),
        "events": lambda: export(runs, run.name, out, "tensorboard"),
        "load": lambda: load(run.name, seed=5, runs=runs, activation="relu"),
        "resume": lambda: train(resume=run.name, runs=runs),
        "delete": lambda: delete(run),
    }


@pytest.mark.parametrize("examples", [150, pytest.param(10_000, marks=pytest.mark.long)])
def test_a_damaged_file_gives_an_answer_or_a_line_that_names_it(examples: int, config: Path, tmp_path: Path) -> None:
    sound = Path(train(config, runs=tmp_path / "sound").run)

    @settings(max_examples=examples, suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example])
    @given(st.data())
    def holds(data: st.DataObject) -> None:
        runs = tmp_path / "runs"
        shutil.rmtree(runs, ignore_errors=True)
        shutil.rmtree(tmp_path / "out", ignore_errors=True)
        run = runs / sound.name
        shutil.copytree(sound, run)
        file = run / data.draw(st.sampled_from(FILES))
        if data.draw(st.booleans()):
            file.write_bytes(data.draw(st.composite(broken_bytes)(file.read_bytes())))
        else:
            file.write_bytes(file.read_bytes()[: data.draw(st.integers(0, file.stat().st_size))])
        use = data.draw(st.sampled_from(sorted(uses(runs, run))))
        problems = problems_of(uses(runs, run)[use])
        event(f"{use}: {'refused' if problems else 'answered'}")
        places = (run.name, str(runs), f", its {EXPERIMENT} ")  # the last where its keys differ from the results'
        assert all(any(place in problem for place in places) for problem in problems), problems

    holds()
