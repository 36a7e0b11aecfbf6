"""A table of the user's own, read from csv, with every fault of it told at once."""

import csv
import io
import math
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sigmoid_lab.config.schema import Csv
from sigmoid_lab.errors import LabError, nearest
from sigmoid_lab.plan import Table

MOST_PROBLEMS = 20
Line = tuple[int, list[str]]
"""A line's number, and its cells."""

NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
LARGEST = 1e100
"""The greatest number allowed in a table; squares and sums of greater ones overflow."""


def read_table(block: Csv) -> Table:
    """Read a csv file with a header; raise LabError naming line, column and value of every fault."""
    (header_line, header), *rows = _read(Path(block.path))
    header = [name.strip() for name in header]
    if problems := _header_problems(block, f"{block.path}:{header_line}", header):
        raise LabError(*problems)
    left_out = {*block.targets, *block.ignore}
    inputs = [name for name in header if name not in left_out]
    numbers, problems = _numbers(block, header, rows, [*inputs, *block.targets])
    targets = numbers[:, len(inputs) :]
    if not any(np.isnan(targets).flat):
        problems += _target_problems(block, targets)
    if problems:
        more = [f"{block.path}: … and {len(problems) - MOST_PROBLEMS} more"] if len(problems) > MOST_PROBLEMS else []
        raise LabError(*problems[:MOST_PROBLEMS], *more)
    return Table(numbers[:, : len(inputs)], targets)


def _read(path: Path) -> list[Line]:
    """Return the header and the rows, empty lines left out."""
    reader = csv.reader(io.StringIO(_text(path), newline=""), strict=True)
    try:
        lines = [(reader.line_num, row) for row in reader if row]
    except csv.Error as error:
        raise LabError(f"{path}:{reader.line_num}: cannot be read as csv ({error})") from None
    if len(lines) < 3:
        raise LabError(f"{path}: needs a header and at least two rows")
    return lines


def _text(path: Path) -> str:
    if path.exists() and not path.is_file():
        raise LabError(f"{path}: is {'a directory' if path.is_dir() else 'no regular file'}; name the csv file in it")
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise LabError(f"{path}: no such file; data.path is read from the folder of the config") from None
    except UnicodeDecodeError as error:
        raise LabError(f"{path}: is not UTF-8 text (byte {error.start}); save it as UTF-8") from None
    except (OSError, ValueError) as error:
        raise LabError(f"{path}: cannot be read ({error})") from None


def _header_problems(block: Csv, place: str, header: list[str]) -> list[str]:
    if len(header) == 1:
        return [f"{place}: has one column, '{header[0][:60]}'; columns are separated by commas"]
    problems = [f"{place}: the column '{name}' stands twice; rename one" for name in _twice(header)]
    problems += [f"{place}: data.target: '{name}' stands twice; name it once" for name in _twice(block.targets)]
    problems += [f"{place}: column {number} has no name" for number, name in enumerate(header, 1) if not name]
    problems += [
        f"{place}: data.ignore: '{name}' is a target too; it can be one or the other"
        for name in block.ignore
        if name in block.targets
    ]
    has = "; it has " + ", ".join(header[:20])
    problems += [
        f"{place}: data.{key}: there is no column '{name}'{nearest(name, header) or has}"
        for key, names in (("target", block.targets), ("ignore", block.ignore))
        for name in names
        if name not in header
    ]
    if not problems and not set(header) - set(block.targets) - set(block.ignore):
        problems.append(f"{place}: no column is left to learn from; every one is a target or ignored")
    return problems


def _twice(names: Sequence[str]) -> list[str]:
    return sorted(name for name, count in Counter(names).items() if count > 1)


def _numbers(
    block: Csv, header: list[str], rows: list[Line], columns: list[str]
) -> tuple[NDArray[np.float64], list[str]]:
    """Return the columns' numbers, (N examples, columns), NaN where something is wrong, and what that is."""
    place_of = {name: place for place, name in enumerate(header)}
    cells = [(column, place_of[name], name) for column, name in enumerate(columns)]
    numbers = np.full((len(rows), len(columns)), math.nan)
    problems: list[str] = []
    for index, (line, row) in enumerate(rows):
        if len(row) != len(header):
            problems.append(f"{block.path}:{line}: has {len(row)} values where the header has {len(header)}")
            continue
        for column, place, name in cells:
            numbers[index, column] = number = _number(row[place])
            if math.isnan(number):
                what = _complaint(row[place], is_target=name in block.targets)
                problems.append(f"{block.path}:{line}: {name}: {what}")
    return numbers, problems


def _number(text: str) -> float:
    """Return the number that a cell holds, NaN where it holds none that can be computed with."""
    number = float(text) if NUMBER.fullmatch(text.strip()) else math.nan
    return number if abs(number) <= LARGEST else math.nan


def _complaint(text: str, is_target: bool) -> str:
    word = text.strip()
    if not word or word.lower() in {"na", "nan", "null", "none", "?"}:
        return f"the value is missing ('{text}'); fill it in or leave the row out"
    if is_target:
        return f"'{text[:40]}' is no target; write 0 or 1"
    if NUMBER.fullmatch(word) and math.isfinite(float(word)):
        return f"{word} is beyond ±{LARGEST:g}; scale the column"
    return f"'{text[:40]}' is not a finite number; leave a text column out with data.ignore"


def _target_problems(block: Csv, targets: np.ndarray) -> list[str]:
    problems = []
    for name, column in zip(block.targets, targets.T, strict=True):
        values = np.unique(column)
        if not set(values) <= {0.0, 1.0}:
            shown = ", ".join(f"{value:g}" for value in values[:5])
            problems.append(f"{block.path}: data.target: '{name}' must be 0 or 1, but holds {shown}")
        elif len(values) == 1:
            problems.append(
                f"{block.path}: data.target: '{name}' is {values[0]:g} in every row; both classes are needed"
            )
    return problems
