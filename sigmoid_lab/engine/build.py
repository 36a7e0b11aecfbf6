"""From a network's settings to the module, alone or as a stack."""

from sigmoid_lab.config.schema import BinaryNetwork, DeepNetwork, MultilabelNetwork
from sigmoid_lab.engine.networks import BinaryClassifier, DeepNet, MultiLabelClassifier, Network


def build(
    block: DeepNetwork | BinaryNetwork | MultilabelNetwork, features: int, labels: int, copies: int | None = None
) -> Network:
    """Return the network that a config names, for inputs of F ``features`` and K ``labels``."""
    hidden, activation = block.hidden_widths, block.activation
    if block.kind == "binary":
        return BinaryClassifier(features, hidden, activation, copies)
    if block.kind == "multilabel":
        return MultiLabelClassifier(features, labels, hidden, activation, copies)
    if block.depth is not None and block.width is not None:
        return DeepNet(features, block.depth, block.width, activation, copies)
    return Network(features, hidden, labels, activation, copies)
