"""The smallest work, where what counts is the cost of an operation: the README's example, and 1,000 scalars."""

import numpy as np

from . import Work

X = [[1.0, 2.0, 3.0]]
WEIGHT = np.linspace(1.0, 2.0, 9).reshape(3, 3)
ROUNDS = 250


def seed_step(dtype="float32", rate=1e-2):
    """A layer of 3 x 3, its loss, gradient and descent: the loss falls by 42 rates a step."""
    makers = {"phonograd": seed_step_here, "NumPy by hand": _by_hand, "torch": _in_torch, "JAX": _in_jax}
    return {library: lambda make=make: make(dtype, rate) for library, make in makers.items()}


def seed_step_here(dtype, rate, *, read=True):
    """Ours; may leave the loss where it is."""
    import phonograd as pg

    store = pg.ParameterStore()
    store["linear.weight"] = WEIGHT.astype(dtype)

    def step():
        rec = pg.Record()
        linear = pg.LinearLayer(rec, 3, 3, store, id="linear", dtype=dtype)
        loss = linear.forward(rec.tensor(X, dtype)).relu().sum()
        linear.optimize(loss.grad(), store, rate=rate)
        return loss.item() if read else None

    return Work(step, lambda: [store["linear.weight"]])


def _by_hand(dtype, rate):
    weight, rate = [WEIGHT.astype(dtype)], np.dtype(dtype).type(rate)

    def step():
        x = np.array(X, dtype)
        h = x @ weight[0]
        loss = np.maximum(h, 0.0).sum()
        weight[0] = weight[0] - rate * (x.T @ (h > 0.0).astype(dtype))
        return float(loss)

    return Work(step, lambda: weight)


def _in_torch(dtype, rate):
    import torch

    layer = torch.nn.Linear(3, 3, bias=False, dtype=getattr(torch, dtype))
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(WEIGHT.T.copy()))
    descent = torch.optim.SGD(layer.parameters(), lr=rate)

    def step():
        loss = layer(torch.tensor(X, dtype=layer.weight.dtype)).relu().sum()
        descent.zero_grad()
        loss.backward()
        descent.step()
        return loss.item()

    return Work(step, lambda: [layer.weight.detach().numpy().T])


def _in_jax(dtype, rate):
    import jax
    import jax.numpy as jnp

    @jax.jit
    def update(weight, x):
        loss, gradient = jax.value_and_grad(lambda w: jax.nn.relu(x @ w).sum())(weight)
        return loss, weight - rate * gradient

    weight = [jnp.asarray(WEIGHT, dtype)]

    def step():
        loss, weight[0] = update(weight[0], np.array(X, dtype))
        return float(loss)

    return Work(step, lambda: list(map(np.array, weight)))


def scalar_chain(dtype="float32", rounds=ROUNDS):
    """Four scalar operations a round, forwards and backwards; recorded or traced anew in each step, but by JAX."""

    def chain(x, sin, tanh):
        y = x
        for _ in range(rounds):
            y = tanh(sin(y) * x + x)
        return y

    def here():
        import phonograd as pg

        def step():
            rec = pg.Record()
            x = rec.tensor(0.5, dtype)
            y = chain(x, pg.sin, pg.tanh)
            gradient = y.grad().wrt(x)
            rec.compute(y, gradient)
            return y.item(), gradient.item()

        return Work(step)

    def in_torch():
        import torch

        def step():
            x = torch.tensor(0.5, dtype=getattr(torch, dtype), requires_grad=True)
            y = chain(x, torch.sin, torch.tanh)
            y.backward()
            return y.item(), x.grad.item()

        return Work(step)

    def in_jax():
        import jax
        import jax.numpy as jnp

        both = jax.jit(jax.value_and_grad(lambda x: chain(x, jnp.sin, jnp.tanh)))
        given = jnp.asarray(0.5, dtype)

        def step():
            y, gradient = both(given)
            return float(y), float(gradient)

        return Work(step)

    return {"phonograd": here, "torch": in_torch, "JAX": in_jax}
