"""Files that hypothesis makes from the schema and breaks: a plan, or every fault with its place."""

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import event, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from support.fuzz import broken_bytes, broken_value, problems_of

from sigmoid_lab.config.schema import Experiment
from sigmoid_lab.questions.config import check

PLACE = re.compile(r".*(fuzz\.yaml|\.csv)(:\d+(:\d+)?)?: .+|network: one network .* needs about .+", re.DOTALL)
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-32", "latin-1", "utf-7")


@st.composite
def broken_files(draw: st.DrawFn, experiments: SearchStrategy[Experiment]) -> bytes:
    values = draw(experiments).model_dump(mode="json", exclude_unset=True)
    for _ in range(draw(st.integers(0, 3))):
        values = broken_value(draw, values)
    text = yaml.safe_dump(values, allow_unicode=draw(st.booleans()), default_flow_style=draw(st.booleans()))
    encoding = draw(st.sampled_from((*ENCODINGS[:1] * 5, *ENCODINGS)))
    return broken_bytes(draw, text.encode(encoding, "replace"))


@pytest.mark.parametrize("examples", [300, pytest.param(10_000, marks=pytest.mark.long)])
def test_a_broken_file_gives_a_plan_or_its_faults_with_their_places(
    examples: int, experiments: SearchStrategy[Experiment], tmp_path: Path
) -> None:
    path = tmp_path / "fuzz.yaml"

    @settings(max_examples=examples)
    @given(broken_files(experiments))
    def holds(content: bytes) -> None:
        path.write_bytes(content)
        problems = problems_of(lambda: check(path))
        event("refused" if problems else "planned")
        assert all(PLACE.fullmatch(problem) for problem in problems), problems

    holds()
