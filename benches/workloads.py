"""The work that `compare.py` gives to every library: each function returns what does one whole step, by library.

A candidate returns the loss, and gradients where the row is about them, so that all can be held against each other
before anything is timed. Whoever is not installed is left out.
"""

import itertools

import numpy as np
from harness import available

import phonograd as pg

torch, jax = None, None
if available("torch"):
    import torch
if available("jax"):
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)

RATE, DECAYS, SMALL = 1e-3, (0.9, 0.999), 1e-8


def network(sizes, batch, dtype="float32"):
    """A network of ReLU layers: softmax cross-entropy and one step of Adam."""
    rng = np.random.default_rng(0)
    images = rng.normal(size=(batch, sizes[0])).astype(dtype)
    labels = rng.integers(0, sizes[-1], batch)
    layers = [
        ((rng.normal(size=shape) / np.sqrt(shape[0])).astype(dtype), np.zeros(shape[1], dtype))
        for shape in itertools.pairwise(sizes)
    ]
    candidates = {
        "phonograd": _network_here(images, labels, layers),
        "NumPy by hand": _network_by_hand(images, labels, layers),
    }
    if torch:
        candidates["torch"] = _network_in_torch(images, labels, layers)
    if jax:
        candidates["JAX"] = _network_in_jax(images, labels, layers)
    return candidates


def _network_here(images, labels, layers):
    store, adam = pg.ParameterStore(), pg.optim.Adam(RATE)
    for i, (weight, bias) in enumerate(layers):
        store[f"{i}.weight"], store[f"{i}.bias"] = weight, bias

    def step():
        rec = pg.Record(store)
        h = rec.tensor(images)
        for i in range(len(layers)):
            h = h @ rec.parameter(f"{i}.weight") + rec.parameter(f"{i}.bias")
            h = h.relu() if i + 1 < len(layers) else h
        loss = pg.cross_entropy(h, labels)
        adam.step(store, loss.grad())
        return loss.item()

    return step


def _network_by_hand(images, labels, layers):
    weights = [array.copy() for layer in layers for array in layer]
    first, second = [np.zeros_like(w) for w in weights], [np.zeros_like(w) for w in weights]
    rows, count = np.arange(len(labels)), [0]

    def step():
        inputs, h = [], images
        for i in range(len(layers)):
            inputs.append(h)
            h = h @ weights[2 * i] + weights[2 * i + 1]
            h = np.maximum(h, 0) if i + 1 < len(layers) else h
        z = h - h.max(axis=1, keepdims=True)
        e = np.exp(z)
        total = e.sum(axis=1, keepdims=True)
        loss = (np.log(total[:, 0]) - z[rows, labels]).mean()
        g = e / total
        g[rows, labels] -= 1
        g /= len(labels)
        gradients = [None] * len(weights)
        for i in reversed(range(len(layers))):
            gradients[2 * i], gradients[2 * i + 1] = inputs[i].T @ g, g.sum(axis=0)
            g = (g @ weights[2 * i].T) * (inputs[i] > 0) if i else g
        count[0] += 1
        one, two = (1 - decay ** count[0] for decay in DECAYS)
        for w, m, v, d in zip(weights, first, second, gradients, strict=True):
            m += (1 - DECAYS[0]) * (d - m)
            v += (1 - DECAYS[1]) * (d * d - v)
            w -= RATE / one * m / (np.sqrt(v / two) + SMALL)
        return float(loss)

    return step


def _network_in_torch(images, labels, layers):
    x, t = torch.from_numpy(images), torch.from_numpy(labels)
    weights = [torch.tensor(array, requires_grad=True) for layer in layers for array in layer]
    adam = torch.optim.Adam(weights, RATE)

    def step():
        h = x
        for i in range(len(layers)):
            h = h @ weights[2 * i] + weights[2 * i + 1]
            h = h.relu() if i + 1 < len(layers) else h
        loss = torch.nn.functional.cross_entropy(h, t)
        adam.zero_grad()
        loss.backward()
        adam.step()
        return loss.item()

    return step


def _network_in_jax(images, labels, layers):
    state = [tuple(jnp.asarray(a) for layer in layers for a in layer)]
    state += [tuple(jnp.zeros_like(w) for w in state[0]) for _ in range(2)]
    x, t, count = jnp.asarray(images), jnp.asarray(labels), [0]

    def loss_of(weights):
        h = x
        for i in range(len(layers)):
            h = h @ weights[2 * i] + weights[2 * i + 1]
            h = jax.nn.relu(h) if i + 1 < len(layers) else h
        return -jnp.take_along_axis(jax.nn.log_softmax(h), t[:, None], 1).mean()

    @jax.jit
    def update(weights, first, second, count):
        loss, gradients = jax.value_and_grad(loss_of)(weights)
        first = [DECAYS[0] * m + (1 - DECAYS[0]) * g for m, g in zip(first, gradients, strict=True)]
        second = [DECAYS[1] * v + (1 - DECAYS[1]) * g * g for v, g in zip(second, gradients, strict=True)]
        one, two = (1 - jnp.asarray(decay, x.dtype) ** count for decay in DECAYS)
        moved = [
            w - (RATE * (m / one) / (jnp.sqrt(v / two) + SMALL)).astype(x.dtype)
            for w, m, v in zip(weights, first, second, strict=True)
        ]
        return loss, tuple(moved), tuple(first), tuple(second)

    def step():
        count[0] += 1
        loss, *state[:] = update(*state, jnp.asarray(count[0], x.dtype))
        return float(loss)

    return step


def formula(elements):
    """Value and gradient of sum(tanh(a x + b) exp(-x x) + x / (1 + x x))."""
    x = np.random.default_rng(0).normal(size=elements).astype(np.float32)

    def here():
        rec = pg.Record()
        a, b, v = rec.tensor(1.5), rec.tensor(0.2), rec.tensor(x, copy=False)
        y = ((a * v + b).tanh() * (-v * v).exp() + v / (1.0 + v * v)).sum()
        grads = y.grad()
        parts = [y, *(grads.wrt(t) for t in (a, b, v))]
        rec.compute(parts)
        return parts[0].item(), parts[1].item(), parts[2].item(), parts[3].data()

    candidates = {"phonograd": here}
    if torch:
        v = torch.from_numpy(x).requires_grad_()
        a, b = torch.tensor(1.5, requires_grad=True), torch.tensor(0.2, requires_grad=True)

        def in_torch():
            y = ((a * v + b).tanh() * (-v * v).exp() + v / (1.0 + v * v)).sum()
            ga, gb, gv = torch.autograd.grad(y, (a, b, v))
            return y.item(), ga.item(), gb.item(), gv.numpy()

        candidates["torch"] = in_torch
    if jax:

        @jax.jit
        @jax.value_and_grad
        def both(inputs):
            a, b, v = inputs
            return (jnp.tanh(a * v + b) * jnp.exp(-v * v) + v / (1 + v * v)).sum()

        inputs = (jnp.float32(1.5), jnp.float32(0.2), jnp.asarray(x))

        def in_jax():
            y, (ga, gb, gv) = both(inputs)
            return float(y), float(ga), float(gb), np.asarray(gv)

        candidates["JAX"] = in_jax
    return candidates


def softmax_loss(rows, classes):
    """Value and gradient of softmax cross-entropy."""
    rng = np.random.default_rng(0)
    logits, labels = rng.normal(size=(rows, classes)).astype(np.float32), rng.integers(0, classes, rows)

    def here():
        rec = pg.Record()
        x = rec.tensor(logits, copy=False)
        loss = pg.cross_entropy(x, labels)
        gradient = loss.grad().wrt(x)
        rec.compute(loss, gradient)
        return loss.item(), gradient.data()

    candidates = {"phonograd": here}
    if torch:
        x, t = torch.from_numpy(logits).requires_grad_(), torch.from_numpy(labels)

        def in_torch():
            loss = torch.nn.functional.cross_entropy(x, t)
            return loss.item(), torch.autograd.grad(loss, x)[0].numpy()

        candidates["torch"] = in_torch
    if jax:
        indices = jnp.asarray(labels)[:, None]

        @jax.jit
        @jax.value_and_grad
        def both(x):
            return -jnp.take_along_axis(jax.nn.log_softmax(x), indices, 1).mean()

        given = jnp.asarray(logits)

        def in_jax():
            loss, gradient = both(given)
            return float(loss), np.asarray(gradient)

        candidates["JAX"] = in_jax
    return candidates


def product(n, dtype, form):
    """A matrix product; `form` says which sides are transposed, as in "nt"."""
    rng = np.random.default_rng(0)
    left, right = (rng.normal(size=(n, n)).astype(dtype) for _ in range(2))

    def given(a, b):
        return (a.T if form[0] == "t" else a), (b.T if form[1] == "t" else b)

    rec = pg.Record(grad=False)
    a, b = given(rec.tensor(left), rec.tensor(right))
    candidates = {"phonograd": lambda: (a @ b).data(), "NumPy by hand": lambda: np.matmul(*given(left, right))}
    if torch:
        pair = given(torch.from_numpy(left), torch.from_numpy(right))
        candidates["torch"] = lambda: torch.matmul(*pair).numpy()
    if jax:
        multiply = jax.jit(lambda a, b: jnp.matmul(*given(a, b)))
        sides = jnp.asarray(left), jnp.asarray(right)
        candidates["JAX"] = lambda: np.asarray(multiply(*sides))
    return candidates
