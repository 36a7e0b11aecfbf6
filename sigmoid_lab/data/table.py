"""A table of the user's own, read from csv, with every fault of it told at once."""

import csv
import math
from pathlib import Path

import numpy as np

from sigmoid_lab.config.schema import Csv
from sigmoid_lab.errors import LabError, nearest
from sigmoid_lab.plan import Table

MOST_PROBLEMS = 20


def read_table(block: Csv) -> Table:
    """Read a csv file with a header; raise LabError naming line, column and value of every fault."""
    header, rows = _read(Path(block.path))
    problems = _header_problems(block, header)
    if problems:
        raise LabError(*problems)
    columns = [name for name in header if name not in block.targets and name not in block.ignore]
    inputs, input_problems = _numbers(block.path, header, rows, columns)
    targets, target_problems = _numbers(block.path, header, rows, list(block.targets))
    problems = input_problems + (target_problems or _target_problems(block, targets))
    if problems:
        more = [f"{block.path}: … and {len(problems) - MOST_PROBLEMS} more"] if len(problems) > MOST_PROBLEMS else []
        raise LabError(*problems[:MOST_PROBLEMS], *more)
    return Table(inputs, targets)


def _read(path: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Return the header, and each row with its line number."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            lines = [(reader.line_num, row) for row in reader if row]
    except FileNotFoundError:
        raise LabError(f"{path}: no such file; data.path is read from the folder of the config") from None
    except IsADirectoryError:
        raise LabError(f"{path}: is a directory; name the csv file in it") from None
    except UnicodeDecodeError as error:
        raise LabError(f"{path}: is not UTF-8 text (byte {error.start}); save it as UTF-8") from None
    except (OSError, csv.Error, ValueError) as error:
        raise LabError(f"{path}: cannot be read as csv ({error})") from None
    if len(lines) < 3:
        raise LabError(f"{path}: needs a header and at least two rows")
    return [name.strip() for name in lines[0][1]], lines[1:]


def _header_problems(block: Csv, header: list[str]) -> list[str]:
    place = f"{block.path}:1"
    if len(header) == 1:
        return [f"{place}: has one column, '{header[0][:60]}'; columns are separated by commas"]
    problems = [f"{place}: the column '{name}' stands twice; rename one" for name in _twice(header)]
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


def _twice(names: list[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})


def _numbers(
    path: str, header: list[str], rows: list[tuple[int, list[str]]], columns: list[str]
) -> tuple[np.ndarray, list[str]]:
    """Return the columns' numbers, (N examples, columns), and what is wrong with them."""
    places = [header.index(name) for name in columns]
    numbers = np.empty((len(rows), len(columns)))
    problems: list[str] = []
    for index, (line, row) in enumerate(rows):
        if len(row) != len(header):
            problems.append(f"{path}:{line}: has {len(row)} values where the header has {len(header)}")
            continue
        for column, place in enumerate(places):
            try:
                numbers[index, column] = number = float(row[place])
            except ValueError:
                number = math.nan
            if not math.isfinite(number):
                problems.append(f"{path}:{line}: {columns[column]}: {_complaint(row[place])}")
    return numbers, problems


def _complaint(text: str) -> str:
    if not text.strip() or text.strip().lower() in {"na", "nan", "null", "none", "?"}:
        return f"the value is missing ('{text}'); fill it in or leave the row out"
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
