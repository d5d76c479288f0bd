"""Draws of each distribution: the distribution function, moments, bounds, and gradients by the parameters."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy import special, stats

import phonograd as pg
from compare import array_of

COUNT = 40_000
SHAPE = (200, 200)
Draw = Callable[[pg.Record, pg.Key], pg.Tensor]


def _both_sides(distribution: Any) -> Any:
    """The distribution of a number with a sign."""
    return SimpleNamespace(cdf=lambda x: 0.5 + 0.5 * np.sign(x) * distribution.cdf(abs(x)))


CONTINUOUS: dict[str, tuple[Draw, Any]] = {
    "exponential": (lambda rec, key: rec.exponential(key, SHAPE, scale=2.0), stats.expon(scale=2.0)),
    "laplace": (lambda rec, key: rec.laplace(key, SHAPE, 1.0), stats.laplace(1.0)),
    "logistic": (lambda rec, key: rec.logistic(key, SHAPE, -1.0, 0.5), stats.logistic(-1.0, 0.5)),
    "cauchy": (lambda rec, key: rec.cauchy(key, SHAPE), stats.cauchy()),
    "gumbel": (lambda rec, key: rec.gumbel(key, SHAPE), stats.gumbel_r()),
    "truncated_normal": (lambda rec, key: rec.truncated_normal(key, SHAPE), stats.truncnorm(-2, 2)),
    "truncated_normal-tail": (lambda rec, key: rec.truncated_normal(key, SHAPE, 8.0, 9.0), stats.truncnorm(8, 9)),
    "truncated_normal-moved": (
        lambda rec, key: rec.truncated_normal(key, SHAPE, -1.0, 3.0, 5.0, 2.0),
        stats.truncnorm(-1, 3, 5, 2),
    ),
    "gamma-small": (lambda rec, key: rec.gamma(key, 0.3, SHAPE), stats.gamma(0.3)),
    "gamma": (lambda rec, key: rec.gamma(key, 7.0, SHAPE), stats.gamma(7.0)),
    "beta": (lambda rec, key: rec.beta(key, 0.5, 2.0, SHAPE), stats.beta(0.5, 2.0)),
    "beta-even": (lambda rec, key: rec.beta(key, 3.0, 3.0, SHAPE), stats.beta(3.0, 3.0)),
    "student_t": (lambda rec, key: rec.student_t(key, 3.0, SHAPE), stats.t(3.0)),
    "loggamma": (lambda rec, key: rec.loggamma(key, 0.2, SHAPE), stats.loggamma(0.2)),
    "chisquare": (lambda rec, key: rec.chisquare(key, 3.0, SHAPE), stats.chi2(3.0)),
    "f": (lambda rec, key: rec.f(key, 5.0, 3.0, SHAPE), stats.f(5.0, 3.0)),
    "pareto": (lambda rec, key: rec.pareto(key, 2.5, SHAPE), stats.pareto(2.5)),
    "weibull_min": (lambda rec, key: rec.weibull_min(key, 2.0, 1.5, SHAPE), stats.weibull_min(1.5, scale=2.0)),
    "rayleigh": (lambda rec, key: rec.rayleigh(key, SHAPE, 1.0, 2.0), stats.rayleigh(1.0, 2.0)),
    "maxwell": (lambda rec, key: rec.maxwell(key, SHAPE, scale=0.5), stats.maxwell(scale=0.5)),
    "double_sided_maxwell": (lambda rec, key: rec.double_sided_maxwell(key, SHAPE), _both_sides(stats.maxwell())),
    "lognormal": (lambda rec, key: rec.lognormal(key, SHAPE, 0.5, 0.7), stats.lognorm(0.7, scale=np.exp(0.5))),
    "triangular": (lambda rec, key: rec.triangular(key, -1.0, 0.5, 3.0, SHAPE), stats.triang(1.5 / 4, -1.0, 4.0)),
    "triangular-edge": (lambda rec, key: rec.triangular(key, 0.0, 0.0, 1.0, SHAPE), stats.triang(0.0)),
    "generalized_normal": (lambda rec, key: rec.generalized_normal(key, 1.5, SHAPE), stats.gennorm(1.5)),
    "wald": (lambda rec, key: rec.wald(key, 2.0, SHAPE), stats.invgauss(2.0)),
    "wald-far": (lambda rec, key: rec.wald(key, 0.01, SHAPE), stats.invgauss(0.01)),
    "multivariate_normal": (
        lambda rec, key: rec.multivariate_normal(key, np.ones(2), np.array([[2.0, 0.3], [0.3, 0.5]]), SHAPE).sum(-1),
        stats.norm(2.0, np.sqrt(3.1)),
    ),
    "orthogonal": (lambda rec, key: rec.orthogonal(key, 4, SHAPE)[..., 1, 2], stats.beta(1.5, 1.5, -1.0, 2.0)),
    "ball": (lambda rec, key: rec.ball(key, 3, 2.0, SHAPE)[..., 0], stats.beta(2.0, 2.0, -1.0, 2.0)),
    "ball-1": (lambda rec, key: rec.ball(key, 3, 1.0, SHAPE).abs().sum(-1) ** 3, stats.uniform()),
    "dirichlet": (lambda rec, key: rec.dirichlet(key, np.array([0.7, 1.0, 2.0]), SHAPE)[..., 0], stats.beta(0.7, 3.0)),
}


@pytest.mark.parametrize("name", CONTINUOUS)
def test_draws_have_the_distribution(name: str) -> None:
    draw, distribution = CONTINUOUS[name]
    x = array_of(draw(pg.Record(), pg.Key(11))).ravel().astype(float)
    assert (x.size, np.isfinite(x).all()) == (COUNT, True)
    assert stats.kstest(x, distribution.cdf).pvalue > 0.01
    again = array_of(draw(pg.Record(), pg.Key(11))).ravel()
    np.testing.assert_array_equal(x, again)
    assert (array_of(draw(pg.Record(), pg.Key(12))).ravel() != again).mean() > 0.9


def test_draws_of_neighbours_are_independent() -> None:
    """Of one key, of a key and its children, which some draws use."""
    rec = pg.Record()
    for x in (
        rec.gamma(pg.Key(1), 2.0, SHAPE),
        rec.beta(pg.Key(2), 2.0, 2.0, SHAPE),
        rec.student_t(pg.Key(3), 5.0, SHAPE),
    ):
        flat = array_of(x).ravel()
        assert abs(np.corrcoef(flat[:-1], flat[1:])[0, 1]) < 0.02
    points = array_of(rec.dirichlet(pg.Key(4), np.full(3, 2.0), (COUNT,)))
    np.testing.assert_allclose(points.sum(-1), 1.0, rtol=1e-6)
    np.testing.assert_allclose(np.corrcoef(points.T), np.eye(3) * 1.5 - 0.5, atol=0.02)


@pytest.mark.parametrize("rate", [0.2, 4.0, 300.0, 1e6])
def test_poisson_counts(rate: float) -> None:
    x = array_of(pg.Record().poisson(pg.Key(5), rate, SHAPE)).ravel()
    assert x.dtype == np.int64
    assert abs(x.mean() - rate) < 4 * np.sqrt(rate / COUNT)
    assert abs(x.var() / rate - 1) < 0.04
    if rate < 10:
        seen = np.bincount(x, minlength=20)[:20]
        wanted = stats.poisson(rate).pmf(np.arange(20)) * COUNT
        assert (
            stats.chisquare(
                seen[wanted > 5], wanted[wanted > 5] * seen[wanted > 5].sum() / wanted[wanted > 5].sum()
            ).pvalue
            > 0.01
        )


def test_integers_signs_and_choices_are_even() -> None:
    rec, keys = pg.Record(), pg.Key(6).split(5)
    dice = array_of(rec.randint(keys[0], 1, 7, SHAPE))
    assert stats.chisquare(np.bincount(dice.ravel())[1:]).pvalue > 0.01
    assert set(np.unique(dice)) == set(range(1, 7))
    assert abs(array_of(rec.rademacher(keys[1], SHAPE)).mean()) < 0.02
    picked = array_of(rec.choice(keys[2], np.array([10.0, 20.0, 30.0]), SHAPE))
    assert stats.chisquare(np.unique(picked, return_counts=True)[1]).pvalue > 0.01
    few = array_of(rec.choice(keys[3], np.arange(1000), (30, 10), replace=False))
    assert np.unique(few).size == 300
    assert abs(few.mean() - 499.5) < 70
    wide = array_of(rec.randint(keys[4], -(2**52), 2**52, (1000,)))
    assert wide.min() < -(2**51) < 2**51 < wide.max()


def test_choices_by_weight_are_as_frequent() -> None:
    rec, weights = pg.Record(), np.array([0.0, 3.0, 1.0, 0.0, 6.0, 0.0])
    picked = array_of(rec.choice(pg.Key(1), 6, SHAPE, p=weights))
    counts = np.bincount(picked.ravel(), minlength=6)
    assert counts[weights == 0].sum() == 0
    assert stats.chisquare(counts[weights > 0], weights[weights > 0] * COUNT / 10).pvalue > 1e-3
    # Without replacement: the second of two is drawn by the weights of what the first has left.
    weights = np.array([1.0, 2.0, 5.0])
    pairs = [array_of(rec.choice(key, 3, (2,), False, weights)) for key in pg.Key(2).split(4000)]
    assert all(first != second for first, second in pairs)
    ways = [(a, b) for a in range(3) for b in range(3) if a != b]
    expected = [weights[a] / 8 * weights[b] / (8 - weights[a]) * len(pairs) for a, b in ways]
    found = [sum((first, second) == way for first, second in pairs) for way in ways]
    assert stats.chisquare(found, expected).pvalue > 1e-3


def test_gradients_of_choices_go_where_they_were_drawn() -> None:
    rec = pg.Record()
    x, p = rec.tensor([[1.0, 2.0], [3.0, 4.0]]), rec.tensor([0.0, 1.0])
    grads = rec.choice(pg.Key(1), x, (3,), p=p).sum().grad()
    assert grads.wrt(x).tolist() == [[0.0, 0.0], [3.0, 3.0]]
    assert grads.wrt(p).tolist() == [0.0, 0.0]


def test_permutations_are_even() -> None:
    rec = pg.Record()
    orders = np.array([array_of(rec.permutation(key, 4)) for key in pg.Key(7).split(6000)])
    assert (np.sort(orders, 1) == np.arange(4)).all()
    _, counts = np.unique(orders, axis=0, return_counts=True)
    assert counts.size == 24
    assert stats.chisquare(counts).pvalue > 0.01


def test_categories_have_the_probabilities_of_the_softmax() -> None:
    rec = pg.Record()
    logits = np.log([[0.1, 0.2, 0.7], [0.5, 0.5, 0.0 + 1e-30]])
    x = array_of(rec.categorical(pg.Key(8), logits, shape=(COUNT, 2)))
    for row, shares in zip(x.T, special.softmax(logits, -1), strict=True):
        np.testing.assert_allclose(np.bincount(row, minlength=3) / COUNT, shares, atol=0.01)
    assert rec.categorical(pg.Key(9), logits, axis=0).shape == (3,)
    assert rec.categorical(pg.Key(10), logits).shape == (2,)


# Gradients ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("a", [0.05, 0.4, 1.0, 3.0, 40.0, 2e5])
def test_gradient_of_gamma_draws_is_that_of_the_quantile(a: float) -> None:
    rec = pg.Record()
    shape = rec.tensor(np.full(50, a))
    x = rec.gamma(pg.Key(1), shape)
    slope = array_of(x.grad(np.ones(50)).wrt(shape))
    share = special.gammainc(a, array_of(x))
    inside = (share > 1e-4) & (share < 1 - 1e-4)
    h = 1e-3 * a
    quantile = lambda b: special.gammaincinv(b, share)  # noqa: E731
    difference = (
        sum(w * (quantile(a + k * h) - quantile(a - k * h)) for k, w in ((1, 3 / 4), (2, -3 / 20), (3, 1 / 60))) / h
    )
    assert inside.sum() > 30
    np.testing.assert_allclose(slope[inside], difference[inside], rtol=1e-6)


@pytest.mark.parametrize(
    ("draw", "parameters", "expected"),
    [
        # the expectation's gradient is the mean gradient
        (lambda rec, key, a: rec.gamma(key, a.broadcast_to(SHAPE)), [2.5], lambda a: a),
        (lambda rec, key, a, b: rec.beta(key, a.broadcast_to(SHAPE), b), [2.0, 3.0], lambda a, b: a / (a + b)),
        (lambda rec, key, a: rec.dirichlet(key, a, SHAPE)[..., 1], [[1.0, 2.0, 4.0]], lambda a: a[1] / a.sum()),
        (lambda rec, key, df: rec.student_t(key, df.broadcast_to(SHAPE)).square().clip(max=9.0), [6.0], None),
        (lambda rec, key, s: rec.exponential(key, SHAPE, dtype="float64") * s, [2.0], lambda s: s),
        (lambda rec, key, m, s: rec.normal(key, SHAPE, m, s).square(), [0.5, 2.0], lambda m, s: m * m + s * s),
        (lambda rec, key, a, b: rec.uniform(key, SHAPE, a, b), [-1.0, 2.0], lambda a, b: (a + b) / 2),
        (lambda rec, key, m, s: rec.laplace(key, SHAPE, m, s).abs(), [0.0, 1.5], lambda m, s: s),
        (lambda rec, key, m, s: rec.lognormal(key, SHAPE, m, s), [0.1, 0.4], lambda m, s: np.exp(m + s * s / 2)),
        (
            lambda rec, key, *of: rec.truncated_normal(key, SHAPE, *of),
            [-1.0, 1.5, 0.2, 2.0],
            lambda a, b, m, s: stats.truncnorm(a, b, m, s).mean(),
        ),
        (lambda rec, key, df: rec.chisquare(key, df.broadcast_to(SHAPE)), [3.0], lambda df: df),
        (
            lambda rec, key, a, b: rec.f(key, a.broadcast_to(SHAPE), b).log(),
            [5.0, 8.0],
            lambda a, b: special.psi(a / 2) - special.psi(b / 2) + np.log(b / a),
        ),
        (lambda rec, key, a: rec.loggamma(key, a.broadcast_to(SHAPE)), [1.5], special.psi),
        (lambda rec, key, b: rec.pareto(key, b.broadcast_to(SHAPE)).log(), [2.0], lambda b: 1 / b),
        (
            lambda rec, key, s, c: rec.weibull_min(key, s.broadcast_to(SHAPE), c),
            [2.0, 1.5],
            lambda s, c: s * special.gamma(1 + 1 / c),
        ),
        (lambda rec, key, *of: rec.triangular(key, *of, SHAPE), [-1.0, 0.5, 3.0], lambda a, m, b: (a + m + b) / 3),
        (
            lambda rec, key, p: rec.generalized_normal(key, p, SHAPE).abs(),
            [1.5],
            lambda p: special.gamma(2 / p) / special.gamma(1 / p),
        ),
        (
            lambda rec, key, m: rec.wald(key, m, SHAPE).log(),
            [0.7],
            lambda m: stats.invgauss(m).expect(np.log, lb=1e-9, ub=60.0),
        ),
        (
            lambda rec, key, m, c: (rec.multivariate_normal(key, m, c, SHAPE) ** 2).sum(-1),
            [[1.0, -1.0], [[2.0, 0.3], [0.3, 0.5]]],
            lambda m, c: (m * m).sum() + np.trace(c),
        ),
    ],
    ids=[
        "gamma",
        "beta",
        "dirichlet",
        "student_t",
        "exponential",
        "normal",
        "uniform",
        "laplace",
        "lognormal",
        "truncated_normal",
        "chisquare",
        "f",
        "loggamma",
        "pareto",
        "weibull_min",
        "triangular",
        "generalized_normal",
        "wald",
        "multivariate_normal",
    ],
)
def test_gradients_of_expectations(draw: Any, parameters: list[Any], expected: Any) -> None:
    rec = pg.Record()
    values = [np.array(p) for p in parameters]
    inputs = [rec.tensor(v) for v in values]
    mean = draw(rec, pg.Key(3), *inputs).mean()
    grads = mean.grad()
    if expected is None:
        df, top, h = parameters[0], 3.0, 1e-4
        truth = lambda d: stats.t(d).expect(lambda x: min(x * x, top * top), lb=-200, ub=200, limit=400)  # noqa: E731
        assert abs(grads.wrt(inputs[0]).item() - (truth(df + h) - truth(df - h)) / (2 * h)) < 0.02
        return
    assert abs(mean.item() - expected(*values)) < 0.02
    for i, x in enumerate(inputs):
        for place in np.ndindex(values[i].shape):
            moved = [[v.copy() for v in values] for _ in range(2)]
            moved[0][i][place] += 1e-5
            moved[1][i][place] -= 1e-5
            slope = (expected(*moved[0]) - expected(*moved[1])) / 2e-5
            assert abs(array_of(grads.wrt(x))[place] - slope) < 0.02


def test_parameters_for_each_element_are_those_of_numbers() -> None:
    """Draws with tensors of one value are draws with the number, and their gradient is what moves each element."""
    rng = np.random.default_rng(3)
    names = ("exponential", "laplace", "logistic", "cauchy", "gumbel", "rayleigh", "maxwell", "double_sided_maxwell")
    for name in (*names, "normal", "uniform", "lognormal"):
        plain = array_of(getattr(pg.Record(), name)(pg.Key(1), (3, 4), 0.5, 2.0, "float64"))
        rec = pg.Record()
        first, second = rec.full((4,), 0.5, "float64"), rec.full((3, 1), 2.0, "float64")
        y = getattr(rec, name)(pg.Key(1), None, first, second)
        assert (y.shape, y.dtype) == ((3, 4), "float64")
        np.testing.assert_allclose(array_of(y), plain, rtol=1e-14)
        g = rng.normal(size=(3, 4))
        grads = y.grad(g)
        standard = array_of(getattr(pg.Record(), name)(pg.Key(1), (3, 4), dtype="float64"))
        standard, g = (np.log(standard), g * plain) if name == "lognormal" else (standard, g)
        low, high = (1 - standard, standard) if name == "uniform" else (np.ones((3, 4)), standard)
        np.testing.assert_allclose(array_of(grads.wrt(first)), (g * low).sum(0), rtol=1e-12)
        np.testing.assert_allclose(array_of(grads.wrt(second)), (g * high).sum(1, keepdims=True), rtol=1e-12)


def test_second_derivative_of_a_quantile_is_that_of_the_quantile() -> None:
    rec = pg.Record()
    mean = rec.tensor(np.full(40, 0.7))
    y = rec.wald(pg.Key(4), mean)
    bend = array_of(y.sum().grad().wrt(mean).sum().grad().wrt(mean))
    with np.errstate(all="ignore"):
        share = stats.invgauss(0.7).cdf(array_of(y))
        h = 1e-3
        quantile = [stats.invgauss(0.7 + k * h).ppf(share) for k in (-2, -1, 0, 1, 2)]
    difference = np.dot([-1 / 12, 4 / 3, -5 / 2, 4 / 3, -1 / 12], quantile) / h**2
    inside = (share > 1e-3) & (share < 0.999)
    assert inside.sum() > 30
    np.testing.assert_allclose(bend[inside], difference[inside], rtol=1e-3, atol=1e-4)


def test_a_permutation_of_a_tensor_is_along_an_axis() -> None:
    rec = pg.Record()
    x = rec.tensor(np.arange(12.0).reshape(3, 4))
    y = rec.permutation(pg.Key(3), x, axis=1)
    order = array_of(y)[0].astype(int)
    assert sorted(order) == [0, 1, 2, 3]
    assert order.tolist() == array_of(pg.Record().permutation(pg.Key(3), 4)).tolist()
    np.testing.assert_array_equal(array_of(y), array_of(x)[:, order])
    g = np.random.default_rng(0).normal(size=(3, 4))
    np.testing.assert_array_equal(array_of(y.grad(g).wrt(x))[:, order], g)
    with pytest.raises(pg.AxisError, match=r"^permutation: axis 2 "):
        rec.permutation(pg.Key(4), x, 2)


def test_tries_up_to_the_first_success() -> None:
    x = array_of(pg.Record().geometric(pg.Key(5), 0.3, SHAPE)).ravel()
    assert (x.dtype, x.min()) == (np.int64, 1)
    wanted = stats.geom(0.3).pmf(np.arange(1, 15))
    seen = np.bincount(x, minlength=15)[1:15]
    assert stats.chisquare(seen, wanted * seen.sum() / wanted.sum()).pvalue > 0.01


@pytest.mark.parametrize(("n", "p"), [(12, 0.3), (1, 0.7), (40, 0.98), (10**6, 1e-6)])
def test_binomial_counts(n: int, p: float) -> None:
    x = array_of(pg.Record().binomial(pg.Key(15), n, p, SHAPE)).ravel()
    places = np.arange(min(n, 60) + 1)
    wanted = stats.binom(n, p).pmf(places) * COUNT
    seen = np.bincount(x, minlength=places.size)
    often = wanted > 5
    assert (x.dtype, x.size, x.max() <= n) == (np.int64, COUNT, True)
    assert stats.chisquare(seen[often], wanted[often] * seen[often].sum() / wanted[often].sum()).pvalue > 0.01


def test_multinomial_counts() -> None:
    n, p = 12, np.array([2.0, 0.0, 3.0, 5.0])
    x = array_of(pg.Record().multinomial(pg.Key(6), n, p, (COUNT,)))
    assert (x.sum(-1) == n).all()
    for k, share in enumerate(p / 10):
        seen, wanted = np.bincount(x[:, k], minlength=n + 1), stats.binom(n, share).pmf(np.arange(n + 1)) * COUNT
        often = wanted > 5
        if share:
            assert stats.chisquare(seen[often], wanted[often] * seen[often].sum() / wanted[often].sum()).pvalue > 0.01
    np.testing.assert_allclose(np.cov(x.T), n * (np.diag(p / 10) - np.outer(p, p) / 100), atol=0.08)
    tries = pg.Record().multinomial(pg.Key(7), np.array([1, 100]), p)
    assert array_of(tries).sum(-1).tolist() == [1, 100]


# Keys and refusals ----------------------------------------------------------------------------------------------------


def test_each_key_is_used_once() -> None:
    rec = pg.Record()
    rec.permutation(pg.Key(1), 3)
    for draw in (rec.normal, rec.gumbel, lambda key: rec.permutation(key, 3), lambda key: rec.gamma(key, 1.0)):
        with pytest.raises(pg.KeyReuseError):
            draw(pg.Key(1))


def test_what_cannot_be_drawn_is_refused() -> None:
    rec, key = pg.Record(), pg.Key(0)
    cases = [
        (lambda: rec.randint(key, 3, 3), "randint: low, high is 3 and 3; expected a range of 1 to 2**53 integers"),
        (lambda: rec.randint(key, 0, 300, dtype="uint8"), "randint: dtype uint8 does not fit; expected an integer "
         "dtype that has them all"),
        (lambda: rec.truncated_normal(key, (), 1.0, 1.0), "truncated_normal: low, high is 1.0 and 1.0; expected the "
         "lower bound first"),
        (lambda: rec.gumbel(key, dtype="int64"), "gumbel: dtype int64 does not fit; expected a float dtype"),
        (lambda: rec.rademacher(key, dtype="uint8"), "rademacher: dtype uint8 does not fit; expected a dtype "
         "with a sign"),
        (lambda: rec.choice(key, np.ones(3), (4,), replace=False), "choice: shape is (4,); expected no more elements "
         "than there are, without replacement"),
        (lambda: rec.choice(key, 3, p=[0.5, 0.5]), "choice: p has shape (2,); expected (3,)"),
        (lambda: rec.choice(key, 3, (4,), False, [0.2, 0.3, 0.5]), "choice: shape is (4,); expected no more elements "
         "than there are, without replacement"),
        (lambda: rec.choice(key, 3.0), "choice: input of shape () has 0 axes; expected at least 1"),
        (lambda: rec.dirichlet(key, 1.0), "dirichlet: alpha of shape () has 0 axes; expected at least 1"),
        (lambda: rec.ball(key, 3, 0.0), "ball: p is 0.0; expected a positive order"),
        (lambda: rec.binomial(key, 3, -0.5), "binomial: p is -0.5; expected a probability"),
        (lambda: rec.multinomial(key, 3, 0.5), "multinomial: p of shape () has 0 axes; expected at least 1"),
        (lambda: rec.geometric(key, 1.5), "geometric: p is 1.5; expected a probability"),
        (lambda: rec.multivariate_normal(key, np.ones(3), np.eye(2)), "multivariate_normal: cov has shape (2, 2); "
         "expected (3, 3)"),
        (lambda: rec.multivariate_normal(key, 0.0, np.eye(1)), "multivariate_normal: mean of shape () has 0 axes; "
         "expected at least 1"),
        (lambda: rec.normal(key, (2,), np.ones(3)), "normal: shape (3,) does not expand to (2,); only sizes of 1 "
         "stretch, and axes are added on the left"),
        (lambda: rec.permutation(key, -1), "permutation: shape is (-1,); expected sizes of 0 or more"),
        (lambda: rec.normal(key, std=-1.0), "normal: std is -1.0; expected a number from 0 up"),
        (lambda: rec.truncated_normal(key, std=np.nan), "truncated_normal: std is nan; expected a number from 0 up"),
        (lambda: rec.laplace(key, scale=-2.0), "laplace: scale is -2.0; expected a number from 0 up"),
        (lambda: rec.uniform(key, low=-3e38, high=3e38), "uniform: low, high is -3e38 and 3e38; expected finite "
         "bounds, the lower one first, whose distance is a number of the dtype"),
        (lambda: rec.uniform(key, low=1.0, high=0.0), "uniform: low, high is 1.0 and 0.0; expected finite bounds, the "
         "lower one first, whose distance is a number of the dtype"),
        (lambda: rec.gamma(key, -1.0), "gamma: a is -1.0; expected a number from 0 up"),
        (lambda: rec.beta(key, 1.0, 0.0), "beta: b is 0.0; expected a number above 0"),
        (lambda: rec.student_t(key, 0), "student_t: df is 0.0; expected a number above 0"),
        (lambda: rec.poisson(key, -1.0), "poisson: rate is -1.0; expected a number from 0 to 9e18"),
        (lambda: rec.poisson(key, np.inf), "poisson: rate is inf; expected a number from 0 to 9e18"),
    ]  # fmt: skip
    for call, text in cases:
        with pytest.raises(pg.RecordError) as caught:
            call()
        assert str(caught.value) == text
    assert rec.poisson(pg.Key(21), 0.0).item() == 0
    assert rec.uniform(pg.Key(22), low=-3e38, high=3e38, dtype="float64").isfinite().item()


def test_what_tensors_hold_is_refused_or_nan_when_computed() -> None:
    keys = iter(pg.Key(0).split(20))
    rec = pg.Record()
    some = "finite weights from 0 up, "
    for weights, shape, replace, expected in [
        ([1.0, 0.0, 0.0], (2,), False, some + "as many above it as are drawn"),
        ([1.0, -1.0, 3.0], (2,), False, some + "as many above it as are drawn"),
        ([1.0, -1.0, 3.0], (2,), True, some + "and one above it"),
        ([np.nan, 1.0, 3.0], (), True, some + "and one above it"),
        ([np.inf, 1.0, 3.0], (), True, some + "and one above it"),
        ([0.0, 0.0, 0.0], (2, 2), True, some + "and one above it"),
    ]:
        for p in (weights, rec.tensor(weights)):
            with pytest.raises(
                pg.ArgumentError, match=f"^choice: p is something else, or partly so; expected {expected}$"
            ):
                rec.choice(next(keys), 3, shape, replace, p).data()
    assert rec.choice(next(keys), 3, (2,), False, [1.0, 0.0, 2.0]).sort().tolist() == [0, 2]
    for rate in (-1.0, np.nan, 1e19):
        draw = rec.poisson(next(keys), rec.tensor([1.0, rate], "float64"))
        with pytest.raises(
            pg.ArgumentError, match=r"^poisson: rate is something else, .* expected a number from 0 to 9e18$"
        ):
            draw.data()
    keys = iter(pg.Key(1).split(20))
    wrong = rec.tensor([-0.5, 2.0])
    for draw in (rec.gamma(next(keys), wrong), rec.beta(next(keys), wrong, 1.0), rec.beta(next(keys), 1.0, wrong),
                 rec.student_t(next(keys), wrong)):  # fmt: skip
        np.testing.assert_array_equal(np.isnan(draw.data()), [True, False])
    assert np.isnan(rec.dirichlet(next(keys), wrong).data()).all()


def test_bernoulli_takes_a_probability_for_each() -> None:
    rec = pg.Record()
    p = rec.tensor([0.0, 1.0, 0.3])
    assert rec.bernoulli(pg.Key(0), p[:2]).tolist() == [False, True]
    drawn = rec.bernoulli(pg.Key(1), p, (20_000, 3)).data()
    np.testing.assert_allclose(drawn.mean(0), [0.0, 1.0, 0.3], atol=0.015)
    # A number draws what a tensor of it draws.
    assert (pg.Record().bernoulli(pg.Key(1), 0.3, (20_000, 3)).data()[:, 2] == drawn[:, 2]).all()
    with pytest.raises(pg.ShapeError, match=r"^bernoulli: shape \(3,\) does not expand to \(2,\); "):
        rec.bernoulli(pg.Key(2), p, (2,))
    with pytest.raises(pg.ForeignTensorError):
        pg.Record().bernoulli(pg.Key(2), p)
