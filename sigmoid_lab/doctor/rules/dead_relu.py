"""ReLU units that are off for the whole batch."""

from collections.abc import Iterator

from sigmoid_lab.doctor.observe import Observation
from sigmoid_lab.doctor.rules.rule import Rule, Symptom
from sigmoid_lab.doctor.rules.words import most

MANY, MOST = 0.7, 0.9
"""Of a layer's units. At any usual initialisation the share is far below: a unit is as likely on as off, though in a
deep ReLU network examples become so alike that up to a half of the units are off for all of a batch."""


def look(observation: Observation) -> Iterator[Symptom]:
    """See which rectifier has most of its units at zero for every example."""
    worst: dict[str, tuple[float, Symptom]] = {}
    for op in observation.operations:
        dead = op.figures.get("dead", 0.0)
        units = op.shape[1] if len(op.shape) == 4 else op.shape[-1] if op.shape else 1
        if dead < MANY or (op.shape and op.shape[0] == 1 and dead < 1.0):
            continue
        place = op.module or op.place or op.name
        evidence = f"{dead:.3g} of its {units} units are 0 for every example of the batch, and get no gradient"
        fix = "lower the learning rate and re-initialise: nn.init.kaiming_normal_(weight); nn.init.zeros_(bias)"
        symptom = Symptom("error" if dead >= MOST else "warning", op, evidence, fix)
        if dead > worst.get(place, (0.0, symptom))[0]:
            worst[place] = dead, symptom
    yield from most(worst)


RULE = Rule(
    name="dead-relu",
    reason=(
        "A ReLU that is off for every example has slope 0 everywhere, so nothing tells its weights how to come back. "
        "The layer works as if it were that much narrower."
    ),
    met="After a learning rate that was too high, a large negative bias, or inputs of one sign and large size.",
    look=look,
    yields_to=("symmetric-init", "exploding-gradient"),
)
