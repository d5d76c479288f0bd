"""Large arrays, where what counts is memory and arithmetic: a formula, a loss, matrix products."""

import numpy as np

from . import Work


def formula(elements):
    """Value and gradient of sum(tanh(a x + b) exp(-x x) + x / (1 + x x)), by a, b and x."""
    x = np.random.default_rng(0).normal(size=elements).astype(np.float32)
    first, second = 1.5, 0.2

    def value(a, b, v, tanh, exp):
        return (tanh(a * v + b) * exp(-v * v) + v / (1.0 + v * v)).sum()

    def here():
        import phonograd as pg

        def step():
            rec = pg.Record()
            given = rec.tensor(first), rec.tensor(second), rec.tensor(x, copy=False)
            y = value(*given, pg.tanh, pg.exp)
            grads = y.grad()
            parts = [y, *map(grads.wrt, given)]
            rec.compute(parts)
            return *(part.item() for part in parts[:3]), parts[3].data()

        return Work(step)

    def in_torch(prepare=lambda function: function):
        import torch

        given = torch.tensor(first), torch.tensor(second), torch.from_numpy(x)
        for tensor in given:
            tensor.requires_grad_()
        forward = prepare(lambda a, b, v: value(a, b, v, torch.tanh, torch.exp))

        def step():
            y = forward(*given)
            ga, gb, gx = torch.autograd.grad(y, given)
            return y.item(), ga.item(), gb.item(), gx.numpy()

        return Work(step)

    def in_torch_compiled():
        import torch

        return in_torch(torch.compile)

    def in_jax():
        import jax
        import jax.numpy as jnp

        both = jax.jit(jax.value_and_grad(lambda given: value(*given, jnp.tanh, jnp.exp)))
        given = jnp.float32(first), jnp.float32(second), jnp.asarray(x)

        def step():
            y, (ga, gb, gx) = both(given)
            return float(y), float(ga), float(gb), np.asarray(gx)

        return Work(step)

    return {"phonograd": here, "torch": in_torch, "torch.compile": in_torch_compiled, "JAX": in_jax}


def softmax_loss(rows, classes):
    """Value and gradient of softmax cross-entropy."""
    rng = np.random.default_rng(0)
    logits, labels = rng.normal(size=(rows, classes)).astype(np.float32), rng.integers(0, classes, rows)

    def here():
        import phonograd as pg

        def step():
            rec = pg.Record()
            x = rec.tensor(logits, copy=False)
            loss = pg.cross_entropy(x, labels)
            gradient = loss.grad().wrt(x)
            rec.compute(loss, gradient)
            return loss.item(), gradient.data()

        return Work(step)

    def in_torch(prepare=lambda function: function):
        import torch

        x, t = torch.from_numpy(logits).requires_grad_(), torch.from_numpy(labels)
        forward = prepare(torch.nn.functional.cross_entropy)

        def step():
            loss = forward(x, t)
            return loss.item(), torch.autograd.grad(loss, x)[0].numpy()

        return Work(step)

    def in_torch_compiled():
        import torch

        return in_torch(torch.compile)

    def in_jax():
        import jax
        import jax.numpy as jnp

        x, t = jnp.asarray(logits), jnp.asarray(labels, jnp.int32)[:, None]
        both = jax.jit(jax.value_and_grad(lambda x, t: -jnp.take_along_axis(jax.nn.log_softmax(x), t, 1).mean()))

        def step():
            loss, gradient = both(x, t)
            return float(loss), np.asarray(gradient)

        return Work(step)

    return {"phonograd": here, "torch": in_torch, "torch.compile": in_torch_compiled, "JAX": in_jax}


def product(n, dtype, form):
    """A matrix product; `form` says which sides are transposed, as in "nt"."""
    rng = np.random.default_rng(0)
    left, right = (rng.normal(size=(n, n)).astype(dtype) for _ in range(2))

    def given(a, b):
        return (a.T if form[0] == "t" else a), (b.T if form[1] == "t" else b)

    def here():
        import phonograd as pg

        rec = pg.Record(grad=False)
        a, b = given(rec.tensor(left), rec.tensor(right))
        return Work(lambda: (a @ b).data())

    def by_hand():
        a, b = given(left, right)
        return Work(lambda: a @ b)

    def in_torch():
        import torch

        a, b = given(torch.from_numpy(left), torch.from_numpy(right))
        return Work(lambda: (a @ b).numpy())

    def in_jax():
        import jax
        import jax.numpy as jnp

        multiply = jax.jit(lambda a, b: jnp.matmul(*given(a, b)))
        sides = jnp.asarray(left), jnp.asarray(right)
        return Work(lambda: np.asarray(multiply(*sides)))

    return {"phonograd": here, "NumPy by hand": by_hand, "torch": in_torch, "JAX": in_jax}
