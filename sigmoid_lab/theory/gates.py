"""How long a forget gate remembers, and how much of a gradient a step of an RNN can keep, before anything is run."""

from math import exp, inf, log1p

import numpy as np
from numpy.typing import NDArray

from sigmoid_lab.theory.slopes import GREATEST_SLOPES
from sigmoid_lab.vocabulary import ActivationName

Array = NDArray[np.float64]


def time_constant(bias: float) -> float:
    """Return −1/ln σ(b), the steps in which a gate held at σ(b) forgets all but 1/e of its cell.

    c_t = σ(b)·c_{t−1} decays as e^(−t/τ) (Gers et al. 2000, section 3; Tallec and Ollivier 2018, section 2, whose τ is
    the 1/(1 − σ(b)) of long memories); −ln σ(b) = ln(1 + e^−b), taken from the side on which nothing overflows.
    """
    forgetting = log1p(exp(-bias)) if bias > 0.0 else log1p(exp(bias)) - bias
    return 1.0 / forgetting if forgetting > 0.0 else inf


def per_step_bound(activation: ActivationName, weights: Array) -> Array:
    """Return max φ′·‖W_hh‖₂, (E networks,), of weights (E, H hidden, H).

    ∂h_t/∂h_{t−1} = diag φ′(z_t) W_hh cannot stretch a vector more (Pascanu et al. 2013, section 2.1; Bengio et al.
    1994): ¼·‖W_hh‖₂ for sigmoid, ‖W_hh‖₂ for tanh. It is a bound of every step, not a prediction of any.
    """
    norms: Array = np.linalg.norm(weights, 2, axis=(1, 2))
    return GREATEST_SLOPES[activation].slope * norms
