"""Models by which the doctor is judged: each with one fault, proved by a number, and as many without any.

Every function named in a file's ``CASES`` takes no argument, so that ``doctor FILE.py:NAME`` runs it too.
"""

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType

from doctor_corpus import clean as clean_models
from doctor_corpus import faulty as faulty_models
from doctor_corpus.case import Make

Entry = tuple[str, str | None, Make]


def faulty() -> Iterator[Entry]:
    """Yield ``file/variant``, the rule that it breaks, and the function that makes it."""
    for module, stem in modules(faulty_models):
        for name, make in module.CASES.items():
            yield f"{stem}/{name}", stem.replace("_", "-"), make


def mended() -> Iterator[Entry]:
    """Yield the twins of the faulty models, under the same names, in which that fault is mended."""
    for module, stem in modules(faulty_models):
        for name, make in module.MENDED.items():
            yield f"{stem}/{name}", None, make


def clean() -> Iterator[Entry]:
    """Yield models that do what their authors mean, many of which look like a fault."""
    for module, stem in modules(clean_models):
        for name, make in module.CASES.items():
            yield f"{stem}/{name}", None, make


def modules(package: ModuleType) -> Iterator[tuple[ModuleType, str]]:
    for info in pkgutil.iter_modules(package.__path__):
        yield importlib.import_module(f"{package.__name__}.{info.name}"), info.name
