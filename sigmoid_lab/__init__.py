"""A laboratory for what activations, depths, initialisations and losses do to a network's gradients."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sigmoid_lab.engine.networks import BadDeepNet as BadDeepNet
    from sigmoid_lab.engine.networks import BinaryClassifier as BinaryClassifier
    from sigmoid_lab.engine.networks import DeepNet as DeepNet
    from sigmoid_lab.engine.networks import GoodDeepNet as GoodDeepNet
    from sigmoid_lab.engine.networks import MultiLabelClassifier as MultiLabelClassifier
    from sigmoid_lab.errors import LabError as LabError
    from sigmoid_lab.questions.claims import claims as claims
    from sigmoid_lab.questions.compare_depth import compare_depth as compare_depth
    from sigmoid_lab.questions.doctor import assert_healthy as assert_healthy
    from sigmoid_lab.questions.doctor import examine as examine
    from sigmoid_lab.questions.gates import gates as gates
    from sigmoid_lab.questions.load import load as load
    from sigmoid_lab.questions.stability import stability as stability
    from sigmoid_lab.questions.table import table as table
    from sigmoid_lab.questions.train import train as train

_HOMES = {
    "BadDeepNet": "sigmoid_lab.engine.networks",
    "BinaryClassifier": "sigmoid_lab.engine.networks",
    "DeepNet": "sigmoid_lab.engine.networks",
    "GoodDeepNet": "sigmoid_lab.engine.networks",
    "LabError": "sigmoid_lab.errors",
    "MultiLabelClassifier": "sigmoid_lab.engine.networks",
    "assert_healthy": "sigmoid_lab.questions.doctor",
    "claims": "sigmoid_lab.questions.claims",
    "compare_depth": "sigmoid_lab.questions.compare_depth",
    "examine": "sigmoid_lab.questions.doctor",
    "gates": "sigmoid_lab.questions.gates",
    "load": "sigmoid_lab.questions.load",
    "stability": "sigmoid_lab.questions.stability",
    "table": "sigmoid_lab.questions.table",
    "train": "sigmoid_lab.questions.train",
}

__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    """Load a public name when it is first asked for, so that ``import sigmoid_lab`` costs nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module 'sigmoid_lab' has no attribute '{name}'")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
