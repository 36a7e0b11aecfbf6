"""What the scripts are asked: values refused in a sentence before anything is measured, defaults told by the help."""

import argparse
from collections.abc import Callable
from importlib.util import find_spec
from math import inf
from pathlib import Path
from typing import NamedTuple

CONTENDER_NEEDS = {"jax_expert": "jax", "scikit": "sklearn", "lightning_trainer": "lightning"}
"""The modules that these contenders are made of."""
INSTALL = "pip install -e '.[benchmarks]'"


class Shape(NamedTuple):
    """So many hidden layers of so many units."""

    depth: int
    width: int

    def __str__(self) -> str:
        return f"{self.depth}x{self.width}"


SHAPES = (Shape(3, 64), Shape(10, 64), Shape(3, 256))


class Help(argparse.RawDescriptionHelpFormatter):
    """The docstring as it stands, every option with its default, as it would be typed."""

    def _get_help_string(self, action: argparse.Action) -> str | None:
        default = action.default
        if default in (None, argparse.SUPPRESS):
            return action.help
        typed = " ".join(map(str, default)) if isinstance(default, list | tuple) else default
        return f"{action.help} (default: {typed})"


def parser(description: str | None, turns: int | None = None) -> argparse.ArgumentParser:
    """Return a script's parser; ``turns`` gives it the option that nearly all have, with this default."""
    made = argparse.ArgumentParser(description=description, formatter_class=Help)
    if turns:
        made.add_argument("--turns", type=whole(), default=turns, help="how often everything is measured in turn")
    return made


def whole(least: int = 1, most: float = inf) -> Callable[[str], int]:
    """Return a reader of whole numbers within bounds."""
    bounds = f"of {least:,} or more" if most == inf else f"from {least:,} to {most:,}"

    def read(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = least - 1
        if not least <= number <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number {bounds}")
        return number

    return read


def seconds(text: str) -> float:
    """Read a time that ends and is more than none."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0.0 < number < inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above 0")
    return number


def shape(text: str) -> Shape:
    """Read hidden layers x units."""
    depth, _, width = text.partition("x")
    try:
        return Shape(whole()(depth), whole()(width))
    except argparse.ArgumentTypeError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not hidden layers x units, such as 3x64") from error


def device(text: str) -> str:
    """Read the name of a device that is there."""
    if text == "cuda":
        import torch

        if not torch.cuda.is_available():
            raise argparse.ArgumentTypeError("'cuda': torch finds no such device here; leave it at cpu")
    return text


def contender(text: str) -> str:
    """Read the name of a contender whose package is installed."""
    if not installed(text):
        raise argparse.ArgumentTypeError(f"{text!r} needs the module {CONTENDER_NEEDS[text]}: {INSTALL}")
    return text


def installed(contender: str) -> bool:
    """Return whether the package is there that a contender is made of."""
    return find_spec(CONTENDER_NEEDS.get(contender, "torch")) is not None


def drawing(text: str) -> Path:
    """Read where a figure is to be written, where figures can be drawn."""
    if not (find_spec("altair") and find_spec("vl_convert")):
        raise argparse.ArgumentTypeError(f"a figure needs the modules altair and vl_convert: {INSTALL}")
    return new_file(text)


def new_file(text: str) -> Path:
    """Read the path of a file that is to be written, in a folder that is there."""
    path = Path(text)
    if path.is_dir() or not path.parent.is_dir():
        raise argparse.ArgumentTypeError(f"{text!r} is no place for a file; its folder must exist")
    return path


def old_file(text: str) -> Path:
    """Read the path of a file that is there."""
    if not Path(text).is_file():
        raise argparse.ArgumentTypeError(f"{text!r} is not a file")
    return Path(text)
