"""What a YAML file may say, as frozen blocks; every fault of a file is found here at once."""

from collections.abc import Callable, Mapping
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

Share = Annotated[float, Field(ge=0.0, lt=1.0)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Positive = Annotated[PositiveFloat, Field(allow_inf_nan=False)]
NonNegative = Annotated[NonNegativeFloat, Field(allow_inf_nan=False)]
Widths = Annotated[tuple[Annotated[PositiveInt, Field(le=65_536)], ...], Strict(False), Field(min_length=1)]
Columns = Annotated[tuple[str, ...], Strict(False), Field(min_length=1)]


def _unless(other: str, value: int) -> Callable[[dict[str, Any]], int | None]:
    """Return a default: ``value``, or null where the field ``other`` is given instead."""
    return lambda fields: value if fields.get(other) is None else None


def _misfit(key: str, message: str) -> PydanticCustomError:
    """Return an error of two blocks that do not go together, told at ``key``."""
    return PydanticCustomError("misfit", "{message}", {"key": key, "message": message})


class Block(BaseModel):
    """A mapping of the YAML file: no unknown keys, no silent conversions, never changed."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


# ------------------------------------------------------------------------------------------------ data


class SyntheticData(Block):
    """What every made data set has: how many examples, and which share of them is held out."""

    samples: Annotated[int, Field(ge=2, le=100_000_000)] = 1024
    test_share: Share = 0.25

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
    features: PositiveInt = 10


class Linear(SyntheticData):
    """Standard normal inputs, labelled by the side of a random hyperplane through the origin."""

    kind: Literal["linear"]
    features: PositiveInt = 10
    noise: NonNegative = 0.0
    """Standard deviation of what is added to the distance from the plane, before the sign is taken."""


class Blobs(SyntheticData):
    """Two Gaussian clouds of unit variance."""

    kind: Literal["blobs"]
    features: PositiveInt = 2
    separation: NonNegative = 4.0
    """Distance of the two centres, in standard deviations of a cloud."""


class PlanarData(SyntheticData):
    """A pattern in the plane; features beyond the second are standard normal and mean nothing."""

    features: Annotated[int, Field(ge=2)] = 2
    noise: NonNegative = 0.1
    """Standard deviation of what is added to both coordinates."""


class Moons(PlanarData):
    """Two half circles that reach into each other."""

    kind: Literal["moons"]


class Circles(PlanarData):
    """A circle inside another of twice its radius."""

    kind: Literal["circles"]


class Xor(PlanarData):
    """Points of the square [−1, 1]², positive where the two coordinates differ in sign."""

    kind: Literal["xor"]


class Multilabel(SyntheticData):
    """Labels that overlap and depend on each other: each leans on the label before it."""

    kind: Literal["multilabel"]
    features: PositiveInt = 10
    labels: PositiveInt = 4
    dependence: Finite = 1.0
    """How far the label before moves a label's score, in standard deviations of the score."""

    @property
    def label_count(self) -> int:
        """How many 0/1 labels an example has."""
        return self.labels


class Csv(Block):
    """A table of the user's own: a header, numeric columns, one or more target columns of 0 and 1."""

    kind: Literal["csv"]
    path: str
    """Relative to the folder of the file that names it."""
    target: str | Columns
    ignore: Annotated[tuple[str, ...], Strict(False)] = ()
    """Columns to leave out, such as names and row numbers."""
    test_share: Share = 0.25

    @field_validator("path")
    @classmethod
    def _absolute(cls, path: str, info: ValidationInfo) -> str:
        folder = (info.context or {}).get("folder", Path())
        return str((folder / Path(path).expanduser()).absolute())

    @property
    def targets(self) -> tuple[str, ...]:
        """The target columns, one or more."""
        return (self.target,) if isinstance(self.target, str) else self.target

    @property
    def label_count(self) -> int:
        """How many 0/1 labels an example has."""
        return len(self.targets)


Data = Annotated[
    RandomLabels | Linear | Blobs | Moons | Circles | Xor | Multilabel | Csv, Field(discriminator="kind")
]

# --------------------------------------------------------------------------------------------- network


class Scheme(Block):
    """A named initialisation; the weights are multiplied by ``gain``."""

    kind: InitialisationName
    gain: Positive = 1.0


class Gaussian(Block):
    """Normal weights of variance ``weight_variance``/fan_in and biases of variance ``bias_variance``."""

    weight_variance: Positive
    bias_variance: NonNegative = 0.0


def _form(value: object) -> str:
    if isinstance(value, Mapping):
        return "gaussian" if "weight_variance" in value or "bias_variance" in value else "scheme"
    return {Scheme: "scheme", Gaussian: "gaussian"}.get(type(value), "name")


Initialisation = Annotated[
    Annotated[InitialisationName, Tag("name")]
    | Annotated[Scheme, Tag("scheme")]
    | Annotated[Gaussian, Tag("gaussian")],
    Discriminator(_form),
]


class DeepNetwork(Block):
    """``DeepNet``: ``depth`` hidden layers of ``width`` units, or hidden layers of the ``widths`` given."""

    kind: Literal["deep"] = "deep"
    activation: ActivationName = "sigmoid"
    widths: Widths | None = None
    depth: Annotated[PositiveInt, Field(le=10_000)] | None = Field(default_factory=_unless("widths", 3))
    width: Annotated[PositiveInt, Field(le=65_536)] | None = Field(default_factory=_unless("widths", 64))
    init: Initialisation = "default"

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
    widths: Widths
    init: Initialisation = "default"

    @property
    def hidden_widths(self) -> tuple[int, ...]:
        """Units of each hidden layer, first to last."""
        return self.widths


class BinaryNetwork(FixedNetwork):
    """``BinaryClassifier``: hidden layers of 64 and 32 ReLUs, one logit."""

    kind: Literal["binary"]
    widths: Widths = (64, 32)


class MultilabelNetwork(FixedNetwork):
    """``MultiLabelClassifier``: a hidden layer of 64 ReLUs, a logit a label."""

    kind: Literal["multilabel"]
    widths: Widths = (64,)


Network = Annotated[DeepNetwork | BinaryNetwork | MultilabelNetwork, Field(discriminator="kind")]

# -------------------------------------------------------------------------------------------- training


class Sgd(Block):
    """Plain gradient descent; ``weight_decay`` is added to the gradient."""

    kind: Literal["sgd"] = "sgd"
    learning_rate: Positive = 0.1
    weight_decay: NonNegative = 0.0


class Momentum(Block):
    """Gradient descent with heavy-ball momentum; ``weight_decay`` is added to the gradient."""

    kind: Literal["momentum"]
    learning_rate: Positive = 0.01
    momentum: Share = 0.9
    weight_decay: NonNegative = 0.0


class Adam(Block):
    """Adam; ``weight_decay`` is added to the gradient."""

    kind: Literal["adam"]
    learning_rate: Positive = 0.001
    weight_decay: NonNegative = 0.0


class AdamW(Block):
    """Adam with ``weight_decay`` decoupled from the gradient."""

    kind: Literal["adamw"]
    learning_rate: Positive = 0.001
    weight_decay: NonNegative = 0.01


Optimiser = Annotated[Sgd | Momentum | Adam | AdamW, Field(discriminator="kind")]


class Training(Block):
    """How long: ``steps`` updates, or ``epochs`` passes over the training part."""

    epochs: NonNegativeInt | None = None
    steps: NonNegativeInt | None = Field(default_factory=_unless("epochs", 500))
    batch_size: PositiveInt = 32

    @model_validator(mode="after")
    def _one_length(self) -> Self:
        if (self.steps is None) == (self.epochs is None):
            raise ValueError("give either steps or epochs")
        return self


class Measure(Block):
    """When to look: at every ``every``-th update, besides the first and the last."""

    every: PositiveInt = 50


class Settings(Block):
    """Everything that decides a network's numbers, but for its seed."""

    data: Data = RandomLabels()
    network: Network = DeepNetwork()
    loss: LossName = "bce-with-logits"
    optimizer: Optimiser = Sgd()
    training: Training = Training()
    measure: Measure = Measure()
    device: DeviceName = "cpu"
    dtype: DtypeName = "float32"

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
    seeds: Annotated[PositiveInt, Field(le=10_000_000)] = 16
    seed: NonNegativeInt = 0
    compare: dict[str, Annotated[tuple[Any, ...], Strict(False), Field(min_length=1)]] = {}  # noqa: RUF012
