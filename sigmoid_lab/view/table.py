"""The answer of ``table`` in a terminal."""

import math

from rich.text import Text

from sigmoid_lab.results.table import GreatestSlope, Shape, TableAnswer
from sigmoid_lab.view.curve import Canvas
from sigmoid_lab.view.tables import Column, console, print_beside
from sigmoid_lab.wording.numbers import number, share

COLUMNS = (Column("z"), Column("value"), Column("slope"), Column("of greatest"))
VALUE, SLOPE = "cyan", "magenta"
WIDTH, HEIGHT = 28, 10


def show(answer: TableAnswer) -> None:
    """Print each activation's table with its shape beside it."""
    screen = console()
    for shape, greatest in zip(answer.shapes, answer.greatest_slope, strict=True):
        points = [point for point in answer.rows if point.activation == shape.activation]
        rows = [(_z(p.z), number(p.value), number(p.derivative), share(p.share_of_max_slope)) for p in points]
        screen.print(Text(f"{shape.activation}, in {answer.settings['dtype']}", "bold"), soft_wrap=True)
        print_beside(screen, COLUMNS, rows, _drawing(shape))
        screen.print(_sentence(greatest))
        screen.print()


def _z(z: float) -> str:
    """Write z in as many digits as it takes to tell it."""
    return f"{z:g}" if float(f"{z:g}") == z else repr(z)


def _drawing(shape: Shape) -> Text:
    drawn = [y for y in (*shape.value, *shape.derivative) if math.isfinite(y)]
    low, high = max(math.floor(min(drawn)), -2), min(math.ceil(max(drawn)), 3)
    canvas = Canvas(WIDTH, HEIGHT, shape.z[0], shape.z[-1], low, high)
    canvas.line(shape.z, shape.value, VALUE)
    canvas.dot(shape.z[::7], shape.derivative[::7], SLOPE)
    legend = Text.assemble("\n", ("━ value", VALUE), "  ", ("┅ slope", SLOPE))
    return canvas.render().append_text(legend)


def _sentence(greatest: GreatestSlope) -> Text:
    return Text(
        f"greatest slope {number(greatest.slope)} at {greatest.where}\n"
        f"by theory, a layer with torch's default weights keeps {number(greatest.kept_a_layer)} of a gradient's norm"
    )
