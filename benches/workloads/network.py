"""Networks of ReLU layers: softmax cross-entropy and one step of Adam."""

import itertools

import numpy as np

from . import DECAYS, RATE, SMALL, Work, adam_in_jax


def network(sizes, batch, dtype="float32"):
    """A whole step: loss, gradients, new parameters and moments. A step may be given another batch."""
    # With this seed no unit is so close to 0 that rounding decides whether a ReLU is on.
    rng = np.random.default_rng(2)
    images = rng.normal(size=(batch, sizes[0])).astype(dtype)
    labels = rng.integers(0, sizes[-1], batch)
    layers = [
        array.astype(dtype)
        for shape in itertools.pairwise(sizes)
        for array in (rng.normal(size=shape) / np.sqrt(shape[0]), np.zeros(shape[1]))
    ]
    makers = {
        "phonograd": _here,
        "NumPy by hand": _by_hand,
        "torch": _in_torch,
        "torch.compile": _in_torch_compiled,
        "JAX": _in_jax,
    }
    return {library: lambda make=make: make(images, labels, layers) for library, make in makers.items()}


def _forward(x, weights, relu):
    """The logits, in any library with operators."""
    last = len(weights) // 2 - 1
    for i in range(last + 1):
        x = x @ weights[2 * i] + weights[2 * i + 1]
        x = relu(x) if i < last else x
    return x


def _here(images, labels, layers):
    import phonograd as pg

    store, adam = pg.ParameterStore(), pg.optim.Adam(RATE)
    names = [f"{i // 2}.{'bias' if i % 2 else 'weight'}" for i in range(len(layers))]
    store.update(zip(names, layers, strict=True))

    def step(x=images, t=labels):
        rec = pg.Record(store)
        loss = pg.cross_entropy(_forward(rec.tensor(x), [rec.parameter(name) for name in names], pg.relu), t)
        adam.step(store, loss.grad())
        return loss.item()

    return Work(step, lambda: [store[name] for name in names])


def _by_hand(images, labels, layers):
    weights = [array.copy() for array in layers]
    first, second = [np.zeros_like(w) for w in weights], [np.zeros_like(w) for w in weights]
    count = [0]

    def step(x=images, t=labels):
        rows = np.arange(len(t))
        inputs, h = [], x
        for i in range(len(weights) // 2):
            inputs.append(h)
            h = h @ weights[2 * i] + weights[2 * i + 1]
            h = np.maximum(h, 0) if 2 * i + 2 < len(weights) else h
        z = h - h.max(axis=1, keepdims=True)
        e = np.exp(z)
        total = e.sum(axis=1, keepdims=True)
        loss = (np.log(total[:, 0]) - z[rows, t]).mean()
        g = e / total
        g[rows, t] -= 1
        g /= len(t)
        gradients = [None] * len(weights)
        for i in reversed(range(len(weights) // 2)):
            gradients[2 * i], gradients[2 * i + 1] = inputs[i].T @ g, g.sum(axis=0)
            g = (g @ weights[2 * i].T) * (inputs[i] > 0) if i else g
        count[0] += 1
        one, two = (1 - decay ** count[0] for decay in DECAYS)
        for w, m, v, d in zip(weights, first, second, gradients, strict=True):
            m += (1 - DECAYS[0]) * (d - m)
            v += (1 - DECAYS[1]) * (d * d - v)
            w -= RATE / one * m / (np.sqrt(v / two) + SMALL)
        return float(loss)

    return Work(step, lambda: weights)


def _in_torch(images, labels, layers, *, compiled=False):
    import torch

    weights = [torch.tensor(array, requires_grad=True) for array in layers]
    adam = torch.optim.Adam(weights, RATE, fused=True)

    def loss_of(x, t):
        return torch.nn.functional.cross_entropy(_forward(x, weights, torch.relu), t)

    forward = torch.compile(loss_of) if compiled else loss_of

    def step(x=torch.from_numpy(images), t=torch.from_numpy(labels)):  # noqa: B008  # made once
        loss = forward(x, t)
        adam.zero_grad()
        loss.backward()
        adam.step()
        return loss.item()

    return Work(step, lambda: [w.detach().numpy() for w in weights])


def _in_torch_compiled(*given):
    return _in_torch(*given, compiled=True)


def _in_jax(images, labels, layers):
    import jax
    import jax.numpy as jnp

    def loss_of(weights, x, t):
        logits = _forward(x, weights, jax.nn.relu)
        return -jnp.take_along_axis(jax.nn.log_softmax(logits), t[:, None], 1).mean()

    update, first = adam_in_jax(loss_of, layers)
    update, state = jax.jit(update, donate_argnums=0), [first]

    def step(x=jnp.asarray(images), t=jnp.asarray(labels, jnp.int32)):  # noqa: B008  # made once
        loss, state[0] = update(state[0], x, t)
        return float(loss)

    return Work(step, lambda: list(map(np.array, state[0][1])))
