"""A figure as a file: a page, a drawing or an image, by the ending of its name."""

import os
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from sigmoid_lab.errors import LabError

if TYPE_CHECKING:
    import altair

ENDINGS = (".html", ".svg", ".png")
PIXELS_A_UNIT = 2.0


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


def write(chart: "altair.TopLevelMixin", path: Path) -> None:
    """Write a figure as .html (self-contained, interactive), .svg or .png; raise LabError where that cannot be."""
    check(path)
    import vl_convert

    from sigmoid_lab.report.document import document, panel
    from sigmoid_lab.report.style import on_white, themed

    match path.suffix.lower():
        case ".html":
            content = document(path.stem, panel(themed(chart))).encode()
        case ".svg":
            content = vl_convert.vegalite_to_svg(on_white(chart)).encode()
        case _:
            content = vl_convert.vegalite_to_png(on_white(chart), scale=PIXELS_A_UNIT)
    save(content, path)


def save(content: bytes, path: Path) -> None:
    """Write a file; raise LabError where it cannot be written."""
    try:
        path.write_bytes(content)
    except OSError as error:
        raise LabError(f"{path}: cannot be written ({error.strerror})") from None
