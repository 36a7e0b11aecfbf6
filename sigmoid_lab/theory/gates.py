"""How long a forget gate remembers, and how much of a gradient a step of an RNN can keep, before anything is run."""

from math import exp, inf, log1p

from sigmoid_lab.theory.slopes import GREATEST_SLOPES
from sigmoid_lab.vocabulary import ActivationName


def time_constant(bias: float) -> float:
    """Return −1/ln σ(b), the steps in which a gate held at σ(b) forgets all but 1/e of its cell.

    c_t = σ(b)·c_{t−1} decays as e^(−t/τ) (Gers et al. 2000; Tallec and Ollivier 2018 choose b by 1/(1 − σ(b)), which τ
    is for long memories); −ln σ(b) = ln(1 + e^−b), taken from the side on which nothing overflows.
    """
    forgetting = log1p(exp(-bias)) if bias > 0.0 else log1p(exp(bias)) - bias
    return 1.0 / forgetting if forgetting > 0.0 else inf


def per_step_bound(activation: ActivationName, spectral_norm: float) -> float:
    """Return max φ′·‖W_hh‖₂, the most that a step of an RNN keeps of a gradient's length.

    ∂h_t/∂h_{t−1} = diag φ′(z_t) W_hh stretches no vector more (Pascanu et al. 2013, section 2.1; Bengio et al. 1994):
    ¼·‖W_hh‖₂ for sigmoid, ‖W_hh‖₂ for tanh. It is a bound of every step, not a prediction of any.
    """
    return GREATEST_SLOPES[activation].slope * spectral_norm
