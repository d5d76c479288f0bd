"""A decoder-only transformer over characters: pre-layer-norm, causal attention, GELU in its tanh form, AdamW.

Parameters are the same arrays by the same names everywhere; weights stand `[in, out]`.
"""

import math
from typing import NamedTuple

import numpy as np

from . import RATE, Work, adam_in_jax

DECAY, EPSILON = 0.1, 1e-5


class Sizes(NamedTuple):
    """How large the model and its batch are."""

    layers: int = 4
    width: int = 128
    heads: int = 4
    sequence: int = 128
    batch: int = 8
    vocabulary: int = 65


def transformer(*sizes):
    """A whole step: loss, gradients, new parameters and moments."""
    sizes = Sizes(*sizes)
    rng = np.random.default_rng(0)
    text = rng.integers(0, sizes.vocabulary, (sizes.batch, sizes.sequence + 1))
    given = sizes, _first_parameters(sizes, rng), text[:, :-1].copy(), text[:, 1:].reshape(-1).copy()
    makers = {"phonograd": _here, "torch": _in_torch, "torch.compile": _in_torch_compiled, "JAX": _in_jax}
    return {library: lambda make=make: make(*given) for library, make in makers.items()}


def _first_parameters(sizes, rng):
    w = sizes.width
    shapes = {"token": (sizes.vocabulary, w), "position": (sizes.sequence, w)}
    for i in range(sizes.layers):
        shapes |= {f"{i}.norm1.gain": (w,), f"{i}.norm1.bias": (w,), f"{i}.norm2.gain": (w,), f"{i}.norm2.bias": (w,)}
        for name, ins, outs in [("qkv", w, 3 * w), ("mix", w, w), ("up", w, 4 * w), ("down", 4 * w, w)]:
            shapes |= {f"{i}.{name}.weight": (ins, outs), f"{i}.{name}.bias": (outs,)}
    shapes |= {"norm.gain": (w,), "norm.bias": (w,), "head": (w, sizes.vocabulary)}

    def first(name, shape):
        if name.endswith(("gain", "bias")):
            return np.full(shape, float(name.endswith("gain")), np.float32)
        return rng.normal(scale=0.05, size=shape).astype(np.float32)

    return {name: first(name, shape) for name, shape in shapes.items()}


def _settled(parameters):
    """What should agree: all but the keys' biases, whose gradient is only rounding, of which Adam makes steps."""
    arrays = []
    for name, array in parameters.items():
        parts = np.split(np.asarray(array), 3) if name.endswith("qkv.bias") else [array]
        arrays += [part for i, part in enumerate(parts) if i != 1]
    return arrays


def _here(sizes, parameters, tokens, targets):
    import phonograd as pg

    store, adam = pg.ParameterStore(), pg.optim.AdamW(RATE, weight_decay=DECAY)
    store.update(parameters)
    causal = np.tri(sizes.sequence, dtype=bool)
    heads = (sizes.batch, sizes.sequence, sizes.heads, sizes.width // sizes.heads)

    def norm(x, name, of):
        centred = x - x.mean(-1, keepdims=True)
        variance = centred.square().mean(-1, keepdims=True)
        return centred * (variance + EPSILON).rsqrt() * of(f"{name}.gain") + of(f"{name}.bias")

    def linear(x, name, of):
        return x @ of(f"{name}.weight") + of(f"{name}.bias")

    def attention(x, i, of):
        parts = linear(x, f"{i}.qkv", of).split(3, axis=-1)
        q, k, v = (part.reshape(heads).permute(0, 2, 1, 3) for part in parts)
        scores = q @ k.mT * (1 / math.sqrt(heads[-1]))
        weights = pg.where(x.record.tensor(causal), scores, -math.inf).softmax(-1)
        return linear((weights @ v).permute(0, 2, 1, 3).reshape(x.shape), f"{i}.mix", of)

    def loss_of(of):
        h = of("token").take(tokens, axis=0) + of("position")
        for i in range(sizes.layers):
            h = h + attention(norm(h, f"{i}.norm1", of), i, of)
            h = h + linear(linear(norm(h, f"{i}.norm2", of), f"{i}.up", of).gelu("tanh"), f"{i}.down", of)
        logits = norm(h, "norm", of) @ of("head")
        return pg.cross_entropy(logits.reshape(-1, sizes.vocabulary), targets)

    def step():
        loss = loss_of(pg.Record(store).parameter)
        adam.step(store, loss.grad())
        return loss.item()

    return Work(step, lambda: _settled(store))


def _in_torch(sizes, parameters, tokens, targets, *, compiled=False):
    import torch
    import torch.nn.functional as F  # noqa: N812  # its usual name

    weights = {name: torch.tensor(value, requires_grad=True) for name, value in parameters.items()}
    tokens, targets = torch.from_numpy(tokens), torch.from_numpy(targets)
    adam = torch.optim.AdamW(weights.values(), RATE, weight_decay=DECAY, fused=True)
    heads = (sizes.batch, sizes.sequence, sizes.heads, sizes.width // sizes.heads)

    def norm(x, name):
        return F.layer_norm(x, x.shape[-1:], weights[f"{name}.gain"], weights[f"{name}.bias"], EPSILON)

    def linear(x, name):
        return F.linear(x, weights[f"{name}.weight"].T, weights[f"{name}.bias"])

    def attention(x, i):
        q, k, v = (part.view(heads).transpose(1, 2) for part in linear(x, f"{i}.qkv").chunk(3, -1))
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return linear(mixed.transpose(1, 2).reshape(x.shape), f"{i}.mix")

    def loss_of():
        h = F.embedding(tokens, weights["token"]) + weights["position"]
        for i in range(sizes.layers):
            h = h + attention(norm(h, f"{i}.norm1"), i)
            h = h + linear(F.gelu(linear(norm(h, f"{i}.norm2"), f"{i}.up"), approximate="tanh"), f"{i}.down")
        logits = norm(h, "norm") @ weights["head"]
        return F.cross_entropy(logits.view(-1, sizes.vocabulary), targets)

    forward = torch.compile(loss_of) if compiled else loss_of

    def step():
        loss = forward()
        adam.zero_grad()
        loss.backward()
        adam.step()
        return loss.item()

    return Work(step, lambda: _settled({name: w.detach().numpy() for name, w in weights.items()}))


def _in_torch_compiled(*given):
    return _in_torch(*given, compiled=True)


def _in_jax(sizes, parameters, tokens, targets):
    import jax
    import jax.numpy as jnp

    heads = (sizes.batch, sizes.sequence, sizes.heads, sizes.width // sizes.heads)
    causal = np.tri(sizes.sequence, dtype=bool)

    def norm(x, name, weights):
        centred = x - x.mean(-1, keepdims=True)
        variance = jnp.square(centred).mean(-1, keepdims=True)
        return centred * jax.lax.rsqrt(variance + EPSILON) * weights[f"{name}.gain"] + weights[f"{name}.bias"]

    def linear(x, name, weights):
        return x @ weights[f"{name}.weight"] + weights[f"{name}.bias"]

    def attention(x, i, weights):
        parts = jnp.split(linear(x, f"{i}.qkv", weights), 3, axis=-1)
        q, k, v = (part.reshape(heads).transpose(0, 2, 1, 3) for part in parts)
        scores = q @ k.mT / math.sqrt(heads[-1])
        mixed = jax.nn.softmax(jnp.where(causal, scores, -jnp.inf)) @ v
        return linear(mixed.transpose(0, 2, 1, 3).reshape(x.shape), f"{i}.mix", weights)

    def loss_of(weights, tokens, targets):
        h = weights["token"][tokens] + weights["position"]
        for i in range(sizes.layers):
            h = h + attention(norm(h, f"{i}.norm1", weights), i, weights)
            h = h + linear(
                jax.nn.gelu(linear(norm(h, f"{i}.norm2", weights), f"{i}.up", weights)), f"{i}.down", weights
            )
        logits = (norm(h, "norm", weights) @ weights["head"]).reshape(-1, sizes.vocabulary)
        return -jnp.take_along_axis(jax.nn.log_softmax(logits), targets[:, None], 1).mean()

    update, first = adam_in_jax(loss_of, parameters, DECAY)
    update, state = jax.jit(update, donate_argnums=0), [first]
    text = jnp.asarray(tokens, jnp.int32), jnp.asarray(targets, jnp.int32)

    def step():
        loss, state[0] = update(state[0], *text)
        return float(loss)

    return Work(step, lambda: _settled({name: np.array(state[0][1][name]) for name in parameters}))
