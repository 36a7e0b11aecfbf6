"""What training proves."""

import pytest
import torch
from doctor.faulty import FAULTY, MSE, REAL, case, mlp

from sigmoid_lab import examine


@pytest.mark.parametrize("name", ["mse broadcast", "deep sigmoid", "raw", "all constant", "negative bias"])
def test_a_mend_helps(name: str) -> None:
    rule, build = FAULTY[name]
    torch.manual_seed(0)
    (proof,) = [proof for proof in examine(**build(), prove=True).proofs if proof.rule == rule]
    assert proof.helped
    assert proof.mended[-1] < proof.faulty[-1]


def test_a_mend_that_does_not_help_is_said_not_to() -> None:
    torch.manual_seed(0)
    (proof,) = examine(**FAULTY["hand"][1](), prove=True).proofs
    assert not proof.helped


def test_both_start_from_the_same_weights() -> None:
    torch.manual_seed(0)
    (proof,) = examine(**case(mlp(), MSE, REAL[:, 0]), prove=True).proofs
    assert proof.faulty[0] == proof.mended[0]
    assert proof.steps == tuple(range(0, 301, 10))
