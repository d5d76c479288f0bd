"""Forecasts the carbon dioxide in the air over Mauna Loa, a year ahead, and is measured against forecasts for free.

Four years of monthly means go through a GRU, twelve months come out. It learns from forecasts that end before 1980, and
those of 1980 to 1989 say when to stop, as they said how large it should be; it is judged on those from 1990 on. Three
forecasts cost nothing: the last month again, the last twelve months again, and those plus what they rose in a year.

Over all twelve months, the last misses by 0.91 ppm, and the GRU, with seeds 0 to 4, by 0.66 to 0.80: it is a third
better for the next month, and little better a year ahead. Prints a table and draws `gru.png`: forecasts as they were
made, and how wrong they were by how far ahead.
"""

import os
import tempfile
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from statsmodels.datasets import co2

import phonograd as pg
from phonograd import nn

PAST, AHEAD, YEAR = 48, 12, 12
QUICK = bool(os.environ.get("QUICK"))
SEEDS, STEPS = (1, 30) if QUICK else (5, 400)
PICTURE = "gru.png"


class Forecaster(nn.Module):
    """What the best forecast for free says, and what a GRU that has read the past adds to it."""

    def __init__(self):
        self.gru, self.drop = nn.GRU(2, 32), nn.Dropout(0.5)
        self.output = nn.Linear(32, AHEAD, init="zeros")  # adds nothing before it has learned something

    def forward(self, past, *, train=False, key=None):
        """The next months `(batch, AHEAD)` after months `(batch, PAST)`, in ppm as all that goes through it."""
        risen, last = past[:, YEAR:] - past[:, :-YEAR], past[:, -YEAR:]
        rise, level = (part.mean(axis=1, keepdims=True) for part in (risen[:, -YEAR:], last))
        # Seen from the last year, for carbon dioxide rises ever faster and no future looks like the past.
        states, _ = self.gru(pg.stack([risen - rise, 0.25 * (past[:, YEAR:] - level)], axis=-1))
        return last + rise + self.output(self.drop(states[:, -1], train=train, key=key))


def free(past):
    """Forecasts that need no learning, by their names."""
    last, rise = past[:, -YEAR:], past[:, -YEAR:] - past[:, -2 * YEAR : -YEAR]
    return {
        "naive: the last month": np.repeat(past[:, -1:], AHEAD, axis=1),
        "seasonal naive: the last year": last,
        "the last year, plus its rise": last + rise.mean(axis=1, keepdims=True),
    }


def read():
    """The first months of forecasts, in years, and every row of `PAST` months and the `AHEAD` that came then."""
    monthly = co2.load_pandas().data["co2"].resample("MS").mean().interpolate()  # a few months are missing
    years = monthly.index.year.to_numpy() + (monthly.index.month.to_numpy() - 1) / YEAR
    rows = np.lib.stride_tricks.sliding_window_view(monthly.to_numpy("float32"), PAST + AHEAD)
    return years[PAST : len(years) - AHEAD + 1], rows


def train(model, seed, learn, stop):
    """Fits the model until the rows to stop by get no better; returns the store that was the best, and the history."""

    def loss_of(rec, rows, key):
        x = rec.tensor(rows)
        return pg.mse(model(x[:, :PAST], train=key is not None, key=key), x[:, PAST:])

    def optimizer(step):
        return pg.optim.AdamW(rate(step), weight_decay=0.1)

    store, rate = pg.ParameterStore(seed=seed), pg.optim.schedules.Cosine(1e-2, steps=STEPS, warmup=20)
    batches = pg.data.Batches(learn, 32, key=pg.Key(seed))
    with tempfile.TemporaryDirectory() as folder:
        best = Path(folder) / "best.safetensors"
        history = pg.fit(loss_of, store, optimizer, batches, steps=STEPS, key=pg.Key(seed).fold_in(1), best=best,
                         evaluate=pg.data.Batches(stop, len(stop)), evaluate_every=10, patience=20)  # fmt: skip
        return pg.ParameterStore.load(best), history


def wrong(forecast, rows):
    """The root of the mean square of what forecasts missed: for each month ahead, and over all of them."""
    squares = (forecast - rows[:, PAST:]) ** 2
    return np.sqrt(squares.mean(axis=0)), np.sqrt(squares.mean())


def draw(years, rows, forecasts, errors):
    """Draws the forecasts of each January, what all forecasts missed half a year ahead, and errors by distance."""
    colors = dict(zip(forecasts, ["#b9bec4", "#7fa8c9", "#e0a13c", "#b3282d"], strict=True))
    figure = Figure(figsize=(12.5, 6.6), layout="constrained", facecolor="white")
    left, right = figure.subfigures(1, 2, width_ratios=[1.75, 1])
    top, below = left.subplots(2, 1, height_ratios=[1.7, 1], sharex=True)
    months = years[0] + np.arange(len(rows) + AHEAD - 1) / YEAR
    top.plot(months, [*rows[:, PAST], *rows[-1, PAST + 1 :]], color="black", linewidth=1, label="measured", zorder=3)
    names = list(forecasts)
    for name in (names[1], names[-1]):
        for start in np.flatnonzero(np.isclose(years % 1, 0)):
            label = name if start == 0 else None
            when = years[start] + np.arange(AHEAD) / YEAR
            top.plot(when, forecasts[name][start], color=colors[name], linewidth=2.4, alpha=0.85, label=label)
    top.set_title("Carbon dioxide over Mauna Loa, and what each January foretold of its year", loc="left")
    top.set(ylabel="ppm", xlim=(months[0], months[-1]))
    half = AHEAD // 2 - 1
    for name in names[1:]:
        missed = forecasts[name][:, half] - rows[:, PAST + half]
        below.plot(years + half / YEAR, missed, color=colors[name], linewidth=1.4)
    below.axhline(0, color="black", linewidth=0.8)
    below.set(ylabel="ppm too high")
    below.set_title("What forecasts made half a year before missed", loc="left")
    axes = right.subplots()
    for name, each in errors.items():
        axes.plot(range(1, AHEAD + 1), each, "o-", markersize=4, color=colors[name], label=name)
    axes.set_title("Root mean square error by months ahead", loc="left")
    axes.set(xlabel="months ahead", ylabel="ppm", ylim=(0, None), xticks=range(1, AHEAD + 1))
    for each in (top, below, axes):
        each.spines[["top", "right"]].set_visible(False)
        each.grid(alpha=0.25)
    top.legend(frameon=False, fontsize=9)
    axes.legend(frameon=False, fontsize=9)
    figure.savefig(PICTURE, dpi=130)


def main():
    """Trains, prints, draws."""
    years, rows = read()
    end, model = years + AHEAD / YEAR, Forecaster()
    learn, stop, judge = rows[end <= 1980.01], rows[(years >= 1980) & (end <= 1990.01)], rows[years >= 1990]
    print(f"{len(learn)} forecasts to learn from, {len(stop)} to stop by, {len(judge)} to judge by")
    guesses = []
    for seed in range(SEEDS):
        store, history = train(model, seed, learn, stop)
        best = min(history.column("evaluation"))
        guesses.append(model(pg.Record(store, grad=False).tensor(judge[:, :PAST])).data())
        print(f"seed {seed}: {history[-1]['step']} steps, error on the forecasts to stop by {best**0.5:.3f} ppm")
    print("\nroot mean square error, ppm      1 month   6 months   12 months      all")
    free_ones = free(judge[:, :PAST])
    for name, forecast in free_ones.items():
        each, total = wrong(forecast, judge)
        print(f"{name:30}   {each[0]:7.2f}   {each[5]:8.2f}   {each[11]:9.2f}   {total:6.2f}")
    found = [wrong(guess, judge) for guess in guesses]
    for seed, (each, total) in enumerate(found):
        print(f"{f'GRU, seed {seed}':30}   {each[0]:7.2f}   {each[5]:8.2f}   {each[11]:9.2f}   {total:6.2f}")
    forecasts = {**free_ones, "GRU, seed 0": guesses[0]}
    draw(years[years >= 1990], judge, forecasts, {name: wrong(guess, judge)[0] for name, guess in forecasts.items()})
    print(f"drew {PICTURE}")


if __name__ == "__main__":
    main()
