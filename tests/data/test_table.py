import codecs
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sigmoid_lab.config.schema import Csv
from sigmoid_lab.data.table import read_table
from sigmoid_lab.errors import LabError
from sigmoid_lab.plan import Table

GOOD = "height,weight,passed\n1.5,50,0\n1.8,-2e1,1\n"
MISSING = "fill it in or leave the row out"
TEXT = "is not a finite number; leave a text column out with data.ignore"

Read = Callable[..., Table]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "own.csv"


@pytest.fixture
def read(path: Path) -> Read:
    """Return a function that reads a table from text, its target column ``passed`` unless told otherwise."""

    def reading(content: str | bytes, target: Any = "passed", **block: Any) -> Table:
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_table(Csv(kind="csv", path=str(path), target=target, **block))

    return reading


@pytest.fixture
def problems(path: Path, read: Read) -> Callable[..., list[str]]:
    """Return a function that reads a bad table, and gives its problems without the file's name before them."""

    def reading(content: str | bytes, target: Any = "passed", **block: Any) -> list[str]:
        with pytest.raises(LabError) as raised:
            read(content, target, **block)
        assert all(problem.startswith(f"{path}:") for problem in raised.value.problems)
        return [problem.removeprefix(f"{path}:") for problem in raised.value.problems]

    return reading


Problems = Callable[..., list[str]]

# ----------------------------------------------------------------------------------------------- good


def test_columns_but_the_target_are_inputs_in_their_order(read: Read) -> None:
    table = read(GOOD)
    assert table.inputs.tolist() == [[1.5, 50.0], [1.8, -20.0]]
    assert table.targets.tolist() == [[0.0], [1.0]]


def test_several_targets_are_labels_in_the_order_asked_for(read: Read) -> None:
    table = read("a,x,b\n0,1.5,1\n1,2.5,1\n1,3.5,0\n", target=["b", "a"])
    assert table.targets.tolist() == [[1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]
    assert table.inputs.tolist() == [[1.5], [2.5], [3.5]]


def test_ignored_columns_may_hold_anything(read: Read) -> None:
    table = read("name,height,passed\nAda,1.5,0\n,1.8,1\n", ignore=["name"])
    assert table.inputs.tolist() == [[1.5], [1.8]]


SAME_AS_GOOD: dict[str, str | bytes] = {
    "a byte order mark": codecs.BOM_UTF8 + GOOD.encode(),
    "quoted fields": '"height","weight","passed"\n"1.5","50","0"\n1.8,"-2e1",1\n',
    "empty lines": "\nheight,weight,passed\n\n1.5,50,0\n\n\n1.8,-2e1,1\n\n",
    "windows line ends": GOOD.replace("\n", "\r\n"),
    "no last line end": GOOD.rstrip("\n"),
    "spaces around values": " height , weight ,passed \n 1.5 , 50 , 0 \n 1.8,-2e1 ,1\n",
    "trailing zeros": "height,weight,passed\n1.50,50.0,0.0\n1.8,-20,1.00\n",
}


@pytest.mark.parametrize("form", SAME_AS_GOOD)
def test_a_table_reads_alike_with(form: str, read: Read) -> None:
    table, same = read(GOOD), read(SAME_AS_GOOD[form])
    assert np.array_equal(table.inputs, same.inputs)
    assert np.array_equal(table.targets, same.targets)


def test_a_byte_order_mark_is_no_part_of_the_first_name(read: Read) -> None:
    assert read(codecs.BOM_UTF8 + b"passed,a\n0,1\n1,2\n").targets.tolist() == [[0.0], [1.0]]


def test_a_quoted_name_may_hold_a_comma(read: Read) -> None:
    assert read('"height, in m",passed\n1.5,0\n1.8,1\n').inputs.tolist() == [[1.5], [1.8]]


def test_names_may_hold_letters_of_any_language(read: Read) -> None:
    assert read("größe,σ\n1.5,0\n1.8,1\n", target="σ").inputs.tolist() == [[1.5], [1.8]]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.floats(min_value=-1e100, max_value=1e100), st.booleans()), min_size=2, max_size=20))
def test_numbers_come_back_bit_for_bit(read: Read, rows: list[tuple[float, bool]]) -> None:
    rows = [*rows, (0.0, False), (0.0, True)]
    table = read("x,passed\n" + "".join(f"{x!r},{int(y)}\n" for x, y in rows))
    assert table.inputs[:, 0].tolist() == [x for x, _ in rows]
    assert table.targets[:, 0].tolist() == [float(y) for _, y in rows]


# ------------------------------------------------------------------------------------------ the values


def test_a_missing_value_is_told_with_line_and_column(problems: Problems) -> None:
    assert problems("a,b,passed\n1,,0\n2,3,1\n") == [f"2: b: the value is missing (''); {MISSING}"]


@pytest.mark.parametrize("word", ["NA", "nan", "NaN", "null", "None", "?", " "])
def test_what_people_write_for_a_missing_value_is_told_as_missing(word: str, problems: Problems) -> None:
    assert problems(f"a,b,passed\n1,{word},0\n2,3,1\n") == [f"2: b: the value is missing ('{word}'); {MISSING}"]


def test_a_missing_target_value_is_told_with_line_and_column(problems: Problems) -> None:
    assert problems("a,passed\n1,0\n2,\n3,1\n") == [f"3: passed: the value is missing (''); {MISSING}"]


def test_a_text_column_is_told_with_the_mend(problems: Problems) -> None:
    assert problems("name,a,passed\nAda,1,0\nBob,2,1\n") == [f"2: name: 'Ada' {TEXT}", f"3: name: 'Bob' {TEXT}"]


@pytest.mark.parametrize("text", ["inf", "-Infinity", "1e999", "1,5", "0x10", "1 2", "1_000"])
def test_what_is_no_finite_number_is_told(text: str, problems: Problems) -> None:
    assert problems(f'a,passed\n"{text}",0\n2,1\n') == [f"2: a: '{text}' {TEXT}"]


def test_a_ragged_row_is_told_once_with_its_line(problems: Problems) -> None:
    assert problems("a,passed\n1,0\n2\n3,1\n4,1,9\n") == [
        "3: has 1 values where the header has 2",
        "5: has 3 values where the header has 2",
    ]


def test_lines_are_counted_as_an_editor_counts_them(problems: Problems) -> None:
    content = '\na,passed\n\n1,0\n"\n2",1\nx,1\n'
    assert problems(content) == [f"7: a: 'x' {TEXT}"]


def test_faults_of_every_column_are_told_at_once(problems: Problems) -> None:
    found = problems("a,b,passed\n1,x,0\n,3,1\n1,2\n1,2,\n")
    assert sorted(found) == [
        f"2: b: 'x' {TEXT}",
        f"3: a: the value is missing (''); {MISSING}",
        "4: has 2 values where the header has 3",
        f"5: passed: the value is missing (''); {MISSING}",
    ]


def test_after_twenty_faults_the_rest_is_counted(problems: Problems) -> None:
    found = problems("a,passed\n" + "x,0\nx,1\n" * 25)
    assert found[:20] == [f"{line}: a: 'x' {TEXT}" for line in range(2, 22)]
    assert found[20:] == [" … and 30 more"]


# ----------------------------------------------------------------------------------------- the targets


@pytest.mark.parametrize("only", [0, 1])
def test_one_class_only_is_told(only: int, problems: Problems) -> None:
    assert problems(f"a,passed\n1,{only}\n2,{only}\n") == [
        f" data.target: 'passed' is {only} in every row; both classes are needed"
    ]


def test_a_target_that_is_not_zero_or_one_is_told_with_its_values(problems: Problems) -> None:
    assert problems("a,passed\n1,0\n2,2\n3,-1.5\n") == [" data.target: 'passed' must be 0 or 1, but holds -1.5, 0, 2"]


def test_a_text_target_is_told_with_line_and_value_and_not_to_be_left_out(problems: Problems) -> None:
    first, second = problems("a,passed\n1,yes\n2,no\n")
    assert first.startswith("2: passed: 'yes'")
    assert second.startswith("3: passed: 'no'")
    assert "0 or 1" in first
    assert "ignore" not in first


def test_every_bad_target_is_told(problems: Problems) -> None:
    assert problems("x,a,b\n1,0,2\n2,0,1\n", target=["a", "b"]) == [
        " data.target: 'a' is 0 in every row; both classes are needed",
        " data.target: 'b' must be 0 or 1, but holds 1, 2",
    ]


def test_a_target_that_is_not_there_is_told_with_the_nearest_column(problems: Problems) -> None:
    assert problems("a,pased\n1,0\n2,1\n") == [
        "1: data.target: there is no column 'passed'; did you mean 'pased'?",
    ]


def test_a_target_that_is_like_no_column_is_told_with_all_columns(problems: Problems) -> None:
    assert problems("a,b\n1,0\n2,1\n") == ["1: data.target: there is no column 'passed'; it has a, b"]


def test_an_ignored_column_that_is_not_there_is_told(problems: Problems) -> None:
    assert problems("a,passed\n1,0\n2,1\n", ignore=["z"]) == [
        "1: data.ignore: there is no column 'z'; it has a, passed",
    ]


def test_a_table_of_targets_alone_is_told(problems: Problems) -> None:
    assert problems("a,passed\n1,0\n0,1\n", target=["a", "passed"]) == [
        "1: no column is left to learn from; every one is a target or ignored",
    ]


# -------------------------------------------------------------------------------------------- the file


def test_a_column_that_stands_twice_is_told(problems: Problems) -> None:
    assert problems("a,passed,a\n1,0,1\n2,1,1\n") == ["1: the column 'a' stands twice; rename one"]


def test_the_header_is_told_with_the_line_that_it_stands_on(problems: Problems) -> None:
    assert problems("\n\na,passed,a\n1,0,1\n2,1,1\n") == ["3: the column 'a' stands twice; rename one"]


def test_semicolons_are_told(problems: Problems) -> None:
    assert problems("a;passed\n1;0\n2;1\n") == ["1: has one column, 'a;passed'; columns are separated by commas"]


@pytest.mark.parametrize("content", ["", "\n\n", "a,passed\n", "a,passed\n1,0\n"])
def test_a_table_with_less_than_two_rows_is_told(content: str, problems: Problems) -> None:
    assert problems(content) == [" needs a header and at least two rows"]


def test_text_that_is_not_utf_8_is_told_with_its_byte(problems: Problems) -> None:
    content = "größe,passed\n1,0\n2,1\n".encode("latin-1")
    assert problems(content) == [" is not UTF-8 text (byte 2); save it as UTF-8"]


def test_a_byte_far_into_the_file_is_counted_from_its_start(problems: Problems) -> None:
    good = b"a,passed\n1,0\n2,1\n" + b"1,0\n" * 5000
    assert problems(good + b"\xe9,1\n") == [f" is not UTF-8 text (byte {len(good)}); save it as UTF-8"]


def test_utf_16_is_told(problems: Problems) -> None:
    assert problems(GOOD.encode("utf-16")) == [" is not UTF-8 text (byte 0); save it as UTF-8"]


def test_a_quote_that_is_never_closed_is_told_with_a_line(problems: Problems) -> None:
    (found,) = problems('a,passed\n1,0\n"2,1\n3,1\n')
    line, _, what = found.partition(":")
    assert line.isdigit()
    assert what.startswith(" cannot be read as csv (")


def test_a_missing_file_is_told_with_where_it_is_looked_for(tmp_path: Path) -> None:
    with pytest.raises(LabError) as raised:
        read_table(Csv(kind="csv", path=str(tmp_path / "none.csv"), target="y"))
    assert str(raised.value) == f"{tmp_path}/none.csv: no such file; data.path is read from the folder of the config"


def test_a_directory_is_told(tmp_path: Path) -> None:
    with pytest.raises(LabError) as raised:
        read_table(Csv(kind="csv", path=str(tmp_path), target="y"))
    assert str(raised.value) == f"{tmp_path}: is a directory; name the csv file in it"


def test_a_file_within_a_file_is_told(path: Path, read: Read) -> None:
    read(GOOD)
    with pytest.raises(LabError, match="cannot be read"):
        read_table(Csv(kind="csv", path=str(path / "inner.csv"), target="y"))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text("0123456789.,;\"'\n\r\t -exyn\0", max_size=60) | st.binary(max_size=60))
def test_no_content_ends_in_anything_but_a_table_or_a_lab_error(read: Read, content: str | bytes) -> None:
    start = "x,y\n1,0\n2,1\n"
    try:
        table = read(start.encode() + (content.encode() if isinstance(content, str) else content), target="y")
    except LabError:
        return
    assert np.isfinite(table.inputs).all()
    assert set(np.unique(table.targets)) == {0.0, 1.0}
