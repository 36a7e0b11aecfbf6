"""A user's model, batch and random states are as before, whatever happened."""

import random
from typing import Any

import numpy as np
import pytest
import torch
from doctor.faulty import SEQUENCE, WITH_LOGITS, Recurrent, X, Y, case, mlp
from torch import Tensor, nn

from sigmoid_lab import LabError, examine


class Restless(nn.Module):
    """Changes everything about itself when it runs, and fails on request."""

    def __init__(self, fails: bool) -> None:
        super().__init__()
        self.norm, self.head, self.fails, self.runs = nn.BatchNorm1d(8), nn.Linear(8, 1), fails, 0

    def forward(self, x: Tensor) -> Tensor:
        self.runs += 1
        self.eval()
        self.head.register_forward_hook(lambda *_: None)
        self.norm.train()
        with torch.no_grad():
            self.head.weight.clamp_(-0.01, 0.01)
        self.head.bias.requires_grad_(False)
        result: Tensor = self.head(self.norm(x + torch.rand(()) + random.random() + np.random.rand()))  # noqa: NPY002
        if self.fails:
            raise RuntimeError("on request")
        return result


def snapshot(model: Restless) -> dict[str, Any]:
    return {
        "parameters": {name: value.detach().clone() for name, value in model.state_dict().items()},
        "gradients": [None if p.grad is None else p.grad.clone() for p in model.parameters()],
        "flags": [(p.requires_grad) for p in model.parameters()],
        "modes": [module.training for module in model.modules()],
        "hooks": len(model.head._forward_hooks),
        "runs": model.runs,
        "random": (torch.get_rng_state(), np.random.get_state(legacy=False)["state"]["key"], random.getstate()),  # noqa: NPY002
    }


@pytest.mark.parametrize("fails", [False, True])
def test_everything_is_as_before_also_after_an_exception(fails: bool) -> None:
    model = Restless(fails)
    model.head.weight.grad = torch.ones_like(model.head.weight)
    model.norm.eval()
    before = snapshot(model)
    if fails:
        with pytest.raises(LabError, match="on request"):
            examine(model, WITH_LOGITS, X, Y)
    else:
        examine(model, WITH_LOGITS, X, Y)
    torch.testing.assert_close(snapshot(model)["parameters"], before["parameters"], rtol=0, atol=0)
    torch.testing.assert_close(snapshot(model)["gradients"], before["gradients"], rtol=0, atol=0)
    after = snapshot(model)
    assert [after[key] for key in ("flags", "modes", "hooks", "runs")] == [
        before[key] for key in ("flags", "modes", "hooks", "runs")
    ]
    assert torch.equal(after["random"][0], before["random"][0])
    assert np.array_equal(after["random"][1], before["random"][1])
    assert after["random"][2] == before["random"][2]


def test_no_global_hook_is_left() -> None:
    from torch.nn.modules import module

    examine(**case(mlp(), WITH_LOGITS))
    assert not module._global_forward_hooks
    assert not module._global_forward_pre_hooks


def test_the_batch_is_as_before_though_the_loss_writes_into_it() -> None:
    targets = Y.clone()
    examine(**case(mlp(), lambda o, t: WITH_LOGITS(o, t.mul_(0.5)), targets))
    assert torch.equal(targets, Y)


def test_an_input_of_a_recurrent_layer_asks_for_no_gradient_afterwards() -> None:
    inputs = SEQUENCE.clone()
    examine(**case(Recurrent(nn.RNN(3, 4, batch_first=True), nn.Linear(4, 1)), WITH_LOGITS, Y[:8], inputs))
    assert not inputs.requires_grad
