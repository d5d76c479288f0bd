"""Sorting, gathering, scattering and running sums, forwards and with gradients."""

import numpy as np

from . import Work

SIDE, CLASSES, WIDTH = 1000, 50_257, 768


def _arrays(*kinds):
    """Arguments by kind: a shape of floats, or a shape with the number that integers stay below."""
    rng = np.random.default_rng(0)
    for kind in kinds:
        if isinstance(kind[0], tuple):
            yield rng.integers(0, kind[1], kind[0])
        else:
            yield rng.standard_normal(kind, np.float32)


def operation(ours, in_torch, *kinds, gradient=False):
    """One operation on arrays, and with it the gradient by the first of them for a random cotangent.

    Args:
        ours: The operation on tensors of this library.
        in_torch: The same on those of torch.
        kinds: What the arrays are.
        gradient: Whether to differentiate.
    """

    def here():
        import phonograd as pg

        arrays = list(_arrays(*kinds))
        rec = pg.Record()
        shape = ours(*(rec.tensor(a, copy=False) for a in arrays)).shape
        cotangent = np.random.default_rng(1).standard_normal(shape, np.float32)

        def step():
            rec = pg.Record(grad=gradient)
            x, *others = (rec.tensor(a, copy=False) for a in arrays)
            y = ours(x, *others)
            if not gradient:
                return y.data()
            found = y.grad(rec.tensor(cotangent, copy=False)).wrt(x)
            rec.compute(y, found)
            return found.data()

        return Work(step)

    def in_torch_too():
        import torch

        x, *others = (torch.from_numpy(a) for a in _arrays(*kinds))
        x.requires_grad_(gradient)
        shape = tuple(in_torch(x, *others).shape)
        cotangent = torch.from_numpy(np.random.default_rng(1).standard_normal(shape, np.float32))

        def step():
            y = in_torch(x, *others)
            return torch.autograd.grad(y, x, cotangent)[0].numpy() if gradient else y.numpy()

        return Work(step)

    return {"phonograd": here, "torch": in_torch_too}


def _pairs():
    """Name, this library, torch, arrays, and whether the gradient is measured, too."""
    square, flat = (SIDE, SIDE), (SIDE**2,)
    places, spots, pairs = (square, SIDE), (flat, SIDE**2), (flat, SIDE)
    table, ids = (CLASSES, WIDTH), ((4096,), CLASSES)
    yield "sort rows", lambda x: x.sort(-1), lambda x: x.sort(dim=-1, stable=True)[0], (square,), True
    yield "sort columns", lambda x: x.sort(0), lambda x: x.sort(dim=0, stable=True)[0], (square,), False
    yield "sort 1 M", lambda x: x.sort(-1), lambda x: x.sort(dim=-1, stable=True)[0], (flat,), True
    yield "topk 10 of rows", lambda x: x.topk(10)[0], lambda x: x.topk(10)[0], (square,), False
    yield "topk 1,000 of 1 M", lambda x: x.topk(1000)[0], lambda x: x.topk(1000)[0], (flat,), False
    yield "rows by 4,096 ids", lambda x, i: x[i], lambda x, i: x[i], (table, ids), True
    yield "two index arrays", lambda x, i, j: x[i, j], lambda x, i, j: x[i, j], (square, pairs, pairs), True
    yield "gather along rows", lambda x, i: x.gather(i, 1), lambda x, i: x.gather(1, i), (square, places), True
    yield "gather along columns", lambda x, i: x.gather(i, 0), lambda x, i: x.gather(0, i), (square, places), True
    yield (
        "scatter_add 1 M",
        lambda x, i: x.scatter_add(0, i, x),
        lambda x, i: x.scatter_add(0, i, x),
        (flat, spots),
        False,
    )
    yield ("index_add rows with repeats", lambda x, i, s: x.index_add(0, i, s), lambda x, i, s: x.index_add(0, i, s),
           ((5000, 64), ((100_000,), 5000), (100_000, 64)), False)  # fmt: skip
    for axis in (0, 1):
        for name in ("cumsum", "cumprod"):
            run = lambda x, name=name, axis=axis: getattr(x, name)(axis)  # noqa: E731
            yield f"{name} along {axis}", run, run, (square,), name == "cumsum"
        first = lambda x, axis=axis: x.cummax(axis)[0]  # noqa: E731
        yield f"cummax along {axis}", first, first, (square,), False


def rows(pairs):
    """Rows of a topic from names, this library, torch, arrays, and whether the gradient is measured, too."""
    for name, ours, in_torch, kinds, differentiable in pairs:
        yield name, (operation, ours, in_torch, *kinds)
        if differentiable:
            yield f"{name}, gradient", (operation, ours, in_torch, *kinds, {"gradient": True})


ROWS = dict(rows(_pairs()))
