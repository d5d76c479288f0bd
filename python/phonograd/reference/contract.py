"""Contractions: the batched matrix product is the one row, all others are made of it."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from .arrays import Array, Shape, broadcast_shapes
from .dtypes import DType, bool_, promote, total
from .elementwise import astype
from .errors import ArgumentError, DTypeError, ShapeError
from .graph import Row, apply, same_record
from .reduce import sum as sum_over
from .views import broadcast_to, moveaxis, permute, pick, reshape, swapaxes

if TYPE_CHECKING:
    from .tensor import Tensor


def _matmul(a: Array, b: Array) -> Array:
    batch, m, k, n = a.shape[0], a.shape[1], a.shape[2], b.shape[2]
    flat = []
    for i in range(batch):
        rows = [a.flat[(i * m + r) * k : (i * m + r + 1) * k] for r in range(m)]
        block = b.flat[i * k * n : (i + 1) * k * n]
        columns = [block[c::n] for c in range(n)]
        flat += [total(list(map(operator.mul, row, column))) for row in rows for column in columns]
    return Array((batch, m, n), a.dtype, flat)


def _matmul_vjp(g: Tensor, y: Tensor, a: Tensor, b: Tensor) -> list[Tensor]:
    return [apply(MATMUL, g, swapaxes(b, 1, 2)), apply(MATMUL, swapaxes(a, 1, 2), g)]


MATMUL = Row("matmul", _matmul, _matmul_vjp)


def matmul(a: Tensor, b: Tensor) -> Tensor:
    """The matrix product: a vector is a row on the left and a column on the right, leading axes broadcast.

    Examples:
        >>> import phonograd.reference as pg
        >>> rec = pg.Record()
        >>> (rec.tensor([[1.0, 2.0], [3.0, 4.0]]) @ rec.tensor([1.0, 1.0])).tolist()
        [3.0, 7.0]
    """
    same_record("matmul", a, b)
    dtype = _number("matmul", a, b)
    if a.ndim == 0 or b.ndim == 0:
        raise ShapeError(f"matmul: shapes {a.shape} and {b.shape}; scalars multiply with *")
    left = a if a.ndim > 1 else reshape(a, 1, a.size)
    right = b if b.ndim > 1 else reshape(b, b.size, 1)
    (*left_batch, m, k), (*right_batch, inner, n) = left.shape, right.shape
    if k != inner:
        hint = "left's last must equal right's second to last"
        raise ShapeError(f"matmul: inner sizes differ, left {a.shape}, right {b.shape}; {hint}")
    batch = broadcast_shapes("matmul", tuple(left_batch), tuple(right_batch))
    count = math.prod(batch)
    y = apply(
        MATMUL,
        reshape(broadcast_to(astype(left, dtype), (*batch, m, k)), count, m, k),
        reshape(broadcast_to(astype(right, dtype), (*batch, k, n)), count, k, n),
    )
    return reshape(y, [*batch, *([m] if a.ndim > 1 else []), *([n] if b.ndim > 1 else [])])


def _number(name: str, *operands: Tensor) -> DType:
    dtype = promote(x.dtype for x in operands)
    if dtype is bool_:
        raise DTypeError(f"{name}: dtype bool does not fit; numbers would, see astype")
    return dtype


def dot(a: Tensor, b: Tensor) -> Tensor:
    """The dot product: scalars multiply; else the last axis of `a` with the second to last of `b`, or its only one."""
    if a.ndim == 0 or b.ndim == 0:
        return a * b
    if b.ndim <= 2:
        return matmul(a, b)
    front = moveaxis(b, -2, 0)
    flat = matmul(a, reshape(front, front.shape[0], math.prod(front.shape[1:])))
    return reshape(flat, a.shape[:-1] + front.shape[1:])


def outer(a: Tensor, b: Tensor) -> Tensor:
    """All products of an element of `a` and one of `b`, both flattened."""
    return reshape(a, a.size, 1) * reshape(b, 1, b.size)


# Einstein summation -------------------------------------------------------------------------------------------------

Letters = Sequence[str]


class Term(NamedTuple):
    """An operand, and the letter of each of its axes."""

    x: Tensor
    letters: Letters


def einsum(subscripts: str, *tensors: Tensor) -> Tensor:
    """Sum products of elements as the subscripts say.

    Args:
        subscripts: One letter for each axis, operands separated by commas, then perhaps "->" and the letters of the
            result; without it these are the letters that appear once. An ellipsis stands for axes that broadcast.
        tensors: The operands.

    Examples:
        >>> import phonograd.reference as pg
        >>> a = pg.Record().tensor([[1.0, 2.0], [3.0, 4.0]])
        >>> pg.einsum("ii", a).item(), pg.einsum("ij,kj->ik", a, a).tolist()
        (5.0, [[5.0, 11.0], [11.0, 25.0]])
    """
    same_record("einsum", *tensors)
    terms, output = _parse(subscripts, tensors)
    dtype = _number("einsum", *tensors)
    sizes = _sizes(subscripts, terms)
    done: Term | None = None
    for at, term in enumerate(terms):
        later = {letter for t in terms[at + 1 :] for letter in t.letters}.union(output)
        term = _stretch(_diagonal(Term(astype(term.x, dtype), term.letters)), sizes)
        done = _sum_out(_multiply(done, term, later) if done else term, later)
    assert done is not None
    return permute(done.x, [done.letters.index(letter) for letter in output])


def _parse(subscripts: str, tensors: Sequence[Tensor]) -> tuple[list[Term], Letters]:
    """The letters of operands and result; an ellipsis becomes one name for each of its axes, counted from the right."""
    inputs, arrow, output = subscripts.replace(" ", "").partition("->")
    parts = inputs.split(",")
    if len(parts) != len(tensors):
        raise ArgumentError(f"einsum: {len(parts)} terms for {len(tensors)} operands in {subscripts!r}")

    def spell(part: str, dots: Callable[[int], int]) -> Letters:
        head, ellipsis, tail = part.partition("...")
        named = head + tail
        if not (named.isalpha() and named.isascii()) and named:
            raise ArgumentError(f"einsum: {part!r} in {subscripts!r}; letters and one ellipsis would fit")
        return [*head, *(f"...{i}" for i in reversed(range(dots(len(named)) if ellipsis else 0))), *tail]

    terms = []
    for x, part in zip(tensors, parts, strict=True):
        ndim = x.ndim
        letters = spell(part, lambda named, ndim=ndim: ndim - named)  # type: ignore[misc]
        if len(letters) != ndim:
            raise ArgumentError(f"einsum: {part!r} for shape {x.shape} in {subscripts!r}; one letter an axis would fit")
        terms.append(Term(x, letters))
    every = [letter for term in terms for letter in term.letters]
    widest = len({letter for letter in every if letter[0] == "."})
    if arrow:
        result = spell(output, lambda named: widest)
    else:
        once = sorted(letter for letter in every if letter[0] != "." and every.count(letter) == 1)
        result = [*(f"...{i}" for i in reversed(range(widest))), *once]
    if len(set(result)) < len(result) or not set(result) <= set(every):
        raise ArgumentError(f"einsum: output {output!r} in {subscripts!r}; letters of the inputs, once each, would fit")
    return terms, result


def _sizes(subscripts: str, terms: Sequence[Term]) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for term in terms:
        for letter, n in zip(term.letters, term.x.shape, strict=True):
            known = sizes.get(letter, 1)
            if n != known and 1 not in (n, known):
                raise ShapeError(f"einsum: sizes {known} and {n} for {letter!r} in {subscripts!r}; they must be equal")
            sizes[letter] = known if n == 1 else n
    return sizes


def _diagonal(term: Term) -> Term:
    """Axes with the same letter become one axis, which steps along all of them."""
    letters = list(dict.fromkeys(term.letters))
    if len(letters) == len(term.letters):
        return term
    x, steps = term.x, dict.fromkeys(letters, 0)
    shape: dict[str, int] = {}
    step = x.size
    for letter, n in zip(term.letters, x.shape, strict=True):
        if shape.setdefault(letter, n) != n:
            raise ShapeError(f"einsum: sizes {shape[letter]} and {n} for {letter!r} of one operand; they must be equal")
        step //= max(n, 1)
        steps[letter] += step
    positions = [0]
    for letter in letters:
        positions = [p + i * steps[letter] for p in positions for i in range(shape[letter])]
    return Term(pick("diagonal", x, tuple(shape[letter] for letter in letters), positions), letters)


def _stretch(term: Term, sizes: dict[str, int]) -> Term:
    return Term(broadcast_to(term.x, [sizes[letter] for letter in term.letters]), term.letters)


def _sum_out(term: Term, keep: set[str]) -> Term:
    """Sum over the axes that nobody asks for any more."""
    gone = [a for a, letter in enumerate(term.letters) if letter not in keep]
    if not gone:
        return term
    x = astype(sum_over(term.x, gone), term.x.dtype)  # as in a product, integers keep their dtype
    return Term(x, [letter for letter in term.letters if letter in keep])


def _multiply(a: Term, b: Term, keep: set[str]) -> Term:
    """The product of two operands as batches of matrices: shared axes are kept (batch) or summed (inner)."""
    a = _sum_out(a, keep.union(b.letters))
    b = _sum_out(b, keep.union(a.letters))
    shared = [letter for letter in a.letters if letter in b.letters]
    batch, inner = [s for s in shared if s in keep], [s for s in shared if s not in keep]
    rows, columns = [s for s in a.letters if s not in shared], [s for s in b.letters if s not in shared]
    left, right = _arranged(a, batch, rows, inner), _arranged(b, batch, inner, columns)
    sizes = {**dict(zip(a.letters, a.x.shape, strict=True)), **dict(zip(b.letters, b.x.shape, strict=True))}
    letters = [*batch, *rows, *columns]
    return Term(reshape(apply(MATMUL, left, right), [sizes[letter] for letter in letters]), letters)


def _arranged(term: Term, *parts: Letters) -> Tensor:
    """The operand as `[batch, row, column]`, with the letters of each part along one axis."""
    order = [term.letters.index(letter) for part in parts for letter in part]
    sizes = dict(zip(term.letters, term.x.shape, strict=True))
    shape: Shape = tuple(math.prod(sizes[letter] for letter in part) for part in parts)
    return reshape(permute(term.x, order), shape)
