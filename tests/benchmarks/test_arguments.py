"""What the benchmarks are asked: bad values end in a sentence, before anything is measured."""

import os
import re
import subprocess
import sys
from argparse import ArgumentTypeError
from pathlib import Path

import pytest
from arguments import Shape, installed, new_file, old_file, parser, seconds, shape, whole
from tables import table

FOLDER = Path(__file__).parents[2] / "benchmarks"
SCRIPTS = table((FOLDER / "README.md").read_text(encoding="utf-8"), "script", "asks")


def run(script: str, *options: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"CUDA_VISIBLE_DEVICES": "", "COLUMNS": "500"}
    command = [sys.executable, str(FOLDER / script), *options]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)


def test_whole_numbers_are_read_within_their_bounds() -> None:
    assert [whole(2, 4)(text) for text in ("2", "3", "4")] == [2, 3, 4]


@pytest.mark.parametrize("text", ["1", "5", "x", "2.0", "", "nan"])
def test_what_is_no_whole_number_within_the_bounds_is_refused_with_both(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match=f"'{text}' is not a whole number from 2 to 4"):
        whole(2, 4)(text)


def test_a_time_is_read() -> None:
    assert seconds("0.4") == 0.4


@pytest.mark.parametrize("text", ["0", "-1", "nan", "inf", "long"])
def test_a_time_that_does_not_end_or_is_none_is_refused(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match="above 0"):
        seconds(text)


def test_a_shape_is_read_and_told_alike() -> None:
    assert shape("3x64") == Shape(depth=3, width=64)
    assert str(shape("3x64")) == "3x64"


@pytest.mark.parametrize("text", ["3by64", "3", "3x", "0x64", "3x64x2", "3x-1"])
def test_what_is_no_shape_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match=f"'{text}' is not hidden layers x units, such as 3x64"):
        shape(text)


def test_a_file_is_written_only_where_a_folder_is(tmp_path: Path) -> None:
    assert new_file(str(tmp_path / "rates")) == tmp_path / "rates"
    for text in (str(tmp_path), str(tmp_path / "none" / "rates")):
        with pytest.raises(ArgumentTypeError, match="its folder must exist"):
            new_file(text)


def test_a_file_is_read_only_where_it_is(tmp_path: Path) -> None:
    with pytest.raises(ArgumentTypeError, match="is not a file"):
        old_file(str(tmp_path))


def test_contenders_of_torch_alone_are_always_there() -> None:
    assert installed("eager")


def test_help_tells_a_default_as_it_would_be_typed() -> None:
    reader = parser("What is asked.", turns=5)
    reader.add_argument("--shapes", default=(Shape(3, 64), Shape(3, 256)), help="of networks")
    told = " ".join(reader.format_help().split())
    assert "in turn (default: 5)" in told
    assert "of networks (default: 3x64 3x256)" in told


@pytest.mark.parametrize(
    ("script", "options", "message"),
    [
        ("throughput.py", "--device cuda", "argument --device: 'cuda': torch finds no such device here"),
        ("throughput.py", "--optimisers rmsprop", "argument --optimisers: invalid choice: 'rmsprop'"),
        ("breakdown.py", "--updates 19", "argument --updates: '19' is not a whole number of 20 or more"),
        ("product.py", "--samples 42", "argument --samples: '42' is not a whole number of 43 or more"),
        ("growth.py", "--turns 0", "argument --turns: '0' is not a whole number of 1 or more"),
        ("startup.py", "--turns 0", "argument --turns: '0' is not a whole number of 1 or more"),
        ("imports.py", "--turns 0", "argument --turns: '0' is not a whole number of 1 or more"),
        ("scan.py", "--values 4000000", "argument --values: '4000000' is not a whole number from 4,194,304 to"),
        ("theory_vs_measured.py", "--seeds 1", "argument --seeds: '1' is not a whole number of 2 or more"),
        ("runner.py", "--networks 99", "argument --networks: '99' is not a whole number of 100 or more"),
        ("summary.py", "no-page", "argument page: 'no-page' is not a file"),
    ],
)
def test_a_script_refuses_a_bad_value_in_a_sentence(script: str, options: str, message: str) -> None:
    process = run(script, *options.split())
    assert process.returncode == 2
    assert message in process.stderr.splitlines()[-1]


@pytest.mark.parametrize("row", SCRIPTS, ids=lambda row: row["script"])
def test_the_options_of_a_short_form_are_the_script_s_own(row: dict[str, str]) -> None:
    script, short = row["script"].strip("`"), row["in short"].strip("`")
    process = run(script, *short.split(), "--help")
    assert process.returncode == 0, process.stderr
    for option in re.findall(r"--[\w-]+", short):
        assert f"\n  {option} " in process.stdout
