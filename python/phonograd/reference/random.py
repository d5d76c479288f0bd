"""Random numbers as functions of a key and a counter: Philox4x32-10 (Salmon and others, SC 2011).

Element `e` of a draw depends on the key and on `e` alone, so equal keys give equal numbers, on every machine, in any
order, and in any part. A float32 takes one word of a block of four, a float64 two.
"""

from __future__ import annotations

import math

from .arrays import as_index
from .dtypes import DType, float32, float64
from .errors import ArgumentError

Words = tuple[int, ...]
MASK = 0xFFFFFFFF
SPLIT, FOLD = 0x73706C74, 0x666F6C64  # "splt" and "fold": they keep the counters of draws, splits and folds apart


def philox(counter: Words, key: Words) -> Words:
    """Four random words for a counter of four words and a key of two.

    Examples:
        >>> from phonograd.reference.random import philox
        >>> [f"{word:08x}" for word in philox((0, 0, 0, 0), (0, 0))]
        ['6627e8d5', 'e169c58d', 'bc57ac4c', '9b00dbd8']
    """
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(10):
        p0, p1 = 0xD2511F53 * c0, 0xCD9E8D57 * c2
        c0, c1, c2, c3 = (p1 >> 32) ^ c1 ^ k0, p1 & MASK, (p0 >> 32) ^ c3 ^ k1, p0 & MASK
        k0, k1 = (k0 + 0x9E3779B9) & MASK, (k1 + 0xBB67AE85) & MASK
    return c0, c1, c2, c3


class Key:
    """A key for random draws, from a seed. A record draws from each key once; split it for more.

    Examples:
        >>> import phonograd.reference as pg
        >>> a, b = pg.Key(0).split()
        >>> a == b, a == pg.Key(0).split()[0]
        (False, True)
    """

    __slots__ = ("words",)

    def __init__(self, seed: int) -> None:
        n = as_index(seed, "Key")
        if not -(1 << 63) <= n < 1 << 64:
            raise ArgumentError(f"Key: seed is {n}; an integer of 64 bits would fit")
        self.words = (n & MASK, n >> 32 & MASK)

    def split(self, n: int = 2) -> tuple[Key, ...]:
        """`n` keys, independent of each other and of this one."""
        count = as_index(n, "split")
        if count < 0:
            raise ArgumentError(f"split: n is {count}; 0 or more would fit")
        return tuple(self._derive(i, SPLIT) for i in range(count))

    def fold_in(self, i: int) -> Key:
        """A key that also depends on a number, such as a step."""
        number = as_index(i, "fold_in")
        if not 0 <= number < 1 << 64:
            raise ArgumentError(f"fold_in: {number} does not fit; 0 to 2**64 - 1 would")
        return self._derive(number, FOLD)

    def _derive(self, i: int, domain: int) -> Key:
        low, high, *_ = philox((i & MASK, i >> 32, 0, domain), self.words)
        return Key(low | high << 32)

    def block(self, number: int) -> Words:
        """The four random words of a block of this key's draw."""
        return philox((number & MASK, number >> 32, 0, 0), self.words)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Key) and self.words == other.words

    def __hash__(self) -> int:
        return hash(self.words)

    def __repr__(self) -> str:
        return f"Key({self.words[0] | self.words[1] << 32})"


def uniforms(key: Key, count: int, dtype: DType) -> list[float]:
    """`count` numbers in [0, 1): multiples of 2**-24 as float32, of 2**-53 as float64, cut off for narrow floats."""
    drawn: list[float] = []
    for number in range(-(-count // (2 if dtype is float64 else 4))):
        a, b, c, d = key.block(number)
        if dtype is not float64:
            drawn += [(word >> 8) * 2.0**-24 for word in (a, b, c, d)]
        else:
            drawn += [((low | high << 32) >> 11) * 2.0**-53 for low, high in ((a, b), (c, d))]
    if dtype.digits:
        drawn = [math.floor(u * 2.0**dtype.digits) * 2.0**-dtype.digits for u in drawn]
    return drawn[:count]


def normals(key: Key, count: int, dtype: DType) -> list[float]:
    """`count` standard normal numbers, two from two uniforms (Box and Muller, 1958)."""
    u = uniforms(key, count + count % 2, float32 if dtype.digits else dtype)
    drawn = []
    for u1, u2 in zip(u[::2], u[1::2], strict=True):
        radius, angle = math.sqrt(-2.0 * math.log(1.0 - u1)), 2.0 * math.pi * u2
        drawn += [radius * math.cos(angle), radius * math.sin(angle)]
    return drawn[:count]
