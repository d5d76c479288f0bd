"""Decompositions and solves: values beside NumPy's, values with gradients beside torch's."""

import numpy as np

from . import Work

# Rows and columns, and how many matrices.
SIZES = [(8, 1000), (64, 1), (256, 1), (1024, 1)]
NAMES = ["solve", "cholesky", "eigh", "svd"]
DTYPES = ["float32", "float64"]


def given(name, size, batch, dtype):
    """The matrices of a row, and right sides or cotangents of their shape."""
    rng = np.random.default_rng(0)
    shape = (batch, size, size) if batch > 1 else (size, size)
    a, b = rng.standard_normal(shape), rng.standard_normal(shape)
    if name == "cholesky":
        a = a @ np.swapaxes(a, -1, -2) + size * np.eye(size)
    elif name == "eigh":
        a = a + np.swapaxes(a, -1, -2)
    return a.astype(dtype), b.astype(dtype)


def called(name, linalg, a, b):
    """All results of a row, by a library's `linalg`."""
    if name == "solve":
        return (linalg.solve(a, b),)
    if name == "svd":
        return tuple(linalg.svd(a, full_matrices=False))
    found = getattr(linalg, name)(a)
    return (found,) if name == "cholesky" else tuple(found)


def values(name, size, batch, dtype):
    """Makers of a row without gradients."""
    a, b = given(name, size, batch, dtype)

    def here():
        import phonograd as pg

        def step():
            rec = pg.Record(grad=False)
            x, y = rec.tensor(a, copy=False), rec.tensor(b, copy=False)
            results = called(name, pg.linalg, x, y)
            rec.compute(results)
            return tuple(part.data() for part in results)

        return Work(step)

    def in_numpy():
        return Work(lambda: called(name, np.linalg, a, b))

    return {"phonograd": here, "NumPy": in_numpy}


def gradients(name, size, batch, dtype):
    """Makers of a row with the gradient of a weighted sum of the first and the last result."""
    a, b = given(name, size, batch, dtype)

    def loss(results, weight):
        return (results[0] * weight[..., 0, :] if results[0].shape != weight.shape else results[0] * weight).sum() + (
            (results[-1] * weight).sum() if len(results) > 1 else 0.0
        )

    def here():
        import phonograd as pg

        def step():
            rec = pg.Record()
            x, y = rec.tensor(a, copy=False), rec.tensor(b, copy=False)
            total = loss(called(name, pg.linalg, x, y), y)
            gradient = total.grad().wrt(x)
            rec.compute(total, gradient)
            return total.item(), gradient.data()

        return Work(step)

    def in_torch():
        import torch

        x, y = torch.from_numpy(a).requires_grad_(), torch.from_numpy(b)

        def step():
            total = loss(called(name, torch.linalg, x, y), y)
            (gradient,) = torch.autograd.grad(total, x)
            return total.item(), gradient.numpy()

        return Work(step)

    return {"phonograd": here, "torch": in_torch}
