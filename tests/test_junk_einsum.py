"""Einsum with random subscripts, sizes of 0 and 1, ellipses and slips: right as in NumPy, or refused by name."""

from __future__ import annotations

import random

import numpy as np
import pytest

import phonograd as pg

LETTERS = "abcdA"


def term(rng: random.Random, sizes: dict[str, int]) -> tuple[str, list[int]]:
    letters = "".join(rng.choices(LETTERS, k=rng.randint(0, 3)))
    shape = [sizes[letter] for letter in letters]
    if rng.random() < 0.3:
        at = rng.randint(0, len(letters))
        letters = f"{letters[:at]}...{letters[at:]}"
        shape[at:at] = rng.choice([[], [1], [2], [3, 2]])
    if shape and rng.random() < 0.1:
        shape[rng.randrange(len(shape))] = rng.choice([1, 2, 4])
    return letters, shape


def subscripts(rng: random.Random, terms: list[str]) -> str:
    joined = ",".join(terms)
    if rng.random() < 0.7:
        joined += "->" + "".join(rng.sample(LETTERS, rng.randint(0, 3))) + rng.choice(["", "..."])
    if rng.random() < 0.2:
        at = rng.randint(0, len(joined))
        joined = joined[:at] + rng.choice([" ", ".", ",", "-", ">", "é", "1", "...", "->"]) + joined[at:]
    return joined


@pytest.mark.parametrize("seed", range(10))
def test_einsum_with_any_subscripts(seed: int) -> None:
    """Whatever NumPy computes comes out the same; what it refuses may be refused, but never by accident."""
    rng, computed = random.Random(seed), 0
    for _ in range(400):
        sizes = {letter: rng.choice([0, 1, 2, 3]) for letter in LETTERS}
        terms, shapes = zip(*(term(rng, sizes) for _ in range(rng.randint(1, 3))), strict=True)
        arrays = [np.asarray(np.random.default_rng(seed).random(shape)) for shape in shapes]
        text, rec = subscripts(rng, list(terms)), pg.Record()
        try:
            expected = np.asarray(np.einsum(text, *arrays))
        except (ValueError, TypeError, UnicodeError):
            expected = None
        try:
            got = pg.einsum(text, *[rec.tensor(array) for array in arrays]).data()
        except (pg.ShapeError, pg.ArgumentError):
            assert expected is None, (text, shapes)
            continue
        if expected is not None:
            computed += 1
            assert got.shape == expected.shape, (text, shapes)
            np.testing.assert_allclose(got, expected, rtol=1e-12, err_msg=text)
    assert computed > 100


def test_einsum_of_thousands_of_operands() -> None:
    rec = pg.Record()
    assert pg.einsum(",".join(["i"] * 3000) + "->", *[rec.ones(2)] * 3000).item() == 2.0
