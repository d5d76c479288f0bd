"""Fits a law of nature, and the law with a neural network in it, to Canada's hares and lynxes from 1900 to 1920.

Hares are born and lynxes starve, each in proportion to their numbers, and in proportion to both, hares are eaten and
lynxes fed: Lotka and Volterra's equations. SciPy solves them, and this library says how the solution changes with what
is in them: the adjoint state runs back through time, along products with the field's Jacobian that are one gradient
each (Pontryagin, 1962; Chen and others, 2018). What a solver found enters the record as a number whose gradient is
known, so L-BFGS and all other optimisers take it as they take any loss.

On the fifteen years that both learn from, the law alone misses the logarithm of the numbers by 0.19. With seeds 0 to 2
a network that corrects it brings that down to 0.09, and makes the forecast of the six years after them worse: it misses
by 0.53, where the law alone misses by 0.35. Prints these, and draws `neural_ode.png`: numbers over the years, and where
each pair of numbers would go next.
"""

import os
import time

import numpy as np
from matplotlib.figure import Figure
from scipy.integrate import solve_ivp

import phonograd as pg
from phonograd import nn

QUICK = bool(os.environ.get("QUICK"))
SEEDS, ITERATIONS = (1, 3) if QUICK else (3, 40)
ACCURACY = {"rtol": 1e-6, "atol": 1e-8}
PICTURE = "neural_ode.png"

# Pelts in thousands that the Hudson's Bay Company bought, by year (Elton and Nicholson, 1942; Howard, 2009).
YEARS = np.arange(1900.0, 1921.0)
HARES = [30, 47.2, 70.2, 77.4, 36.3, 20.6, 18.1, 21.4, 22, 25.4, 27.1, 40.3, 57, 76.6, 52.3, 19.5, 11.2, 7.6, 14.6,
         16.2, 24.7]  # fmt: skip
LYNXES = [4, 6.1, 9.8, 35.2, 59.4, 41.7, 19, 13, 8.3, 9.1, 7.4, 8, 12.3, 19.5, 45.7, 51.1, 29.7, 15.8, 9.7, 10.1, 8.6]
SEEN = np.log(np.stack([HARES, LYNXES], axis=-1))
LEARNT, START = 15, "start.logarithms"


class Law(nn.Module):
    """The slopes `(..., 2)` of the logarithms of both numbers, by Lotka and Volterra."""

    def forward(self, u):
        """What grows by itself, and what the other kind does to it."""

        def rate(name, start):
            return self.parameter(u, name, (), nn.init.constant(np.log(start)), "float64").exp()  # a year

        hares, lynxes = u[..., 0].exp(), u[..., 1].exp()
        growth = (
            rate("births", 0.5) - rate("hunting", 0.03) * lynxes,
            rate("feeding", 0.03) * hares - rate("deaths", 0.8),
        )
        return pg.stack(growth, axis=-1)


class Corrected(nn.Module):
    """The law, and what a network adds to it: nothing before it has learned something."""

    def __init__(self):
        self.law = Law()
        self.hidden, self.output = nn.Linear(2, 12, dtype="float64"), nn.Linear(12, 2, init="zeros", dtype="float64")

    def forward(self, u):
        """Slopes by the law, corrected."""
        return self.law(u) + self.output(self.hidden(u - 3.0).tanh())


def solve(model, store, times):
    """SciPy's solution from the store's start on, as it stands at the times and as a function between them."""

    def field(_, u):
        return model(pg.Record(store, grad=False).tensor(u)).data()

    return solve_ivp(field, (times[0], times[-1]), store[START], t_eval=times, dense_output=True, **ACCURACY)


def adjoint(model, store, times, path, pull):
    """The gradients of what pulls at the solution at each time, by the names of the parameters."""
    parameters = model.named_parameters(store)

    def field(t, state):
        rec = pg.Record(store)  # one of thousands, and every one finds the same plan
        u = rec.tensor(path(t))
        grads = model(u).grad(state[:2])
        parts = [grads.wrt(u), *(grads[name] for name in parameters)]
        rec.compute(*parts)
        return -np.concatenate([part.data().ravel() for part in parts])

    sizes = [2, *(value.size for value in parameters.values())]
    state = np.zeros(sum(sizes))
    state[:2] = pull[-1]
    for k in range(len(times) - 1, 0, -1):
        state = solve_ivp(field, (times[k], times[k - 1]), state, **ACCURACY).y[:, -1]
        state[:2] += pull[k - 1]
    parts = zip((START, *parameters), np.split(state, np.cumsum(sizes[:-1])), strict=True)
    return {name: part.reshape(store[name].shape) for name, part in parts}


def known(rec, value, gradients):
    """A number from elsewhere as a tensor: it has this value, and these gradients at the parameters."""
    total = rec.tensor(value, "float64")
    for name, gradient in gradients.items():
        p = rec.parameter(name)
        total = total + ((p - p.stop_gradient()) * rec.tensor(gradient)).sum()
    return total


def loss_of(rec, model, times, seen):
    """Half the sum of squares of what the solution misses."""
    found = solve(model, rec.store, times)
    if not found.success:
        return known(rec, np.inf, {START: np.zeros(2)})  # the line search comes back from there
    missed = found.y.T - seen
    return known(rec, 0.5 * (missed**2).sum(), adjoint(model, rec.store, times, found.sol, missed))


def fit(model, seed, guess=()):
    """Fits a model to the years to learn from, from a guess on; returns its store."""
    store, times, seen = pg.ParameterStore(seed=seed), YEARS[:LEARNT], SEEN[:LEARNT]
    store[START] = seen[0]
    store.update(guess)
    model.init(store, seen[0])
    pg.optim.LBFGS(iterations=ITERATIONS).minimize(store, lambda rec: loss_of(rec, model, times, seen))
    return store


def check(model, store):
    """How far the slope of the loss along a random direction is from that by differences, in proportion."""
    times, seen, chance = YEARS[:LEARNT], SEEN[:LEARNT], np.random.default_rng(0)
    grads = loss_of(pg.Record(store), model, times, seen).grad()
    along = {name: chance.normal(size=store[name].shape) for name in grads}
    slope = sum((grads[name].data() * along[name]).sum() for name in grads)
    ends, small = [], 1e-4
    for sign in (1, -1):
        moved = store.copy()
        moved.update({name: store[name] + sign * small * along[name] for name in along})
        ends.append(loss_of(pg.Record(moved), model, times, seen).item())
    return abs((ends[0] - ends[1]) / (2 * small) / slope - 1)


def missed(numbers):
    """The root mean square by which logarithms of numbers for all years are wrong: where learnt from, and after."""
    squares = (numbers - SEEN) ** 2
    return [np.sqrt(part.mean()) for part in np.split(squares, [LEARNT])]


def draw(fitted):
    """Draws both kinds over the years, and where each pair of numbers goes next, by the law and as corrected."""
    colors = {"the law": "#1f6f8b", "the law, corrected": "#c8553d"}
    figure = Figure(figsize=(13.5, 5.6), layout="constrained", facecolor="white")
    left, right = figure.subfigures(1, 2, width_ratios=[1, 1.25])
    fine, over_years = np.linspace(YEARS[0], YEARS[-1], 400), left.subplots(2, 1, sharex=True)
    for kind, axes in enumerate(over_years):
        axes.axvspan(YEARS[LEARNT - 1], YEARS[-1], color="0.94")
        axes.plot(YEARS, np.exp(SEEN[:, kind]), "o", color="black", markersize=4, label="pelts")
        for name, (model, store) in fitted.items():
            axes.plot(fine, np.exp(solve(model, store, fine).y[kind]), color=colors[name], linewidth=1.8, label=name)
        axes.set(ylabel=f"{('hares', 'lynxes')[kind]}, thousands", xlim=(YEARS[0] - 0.5, YEARS[-1]), ylim=(0, None))
        axes.spines[["top", "right"]].set_visible(False)
    over_years[0].legend(frameon=False, fontsize=9, loc="upper center")
    over_years[0].set_title("Learnt from the years to 1914, foretold in gray", loc="left")
    over_years[1].set_xticks(YEARS[::5])

    low, high = SEEN.min(axis=0) - 0.5, SEEN.max(axis=0) + 0.4
    hares, lynxes = np.linspace(low[0], high[0], 30), np.linspace(low[1], high[1], 30)
    grid = np.stack(np.meshgrid(hares, lynxes), axis=-1)
    for axes, (name, (model, store)) in zip(right.subplots(1, 2, sharey=True), fitted.items(), strict=True):
        slopes = model(pg.Record(store, grad=False).tensor(grid)).data()
        axes.streamplot(hares, lynxes, *np.moveaxis(slopes, -1, 0), color="#a9bccb", linewidth=0.8, arrowsize=0.8)
        axes.plot(*solve(model, store, fine).y, color=colors[name], linewidth=2)
        axes.plot(*SEEN.T, "o:", color="black", markersize=4, linewidth=0.7)
        for year in range(0, len(YEARS), 5):
            axes.annotate(f"{YEARS[year]:.0f}", SEEN[year], xytext=(5, 3), textcoords="offset points", fontsize=8)
        ticks = [np.array([10, 20, 40, 80]), np.array([5, 10, 20, 40, 80])]
        axes.set_xticks(np.log(ticks[0]), ticks[0])
        axes.set_yticks(np.log(ticks[1]), ticks[1])
        axes.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]), xlabel="hares, thousands")
        axes.set_title(f"Where numbers go next: {name}", loc="left", fontsize=11)
    right.axes[0].set_ylabel("lynxes, thousands")
    figure.savefig(PICTURE, dpi=130)


def main():
    """Fits, prints, draws."""
    corrected = Corrected()
    law, start = corrected.law, pg.ParameterStore(seed=0)
    start[START] = SEEN[0]
    corrected.init(start, SEEN[0])
    print(f"a slope of the loss by the adjoint state and by differences: equal to {check(corrected, start):.0e}\n")
    began, fitted = time.perf_counter(), {}
    print("misses of logarithms   1900 to 1914   1915 to 1920   seconds")

    def row(name, numbers):
        seen, foretold = missed(numbers)
        print(f"{name:20}   {seen:12.3f}   {foretold:12.3f}   {time.perf_counter() - began:7.1f}")

    row("the mean", np.broadcast_to(SEEN[:LEARNT].mean(axis=0), SEEN.shape))
    base = fit(law, 0)
    row("the law", solve(law, base, YEARS).y.T)
    for seed in range(SEEDS):
        store = fit(corrected, seed, base)
        row(f"corrected, seed {seed}", solve(corrected, store, YEARS).y.T)
        fitted.setdefault("the law, corrected", (corrected, store))
    rates = ", ".join(f"{name.removeprefix('law.')} {np.exp(base[name]):.3f}" for name in law.named_parameters(base))
    print(f"the law's rates a year: {rates}")
    draw({"the law": (law, base), **fitted})
    print(f"drew {PICTURE}")


if __name__ == "__main__":
    main()
