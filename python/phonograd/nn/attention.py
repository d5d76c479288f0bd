"""Attention, with a cache of keys and values for generation, and the transformer's block."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from phonograd._core import ArgumentError, InputError, Tensor, scaled_dot_product_attention, where
from phonograd._values import count, flag, floating

from .activations import GELU
from .containers import Dropout
from .linear import Linear
from .module import Module
from .norm import LayerNorm

if TYPE_CHECKING:
    from phonograd._core import DType, Key, Record

    from .init import Init


class KVCache(NamedTuple):
    """Keys and values of the positions so far, in room for more: a value that attention takes and returns the next of.

    Its size does not change while it fills, so every position runs the same plan. It may be carried from record to
    record.
    """

    keys: Tensor
    """`(batch, heads, capacity, width)`."""
    values: Tensor
    """The same of the values."""
    length: int = 0
    """How many positions are filled."""

    def append(self, keys: Tensor, values: Tensor) -> KVCache:
        """The cache with further positions filled."""
        rec, count, capacity = keys.record, keys.shape[2], self.keys.shape[2]
        if self.length + count > capacity:
            raise ArgumentError(
                f"KVCache: length is {self.length} + {count}; expected at most its capacity, {capacity}"
            )
        offset = rec.arange(capacity) - self.length  # a number at run time, so that all positions share a plan
        fresh = ((offset >= 0) & (offset < count)).reshape(capacity, 1)
        source = offset.clip(0, count - 1)

        def filled(old: Tensor, new: Tensor) -> Tensor:
            old = old if old.record is rec else rec.tensor(old)
            return where(fresh, new.take(source, axis=2), old)

        return KVCache(filled(self.keys, keys), filled(self.values, values), self.length + count)


class MultiHeadAttention(Module):
    """Scaled dot-product attention in several heads (Vaswani and others, 2017).

    The parameters are those of four linear layers: `query`, `key`, `value` and `out`.

    Args:
        features: The size of the last axis of inputs and outputs.
        heads: How many heads share it.
        causal: Whether a position sees only those up to itself.
        bias: Whether the four linear layers have one.
        dropout: The share of attention weights that is set to 0 while training.
        init: What their weights start from.
        out_init: What the weight of `out` starts from, if from something else.
        dtype: The dtype of the parameters.

    Example:
        >>> attention = pg.nn.MultiHeadAttention(8, heads=2, causal=True)
        >>> rec = pg.Record(pg.ParameterStore(seed=0))
        >>> x = rec.normal(pg.Key(0), (1, 5, 8))
        >>> y, cache = attention(x[:, :4], cache=attention.cache(rec, batch=1, capacity=5))
        >>> z, cache = attention(x[:, 4:], cache=cache)
        >>> bool((abs(pg.concat([y, z], axis=1) - attention(x)) < 1e-5).all()), cache.length
        (True, 5)
    """

    def __init__(
        self,
        features: int,
        heads: int,
        *,
        causal: bool = False,
        bias: bool = True,
        dropout: float = 0.0,
        init: Init = "glorot_uniform",
        out_init: Init | None = None,
        dtype: DType | str = "float32",
    ) -> None:
        count("MultiHeadAttention", 1, features=features, heads=heads)
        flag("MultiHeadAttention", causal=causal)
        if features % heads:
            raise ArgumentError(f"MultiHeadAttention: heads is {heads}; expected a divisor of {features} features")
        self.features, self.heads, self.causal = features, heads, causal
        self.dtype = floating("MultiHeadAttention", dtype)
        self.query = Linear(features, features, bias, init=init, dtype=dtype)
        self.key = Linear(features, features, bias, init=init, dtype=dtype)
        self.value = Linear(features, features, bias, init=init, dtype=dtype)
        self.out = Linear(features, features, bias, init=init if out_init is None else out_init, dtype=dtype)
        self.drop = Dropout(dropout)

    def cache(self, rec: Record, batch: int, capacity: int) -> KVCache:
        """An empty cache with room for a number of positions."""
        shape = batch, self.heads, capacity, self.features // self.heads
        return KVCache(rec.zeros(shape, self.dtype), rec.zeros(shape, self.dtype))

    def forward(
        self,
        x: Tensor,
        memory: Tensor | None = None,
        *,
        mask: Tensor | None = None,
        cache: KVCache | None = None,
        train: bool = False,
        key: Key | None = None,
    ) -> Any:
        """What each position gathers from those it sees.

        Args:
            x: Queries, `(batch, positions, features)`.
            memory: Where keys and values come from, of the same layout; by default the queries' own positions.
            mask: True where a query sees a key; broadcast against `(batch, heads, queries, keys)`. A query that sees
                none gathers zeros.
            cache: Positions before these.
            train: Whether to drop attention weights.
            key: A random key for that.

        Returns:
            `(batch, positions, features)`; with a cache, that and the next cache.
        """
        shape = self.shape_of(x)
        if len(shape) != 3 or shape[2] != self.features:
            raise self.misfit(shape, f"(batch, positions, {self.features})")
        source = x if memory is None else memory
        given = self.shape_of(source, "memory")
        if given != (shape[0], *given[1:2], self.features):
            raise self.misfit(given, f"({shape[0]}, positions, {self.features})", "memory")
        if memory is not None and (self.causal or cache is not None):
            raise ArgumentError(f"{self._title()}: memory has no order; expected no cache, and causal=False")

        query, keys, values = self._split(self.query(x)), self._split(self.key(source)), self._split(self.value(source))
        if cache is not None and not isinstance(cache, KVCache):
            raise InputError(f"{self._title()}: cannot read cache from {type(cache).__name__}; expected a KVCache")
        first = 0 if cache is None else cache.length
        if cache is not None:
            capacity = cache.keys.shape[-2]
            if not cache.keys.shape == cache.values.shape == (*keys.shape[:2], capacity, keys.shape[3]):
                fits = f"({keys.shape[0]}, {keys.shape[1]}, capacity, {keys.shape[3]})"
                raise self.misfit(cache.keys.shape, fits, "cache")
            cache = cache.append(keys, values)
            keys, values = cache.keys, cache.values
        dropout = self.drop.share(train=train, key=key)
        if cache is None:
            causal, seen = self.causal, mask
        else:
            causal, seen = False, self._filled(query, keys, first, mask)
        gathered = scaled_dot_product_attention(query, keys, values, seen, causal, dropout=dropout, key=key)
        y = self.out(gathered.swapaxes(1, 2).reshape(shape))
        return y if cache is None else (y, cache)

    def _split(self, x: Tensor) -> Tensor:
        """Heads apart: `(batch, heads, positions, width)`."""
        batch, positions, features = x.shape
        return x.reshape(batch, positions, self.heads, features // self.heads).swapaxes(1, 2)

    def _filled(self, query: Tensor, keys: Tensor, first: int, mask: Tensor | None) -> Tensor:
        """What queries see of a cache: positions that are filled, or only those up to their own."""
        rec, queries = query.record, query.shape[2]
        last = rec.arange(queries).reshape(queries, 1) + first if self.causal else first + queries - 1
        before = rec.arange(keys.shape[2]) <= last
        return before if mask is None else before & mask


class TransformerBlock(Module):
    """`x + attention(norm(x))`, then `x + mlp(norm(x))`: normalisation first, as in GPT-2.

    Args:
        features: The size of the last axis.
        heads: How many attention heads share it.
        hidden: The size between the two layers of the perceptron; four times the features by default.
        causal: Whether a position sees only those up to itself.
        bias: Whether linear layers and norms have one.
        dropout: The share that is set to 0 while training: of attention weights, and of what both halves add.
        init: What weights start from.
        out_init: What the weights of the last layers of both halves start from, if from something else.
        dtype: The dtype of the parameters.

    Example:
        >>> block = pg.nn.TransformerBlock(8, heads=2, causal=True)
        >>> block(pg.Record(pg.ParameterStore()).ones((1, 5, 8))).shape
        (1, 5, 8)
    """

    def __init__(
        self,
        features: int,
        heads: int,
        hidden: int | None = None,
        *,
        causal: bool = False,
        bias: bool = True,
        dropout: float = 0.0,
        init: Init = "glorot_uniform",
        out_init: Init | None = None,
        dtype: DType | str = "float32",
    ) -> None:
        count("TransformerBlock", 1, features=features)
        hidden, last = 4 * features if hidden is None else hidden, init if out_init is None else out_init
        self.norm1 = LayerNorm(features, bias, dtype=dtype)
        self.attention = MultiHeadAttention(
            features, heads, causal=causal, bias=bias, dropout=dropout, init=init, out_init=last, dtype=dtype
        )
        self.norm2 = LayerNorm(features, bias, dtype=dtype)
        self.up = Linear(features, hidden, bias, init=init, dtype=dtype)
        self.activation = GELU()
        self.down = Linear(hidden, features, bias, init=last, dtype=dtype)
        self.drop = Dropout(dropout)

    def cache(self, rec: Record, batch: int, capacity: int) -> KVCache:
        """An empty cache with room for a number of positions."""
        return self.attention.cache(rec, batch, capacity)

    def forward(
        self,
        x: Tensor,
        *,
        mask: Tensor | None = None,
        cache: KVCache | None = None,
        train: bool = False,
        key: Key | None = None,
    ) -> Any:
        """The block's output; with a cache, that and the next cache."""
        keys: tuple[Key | None, ...] = (None, None, None) if key is None else key.split(3)
        y = self.attention(self.norm1(x), mask=mask, cache=cache, train=train, key=keys[0])
        if cache is not None:
            y, cache = y
        x = x + self.drop(y, train=train, key=keys[1])
        y = self.down(self.activation(self.up(self.norm2(x))))
        x = x + self.drop(y, train=train, key=keys[2])
        return x if cache is None else (x, cache)
