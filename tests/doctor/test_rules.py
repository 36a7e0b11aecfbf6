"""Each fault is found under its own name, and what only looks like one raises no error."""

import pytest
import torch
from doctor.clean import CLEAN
from doctor.faulty import BCE, FAULTY, Y, case, hand_bce, mlp
from torch import nn

from sigmoid_lab import examine
from sigmoid_lab.results.doctor import Finding
from sigmoid_lab.vocabulary import RULES


@pytest.fixture(autouse=True)
def seeded() -> None:
    torch.manual_seed(0)


def errors(findings: tuple[Finding, ...]) -> set[str]:
    return {finding.rule for finding in findings if finding.severity == "error"}


@pytest.mark.parametrize("name", FAULTY)
def test_a_fault_is_found_and_no_other_error_is_raised(name: str) -> None:
    rule, build = FAULTY[name]
    findings = examine(**build()).findings
    assert rule in {finding.rule for finding in findings}
    assert errors(findings) <= {rule}


@pytest.mark.parametrize("name", CLEAN)
def test_no_error_is_raised_where_the_code_is_right(name: str) -> None:
    assert not errors(examine(**CLEAN[name]()).findings)


def test_every_rule_is_tried() -> None:
    assert {rule for rule, _ in FAULTY.values()} == set(RULES)


def test_sigmoid_with_bce_loss_far_from_saturation_is_a_warning() -> None:
    (finding,) = examine(**case(mlp(1, nn.Sigmoid()), BCE)).findings
    assert (finding.rule, finding.severity) == ("sigmoid-then-bce-loss", "warning")


def test_a_confident_mistake_that_lost_its_gradient_is_an_error() -> None:
    model = nn.Sequential(nn.Linear(8, 1), nn.Sigmoid())
    nn.init.constant_(model.get_parameter("0.bias"), 40.0)
    assert errors(examine(**case(model, BCE)).findings) == {"sigmoid-then-bce-loss"}


def test_a_handwritten_loss_that_is_infinite_now_is_an_error() -> None:
    model = nn.Sequential(nn.Linear(8, 1), nn.Sigmoid())
    nn.init.constant_(model.get_parameter("0.bias"), 40.0)
    (finding, *_) = examine(**case(model, hand_bce, Y)).findings
    assert (finding.rule, finding.severity) == ("handwritten-bce", "error")


def test_a_finding_says_where_with_numbers_and_how_to_mend_it() -> None:
    (finding,) = examine(**FAULTY["module"][1]()).findings
    assert finding.where == "5 (Sigmoid), sigmoid"
    assert "0.7311" in finding.evidence
    assert finding.fix == "model[5] = nn.Identity()"


def test_a_logarithm_that_undoes_an_exponential_is_no_cross_entropy() -> None:
    rate = mlp()
    assert examine(**case(rate, lambda z, t: (z.exp() - t * z.exp().log()).mean())).findings == ()
