"""Convolution and pooling, alone and in LeNet's training step."""

import numpy as np
from harness import QUICK

from . import RATE, Work, adam_in_jax
from .operations import operation


def _arrays(*shapes):
    rng = np.random.default_rng(0)
    return [rng.normal(size=shape).astype("float32") for shape in shapes]


def convolution(image, weight, stride=1, padding=0, groups=1, *, wrt=()):
    """A convolution of two axes of space, or its gradients by some of image and weight."""

    def ours(x, w):
        import phonograd as pg

        return pg.conv2d(x, w, stride=stride, padding=padding, groups=groups)

    def torch(x, w):
        from torch.nn import functional

        return functional.conv2d(x, w, stride=stride, padding=padding, groups=groups)

    def jax(x, w):
        from jax import lax

        return lax.conv_general_dilated(x, w, [stride] * 2, [[padding] * 2] * 2, feature_group_count=groups)

    return operation(_arrays(image, weight), ours, torch, jax, wrt)


def pooling(kind, image, size, stride, *, wrt=()):
    """Pooling of two axes of space, or its gradient."""

    def ours(x):
        import phonograd as pg

        return getattr(pg, f"{kind}_pool2d")(x, size, stride)

    def torch(x):
        from torch.nn import functional

        return getattr(functional, f"{kind}_pool2d")(x, size, stride)

    def jax(x):
        from jax import lax

        start, combine = (-np.inf, lax.max) if kind == "max" else (0.0, lax.add)
        y = lax.reduce_window(x, start, combine, [1, 1, size, size], [1, 1, stride, stride], "VALID")
        return y if kind == "max" else y / size**2

    return operation(_arrays(image), ours, torch, jax, wrt)


def lenet(batch):
    """LeNet-5 with ReLU and max pooling: a whole step of Adam."""
    rng = np.random.default_rng(1)
    images, labels = _arrays((batch, 1, 28, 28))[0], rng.integers(0, 10, batch)
    shapes = [(6, 1, 5, 5), (16, 6, 5, 5), (400, 120), (120, 84), (84, 10)]
    layers = []
    for shape in shapes:
        fan = np.prod(shape[1:]) if len(shape) == 4 else shape[0]
        layers.append((rng.normal(size=shape) / np.sqrt(fan)).astype("float32"))
        layers.append(np.zeros(shape[0] if len(shape) == 4 else shape[1], "float32"))
    makers = {"phonograd": _here, "torch": _in_torch, "JAX": _in_jax}
    return {library: lambda make=make: make(images, labels, layers) for library, make in makers.items()}


def _forward(x, weights, conv, relu, pool):
    """The logits, in any library."""
    (k1, b1), (k2, b2), *dense = zip(weights[::2], weights[1::2], strict=True)
    x = pool(relu(conv(x, k1, b1, 2)))
    x = pool(relu(conv(x, k2, b2, 0)))
    x = x.reshape(x.shape[0], -1)
    for i, (w, b) in enumerate(dense):
        x = x @ w + b
        x = relu(x) if i < 2 else x
    return x


def _here(images, labels, layers):
    import phonograd as pg

    store, adam = pg.ParameterStore(), pg.optim.Adam(RATE)
    names = [f"{i // 2}.{'bias' if i % 2 else 'weight'}" for i in range(len(layers))]
    store.update(zip(names, layers, strict=True))

    def step():
        rec = pg.Record(store)
        weights = [rec.parameter(name) for name in names]
        logits = _forward(
            rec.tensor(images),
            weights,
            lambda x, w, b, pad: pg.conv2d(x, w, b, padding=pad),
            pg.relu,
            lambda x: pg.max_pool2d(x, 2),
        )
        loss = pg.cross_entropy(logits, labels)
        adam.step(store, loss.grad())
        return loss.item()

    return Work(step, lambda: [store[name] for name in names])


def _in_torch(images, labels, layers):
    import torch
    from torch.nn import functional

    weights = [torch.tensor(array, requires_grad=True) for array in layers]
    x, t = torch.tensor(images), torch.tensor(labels)
    adam = torch.optim.Adam(weights, RATE, fused=True)

    def step():
        adam.zero_grad()
        logits = _forward(
            x,
            weights,
            lambda x, w, b, pad: functional.conv2d(x, w, b, padding=pad),
            torch.relu,
            lambda x: functional.max_pool2d(x, 2),
        )
        loss = functional.cross_entropy(logits, t)
        loss.backward()
        adam.step()
        return loss.item()

    return Work(step, lambda: [w.detach().numpy() for w in weights])


def _in_jax(images, labels, layers):
    import jax
    import jax.numpy as jnp
    from jax import lax

    def loss_of(weights, x, t):
        logits = _forward(
            x,
            weights,
            lambda x, w, b, pad: lax.conv_general_dilated(x, w, [1, 1], [[pad] * 2] * 2) + b.reshape(-1, 1, 1),
            jax.nn.relu,
            lambda x: lax.reduce_window(x, -jnp.inf, lax.max, [1, 1, 2, 2], [1, 1, 2, 2], "VALID"),
        )
        return -jnp.take_along_axis(jax.nn.log_softmax(logits), t[:, None], 1).mean()

    update, state = adam_in_jax(loss_of, [jnp.asarray(array) for array in layers])
    update = jax.jit(update, donate_argnums=0)
    x, t, held = jnp.asarray(images), jnp.asarray(labels), [state]

    def step():
        loss, held[0] = update(held[0], x, t)
        return float(loss)

    return Work(step, lambda: [np.asarray(w) for w in held[0][1]])


# A shortened run sees that all of it runs and agrees.
B, WIDE = (2, (1, 64, 8, 8)) if QUICK else (64, (8, 64, 56, 56))
FIRST, IMAGE, PLANES = (B, 1, 28, 28), (B, 6, 14, 14), (B, 6, 28, 28)
ROWS = {
    "conv 1-6, 5x5 on 64 x 28x28": (convolution, FIRST, (6, 1, 5, 5), 1, 2),
    "conv 1-6, gradient by the weight": (convolution, FIRST, (6, 1, 5, 5), 1, 2, {"wrt": (1,)}),
    "conv 6-16, 5x5 on 64 x 14x14": (convolution, IMAGE, (16, 6, 5, 5)),
    "conv 6-16, gradients": (convolution, IMAGE, (16, 6, 5, 5), {"wrt": (0, 1)}),
    "conv 64-64, 3x3 on 8 x 56x56": (convolution, WIDE, (64, 64, 3, 3), 1, 1),
    "conv 64-64, gradients": (convolution, WIDE, (64, 64, 3, 3), 1, 1, {"wrt": (0, 1)}),
    "conv 64-64, 3x3, stride 2": (convolution, WIDE, (64, 64, 3, 3), 2, 1),
    "conv 64-64, stride 2, gradients": (convolution, WIDE, (64, 64, 3, 3), 2, 1, {"wrt": (0, 1)}),
    "conv of each of 64 channels, 3x3": (convolution, WIDE, (64, 1, 3, 3), 1, 1, 64),
    "conv of each channel, gradients": (convolution, WIDE, (64, 1, 3, 3), 1, 1, 64, {"wrt": (0, 1)}),
    "conv 64-64, 1x1 on 8 x 56x56": (convolution, WIDE, (64, 64, 1, 1)),
    "conv 64-64, 1x1, gradients": (convolution, WIDE, (64, 64, 1, 1), {"wrt": (0, 1)}),
    "max pool 2x2 on 64 x 6 x 28x28": (pooling, "max", PLANES, 2, 2),
    "max pool 2x2, gradient": (pooling, "max", PLANES, 2, 2, {"wrt": (0,)}),
    "max pool 3x3, stride 2, on 8 x 64 x 56x56": (pooling, "max", WIDE, 3, 2),
    "max pool 3x3, stride 2, gradient": (pooling, "max", WIDE, 3, 2, {"wrt": (0,)}),
    "mean pool 2x2 on 64 x 6 x 28x28": (pooling, "avg", PLANES, 2, 2),
    "mean pool 2x2, gradient": (pooling, "avg", PLANES, 2, 2, {"wrt": (0,)}),
    "LeNet, batch 64, Adam": (lenet, B),
}
