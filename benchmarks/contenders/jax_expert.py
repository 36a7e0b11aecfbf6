"""JAX as who knows it writes it: lax.map over chunks, scan over updates, vmap innermost, donated buffers.

One thread a process; Eigen's own threads are off.
"""

import os
from collections.abc import Callable

os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import jax
import jax.numpy as jnp
from jax import Array

from contenders import BATCH, BLOCK, FEATURES, LEARNING_RATE, Advance, Case

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8
Parameters = list[tuple[Array, Array]]


def prepare(case: Case) -> Advance:
    """Return the block of updates of one process's networks, in chunks of 8, of 2 at width 256."""
    largest = 2 if case.width >= 256 else 8
    chunk = max(size for size in range(1, largest + 1) if case.networks % size == 0)
    shape = (case.networks // chunk, chunk)
    key = jax.random.PRNGKey(0)
    parameters = [
        (
            jax.random.normal(jax.random.fold_in(key, fan_in), (*shape, fan_in, fan_out)) / fan_in**0.5,
            jnp.zeros((*shape, fan_out)),
        )
        for fan_in, fan_out in zip(case.widths, case.widths[1:], strict=False)
    ]
    x = jax.random.normal(key, (*shape, BATCH, FEATURES))
    y = (jax.random.uniform(key, (*shape, BATCH, 1)) < 0.5).astype(jnp.float32)
    state = [parameters]
    if case.optimiser == "adam":
        state += [jax.tree.map(jnp.zeros_like, parameters), jax.tree.map(jnp.zeros_like, parameters)]
    step = jax.vmap(_step(case), in_axes=(0, None, 0, 0))

    def of_chunk(chunk: tuple[list[Parameters], Array, Array]) -> tuple[list[Parameters], Array]:
        state, x, y = chunk
        state, norms = jax.lax.scan(lambda state, t: step(state, t, x, y), state, jnp.arange(1.0, BLOCK + 1.0))
        return state, norms

    train = jax.jit(lambda state, x, y: jax.lax.map(of_chunk, (state, x, y)), donate_argnums=0)
    kept = {"state": state}

    def advance() -> int:
        kept["state"], norms = train(kept["state"], x, y)
        norms.block_until_ready()
        return BLOCK * case.networks

    return advance


def _step(case: Case) -> Callable[..., tuple[list[Parameters], Array]]:
    activation = {"sigmoid": jax.nn.sigmoid, "relu": jax.nn.relu}[case.activation]

    def loss(parameters: Parameters, x: Array, y: Array) -> Array:
        *hidden, (weight, bias) = parameters
        for w, b in hidden:
            x = activation(x @ w + b)
        z = x @ weight + bias
        return jnp.mean(jnp.maximum(z, 0.0) - z * y + jnp.log1p(jnp.exp(-jnp.abs(z))))

    def step(state: list[Parameters], t: Array, x: Array, y: Array) -> tuple[list[Parameters], Array]:
        parameters, *moments = state
        gradients = jax.grad(loss)(parameters, x, y)
        norms = jnp.stack([jnp.linalg.norm(gradient) for gradient in jax.tree.leaves(gradients)])
        if not moments:
            return [jax.tree.map(lambda p, g: p - LEARNING_RATE * g, parameters, gradients)], norms
        mean = jax.tree.map(lambda m, g: BETA_1 * m + (1.0 - BETA_1) * g, moments[0], gradients)
        square = jax.tree.map(lambda v, g: BETA_2 * v + (1.0 - BETA_2) * g * g, moments[1], gradients)
        rate, root = LEARNING_RATE / (1.0 - BETA_1**t), (1.0 - BETA_2**t) ** -0.5
        moved = jax.tree.map(lambda p, m, v: p - rate * m / (jnp.sqrt(v) * root + EPSILON), parameters, mean, square)
        return [moved, mean, square], norms

    return step
