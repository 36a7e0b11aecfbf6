"""What a YAML file may say, as frozen blocks; every fault of a file is found here at once."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    Strict,
    Tag,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from sigmoid_lab.vocabulary import (
    ActivationName,
    DeviceName,
    DtypeName,
    InitialisationName,
    LossName,
)

MOST = 10**9
"""So many steps or epochs are more than anybody waits for."""
LAST_SEED = 2**53
"""The greatest whole number that every reader of JSON keeps."""

Share = Annotated[float, Field(ge=0.0, lt=1.0)]
Size = Annotated[PositiveInt, Field(le=65_536)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Positive = Annotated[PositiveFloat, Field(allow_inf_nan=False)]
NonNegative = Annotated[NonNegativeFloat, Field(allow_inf_nan=False)]
Length = Annotated[NonNegativeInt, Field(le=MOST)]
Widths = Annotated[tuple[Size, ...], Strict(False), Field(min_length=1, max_length=10_000)]
Columns = Annotated[tuple[str, ...], Strict(False), Field(min_length=1)]


def _unless(other: str, value: int) -> Any:
    """Return a default: ``value``, or null where the field ``other`` is given instead."""

    def default(fields: dict[str, Any]) -> int | None:
        return value if fields.get(other) is None else None

    return Field(default_factory=default, json_schema_extra={"default": value})


def _absolute(path: str, info: ValidationInfo) -> str:
    """Return a path that the file names from its own folder."""
    folder = (info.context or {}).get("folder", Path())
    return str((folder / Path(path).expanduser()).absolute())


def _misfit(key: str, message: str) -> PydanticCustomError:
    """Return an error of two blocks that do not go together, told at ``key``."""
    return PydanticCustomError("misfit", "{message}", {"key": key, "message": message})


class Block(BaseModel):
    """A mapping of the YAML file: no unknown keys, no silent conversions, never changed."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True)


# ------------------------------------------------------------------------------------------------ data


class SyntheticData(Block):
    """What every made data set has: how many examples, and which share of them is held out."""

    samples: Annotated[int, Field(ge=2, le=100_000_000)] = 1024
    """How many examples are made, those held out included."""
    test_share: Share = 0.25
    """The share of the examples that is held out."""

    @property
    def test_samples(self) -> int:
        """How many examples are held out."""
        return round(self.samples * self.test_share)

    @property
    def label_count(self) -> int:
        """How many 0/1 labels an example has."""
        return 1


class RandomLabels(SyntheticData):
    """Standard normal inputs with labels tossed like a coin: nothing to learn but by heart."""

    kind: Literal["random-labels"] = "random-labels"
    features: Size = 10
    """Inputs of an example."""


class Linear(SyntheticData):
    """Standard normal inputs, labelled by the side of a random hyperplane through the origin."""

    kind: Literal["linear"]
    features: Size = 10
    """Inputs of an example."""
    noise: NonNegative = 0.0
    """Standard deviation of what is added to the distance from the plane before its sign is taken."""


class Blobs(SyntheticData):
    """Two Gaussian clouds of unit variance."""

    kind: Literal["blobs"]
    features: Size = 2
    """Inputs of an example."""
    separation: NonNegative = 4.0
    """Distance of the two centres, in standard deviations of a cloud."""


class PlanarData(SyntheticData):
    """A pattern in the plane; features beyond the second are standard normal and mean nothing."""

    features: Annotated[int, Field(ge=2, le=65_536)] = 2
    """Inputs of an example; those beyond the second mean nothing."""
    noise: NonNegative = 0.1
    """Standard deviation of what is added to both coordinates."""


class Moons(PlanarData):
    """Two half circles that reach into each other."""

    kind: Literal["moons"]


class Circles(PlanarData):
    """A circle inside another of twice its radius."""

    kind: Literal["circles"]


class Xor(PlanarData):
    """Points of the square from -1 to 1, positive where the two coordinates differ in sign."""

    kind: Literal["xor"]


class Multilabel(SyntheticData):
    """Labels that overlap and depend on each other."""

    kind: Literal["multilabel"]
    features: Size = 10
    """Inputs of an example."""
    labels: Size = 4
    """Labels of an example, each 0 or 1."""
    dependence: Finite = 1.0
    """How far the label before moves a label's score, in its standard deviations."""

    @property
    def label_count(self) -> int:
        """How many 0/1 labels an example has."""
        return self.labels


def _columns(value: object) -> str:
    return "columns" if isinstance(value, list | tuple) else "column"


Target = Annotated[
    Annotated[str, Tag("column")] | Annotated[Columns, Tag("columns")],
    Discriminator(_columns),
]


class Csv(Block):
    """A table of your own: a header, numeric columns, one or more target columns of 0 and 1."""

    kind: Literal["csv"]
    path: Annotated[str, Field(examples=["table.csv"])]
    """The table, seen from the folder of this file."""
    target: Annotated[Target, Field(examples=["passed"])]
    """The column of 0 and 1 to predict, or a list of such columns."""
    ignore: Annotated[tuple[str, ...], Strict(False)] = ()
    """Columns to leave out, such as names and row numbers."""
    test_share: Share = 0.25
    """The share of the rows that is held out."""

    @field_validator("path")
    @classmethod
    def _from_the_folder(cls, path: str, info: ValidationInfo) -> str:
        return _absolute(path, info)

    @property
    def targets(self) -> tuple[str, ...]:
        """The target columns, one or more."""
        return (self.target,) if isinstance(self.target, str) else self.target

    @property
    def label_count(self) -> int:
        """How many 0/1 labels an example has."""
        return len(self.targets)


Data = Annotated[RandomLabels | Linear | Blobs | Moons | Circles | Xor | Multilabel | Csv, Field(discriminator="kind")]

# --------------------------------------------------------------------------------------------- network


class Scheme(Block):
    """A named initialisation; the weights are multiplied by ``gain``."""

    kind: InitialisationName
    """The scheme."""
    gain: Positive = 1.0
    """What the weights are multiplied by."""


class Gaussian(Block):
    """Normal weights of variance ``weight_variance``/fan_in and biases of variance ``bias_variance``."""

    weight_variance: Positive
    """Variance of a weight, times its layer's inputs."""
    bias_variance: NonNegative = 0.0
    """Variance of a bias."""


def _form(value: object) -> str:
    if isinstance(value, Mapping):
        return "gaussian" if "weight_variance" in value or "bias_variance" in value else "scheme"
    return "gaussian" if isinstance(value, Gaussian) else "scheme" if isinstance(value, Scheme) else "name"


Initialisation = Annotated[
    Annotated[InitialisationName, Tag("name")]
    | Annotated[Scheme, Tag("scheme")]
    | Annotated[Gaussian, Tag("gaussian")],
    Discriminator(_form),
    Field(examples=[{"kind": "orthogonal", "gain": 1.2}, {"weight_variance": 2.0, "bias_variance": 0.0}]),
]


class DeepNetwork(Block):
    """``DeepNet``: ``depth`` hidden layers of ``width`` units, or hidden layers of the ``widths`` given."""

    kind: Literal["deep"] = "deep"
    activation: ActivationName = "sigmoid"
    """What follows every hidden layer."""
    widths: Annotated[Widths | None, Field(examples=[[64, 32]])] = None
    """Units of each hidden layer, first to last; instead of depth and width."""
    depth: Annotated[PositiveInt, Field(le=10_000)] | None = _unless("widths", 3)
    """Hidden layers."""
    width: Size | None = _unless("widths", 64)
    """Units of every hidden layer."""
    init: Initialisation = "default"
    """How weights are drawn."""

    @model_validator(mode="after")
    def _one_shape(self) -> Self:
        if self.widths and not (self.depth is None and self.width is None):
            raise ValueError("give either depth and width, or widths, not both")
        if not self.widths and (self.depth is None or self.width is None):
            raise ValueError("give depth and width, or widths")
        return self

    @property
    def hidden_widths(self) -> tuple[int, ...]:
        """Units of each hidden layer, first to last."""
        return self.widths or (self.width or 0,) * (self.depth or 0)


class FixedNetwork(Block):
    """A network with the shape of its class, unless ``widths`` says otherwise."""

    activation: ActivationName = "relu"
    """What follows every hidden layer."""
    widths: Widths
    """Units of each hidden layer, first to last."""
    init: Initialisation = "default"
    """How weights are drawn."""

    @property
    def hidden_widths(self) -> tuple[int, ...]:
        """Units of each hidden layer, first to last."""
        return self.widths


class BinaryNetwork(FixedNetwork):
    """``BinaryClassifier``: hidden layers of 64 and 32 ReLUs, one logit."""

    kind: Literal["binary"]
    widths: Widths = (64, 32)
    """Units of each hidden layer, first to last."""


class MultilabelNetwork(FixedNetwork):
    """``MultiLabelClassifier``: a hidden layer of 64 ReLUs, a logit a label."""

    kind: Literal["multilabel"]
    widths: Widths = (64,)
    """Units of each hidden layer, first to last."""


Network = Annotated[DeepNetwork | BinaryNetwork | MultilabelNetwork, Field(discriminator="kind")]

# -------------------------------------------------------------------------------------------- training


class Sgd(Block):
    """Plain gradient descent; ``weight_decay`` is added to the gradient."""

    kind: Literal["sgd"] = "sgd"
    learning_rate: Positive = 0.1
    """How far a step goes."""
    weight_decay: NonNegative = 0.0
    """Added to the gradient, times the weight."""


class Momentum(Block):
    """Gradient descent with heavy-ball momentum; ``weight_decay`` is added to the gradient."""

    kind: Literal["momentum"]
    learning_rate: Positive = 0.01
    """How far a step goes."""
    momentum: Share = 0.9
    """The share of the last step that is added to the next."""
    weight_decay: NonNegative = 0.0
    """Added to the gradient, times the weight."""


class Adam(Block):
    """Adam; ``weight_decay`` is added to the gradient."""

    kind: Literal["adam"]
    learning_rate: Positive = 0.001
    """How far a step goes."""
    weight_decay: NonNegative = 0.0
    """Added to the gradient, times the weight."""


class AdamW(Block):
    """Adam with ``weight_decay`` decoupled from the gradient."""

    kind: Literal["adamw"]
    learning_rate: Positive = 0.001
    """How far a step goes."""
    weight_decay: NonNegative = 0.01
    """What a step takes off a weight, times weight and learning rate."""


Optimiser = Annotated[Sgd | Momentum | Adam | AdamW, Field(discriminator="kind")]


class Training(Block):
    """How long: so many updates, or so many passes over the training part."""

    epochs: Annotated[Length | None, Field(examples=[20])] = None
    """Passes over the training part; instead of steps."""
    steps: Length | None = _unless("epochs", 500)
    """Updates of the weights."""
    batch_size: PositiveInt = 32
    """Examples of an update."""

    @model_validator(mode="after")
    def _one_length(self) -> Self:
        if (self.steps is None) == (self.epochs is None):
            raise ValueError("give either steps or epochs")
        return self


class Measure(Block):
    """When to look at the networks, besides before the first update and after the last."""

    every: Annotated[PositiveInt, Field(le=MOST)] = 50
    """Updates from one look to the next."""


class Settings(Block):
    """Everything that decides a network's numbers, but for its seed."""

    data: Data = RandomLabels()
    """What there is to learn."""
    network: Network = DeepNetwork()
    """What learns."""
    loss: LossName = "bce-with-logits"
    """What is made small."""
    optimizer: Optimiser = Sgd()
    """How gradients become steps."""
    training: Training = Training()
    """How long training lasts."""
    measure: Measure = Measure()
    """When the networks are looked at."""
    device: DeviceName = "cpu"
    """Where the networks are trained."""
    dtype: DtypeName = "float32"
    """The numbers that the networks calculate with."""

    @model_validator(mode="before")
    @classmethod
    def _usual_kinds(cls, settings: Any) -> Any:
        if not isinstance(settings, Mapping):
            return settings
        usual = {"data": "random-labels", "network": "deep", "optimizer": "sgd"}
        blocks = {key: settings[key] for key in usual if isinstance(settings.get(key), Mapping)}
        return {**settings, **{key: {"kind": usual[key], **block} for key, block in blocks.items()}}

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.data.label_count > 1 and self.network.kind != "multilabel":
            raise _misfit(
                "network.kind",
                f"'{self.network.kind}' has one output, but the data has {self.data.label_count} labels an "
                "example; use kind: multilabel",
            )
        if isinstance(self.data, SyntheticData):
            training = self.data.samples - self.data.test_samples
            if self.training.batch_size > training:
                raise _misfit(
                    "training.batch_size",
                    f"{self.training.batch_size} is more than the {training} examples to train on (data.samples "
                    f"{self.data.samples} less {self.data.test_samples} held out)",
                )
        return self


class Experiment(Settings):
    """A whole file: settings, seeds, and which settings to compare."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")] = "experiment"
    """What the run is called."""
    seeds: Annotated[PositiveInt, Field(le=10_000_000)] = 16
    """Networks of each combination."""
    seed: Annotated[NonNegativeInt, Field(le=LAST_SEED)] = 0
    """The first network's seed; the next ones count on from it."""
    compare: dict[str, Annotated[tuple[Any, ...], Strict(False), Field(min_length=1)]] = Field(
        default={}, examples=[{"network.activation": ["sigmoid", "relu"]}]
    )
    """Dotted keys and the values to compare; every combination is trained."""

    @field_validator("compare")
    @classmethod
    def _from_the_folder(cls, compare: dict[str, tuple[Any, ...]], info: ValidationInfo) -> dict[str, tuple[Any, ...]]:
        return {key: tuple(_absolute_within(key, value, info) for value in compare[key]) for key in compare}


def _absolute_within(key: str, value: Any, info: ValidationInfo) -> Any:
    """Return a compared value, a table's path in it made absolute."""
    if key == "data" and isinstance(value, Mapping):
        return {
            **value,
            **{inner: _absolute_within("data.path", value[inner], info) for inner in value if inner == "path"},
        }
    return _absolute(value, info) if key == "data.path" and isinstance(value, str) else value
