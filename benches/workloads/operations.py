"""One operation and its gradients, in each library."""

import numpy as np

from . import Work


def operation(arrays, ours, torch, jax, wrt=()):
    """The value of a function of arrays, or its gradients by some of them.

    Args:
        arrays: The arguments.
        ours: The function of tensors of phonograd.
        torch: The same of tensors of torch.
        jax: The same of arrays of JAX, which is jitted.
        wrt: Positions of the arguments whose gradients are asked for; without any, the value is.
    """
    makers = {"phonograd": (_here, ours), "torch": (_in_torch, torch), "JAX": (_in_jax, jax)}
    return {
        library: lambda make=make, function=function: make(arrays, function, wrt)
        for library, (make, function) in makers.items()
    }


def _cotangent(shape, dtype):
    return np.random.default_rng(1).normal(size=tuple(shape)).astype(dtype)


def _here(arrays, function, wrt):
    import phonograd as pg

    rec = pg.Record()
    g = _cotangent(function(*(rec.tensor(x) for x in arrays)).shape, arrays[0].dtype)

    def step():
        rec = pg.Record()
        leaves = [rec.tensor(x, copy=False) for x in arrays]
        y = function(*leaves)
        if not wrt:
            return (y.data(),)
        grads = y.grad(rec.tensor(g, copy=False))
        found = [grads.wrt(leaves[i]) for i in wrt]
        rec.compute(*found)
        return tuple(x.data() for x in found)

    return Work(step)


def _in_torch(arrays, function, wrt):
    import torch

    leaves = [torch.tensor(x, requires_grad=i in wrt) for i, x in enumerate(arrays)]
    with torch.no_grad():
        y = function(*leaves)
    g = torch.tensor(_cotangent(y.shape, arrays[0].dtype))

    def step():
        y = function(*leaves)
        found = torch.autograd.grad(y, [leaves[i] for i in wrt], g) if wrt else (y,)
        return tuple(x.numpy() for x in found)

    return Work(step)


def _in_jax(arrays, function, wrt):
    import jax

    leaves = [jax.numpy.asarray(x) for x in arrays]
    g = jax.numpy.asarray(_cotangent(jax.eval_shape(function, *leaves).shape, arrays[0].dtype))

    def gradients(g, *leaves):
        def of(*some):
            rest = dict(zip(wrt, some, strict=True))
            return function(*(rest.get(i, x) for i, x in enumerate(leaves)))

        return jax.vjp(of, *(leaves[i] for i in wrt))[1](g)

    run = jax.jit(gradients if wrt else lambda _, *leaves: (function(*leaves),))

    def step():
        return tuple(np.asarray(x) for x in jax.block_until_ready(run(g, *leaves)))

    return Work(step)
