"""A figure, and the file that it becomes: a page, a drawing or an image, by the ending of its name."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from sigmoid_lab.errors import LabError
from sigmoid_lab.results.answer import Plain

if TYPE_CHECKING:
    import altair

ENDINGS = (".html", ".svg", ".png")
PIXELS_A_UNIT = 2.0


@dataclass(frozen=True)
class Figure:
    """Charts that belong together, what they show, and every number in them as plain rows.

    Each chart is a single or a layered one without a width: a page gives it the width that there is.
    """

    title: str
    caption: str
    rows: Sequence[Plain]
    charts: "Sequence[altair.Chart | altair.LayerChart]"
    small: bool = False


def check(path: Path, endings: Sequence[str] = ENDINGS) -> None:
    """Raise LabError where a figure could not be written: another ending, no folder, no permission, no library."""
    if path.suffix.lower() not in endings:
        raise LabError(f"{path}: its name has to end in {' or '.join(endings)}, which decides what is written")
    if not path.parent.is_dir():
        raise LabError(f"{path}: {path.parent} is no folder; make it first")
    if path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
        raise LabError(f"{path}: cannot be written; name another file")
    if not (find_spec("altair") and find_spec("vl_convert")):
        raise LabError(f"{path}: figures need altair and vl-convert: pip install 'sigmoid-lab[report]'")


def write(figures: Sequence[Figure], path: Path) -> None:
    """Write figures as .html (self-contained, interactive, with their data), .svg or .png.

    Raises LabError where that cannot be; ``check`` says so before the work.
    """
    check(path)
    import vl_convert

    from sigmoid_lab.report.document import document, section
    from sigmoid_lab.report.style import on_white

    match path.suffix.lower():
        case ".html":
            content = document(figures[0].title, "\n".join(map(section, figures))).encode()
        case ".svg":
            content = vl_convert.vegalite_to_svg(on_white(figures)).encode()
        case _:
            content = vl_convert.vegalite_to_png(on_white(figures), scale=PIXELS_A_UNIT)
    save(content, path)


def save(content: bytes, path: Path) -> None:
    """Write a file; raise LabError where it cannot be written."""
    try:
        path.write_bytes(content)
    except OSError as error:
        raise LabError(f"{path}: cannot be written ({error.strerror})") from None
