"""Learns to write digits: a variational autoencoder on 1,797 images of 8 x 8 pixels that people wrote.

Each pixel counts the black ones among 16 of the scan, so what the decoder says of it is a binomial distribution, and
the evidence lower bound is one of the probability of the very counts that were read. On images that are held out it is
-102, -99 and -97 nats an image with seeds 0 to 2, each of which holds out another fifth; pixels that tell nothing of
each other get to -254, -254 and -250. Prints these, and draws `vae.png`: what comes back of held-out digits, digits
that nobody wrote, and ways from one to another.
"""

import os
import time

import numpy as np
from matplotlib.figure import Figure
from scipy.stats import binom
from sklearn.datasets import load_digits
from sklearn.model_selection import StratifiedKFold
from tqdm import tqdm

import phonograd as pg
from phonograd import nn

QUICK = bool(os.environ.get("QUICK"))
SEEDS, EPOCHS = (1, 2) if QUICK else (3, 120)
BATCH, TRIALS, LATENT = 64, 16, 8
PICTURE = "vae.png"


class Autoencoder(nn.Module):
    """From counts to a normal distribution of latent numbers, and from such numbers back to logits of pixels."""

    def __init__(self):
        self.encoder = nn.Sequential(nn.Linear(64, 256), nn.GELU(), nn.Linear(256, 2 * LATENT))
        self.decoder = nn.Sequential(nn.Linear(LATENT, 256), nn.GELU(), nn.Linear(256, 64))

    def encode(self, counts):
        """Mean and logarithm of the deviation of the latent numbers."""
        return self.encoder(counts * (2 / TRIALS) - 1.0).split(2, axis=-1)

    def forward(self, counts, key):
        """The evidence lower bound of each image in nats, as its two terms: what is explained, and what that costs."""
        mean, log_deviation = self.encode(counts)
        # The draw is of a distribution without parameters, so that gradients reach mean and deviation.
        z = mean + log_deviation.exp() * counts.record.normal(key, mean.shape)
        logits = self.decoder(z)
        ways = (
            pg.lgamma(counts.record.full((), TRIALS + 1.0)) - pg.lgamma(counts + 1.0) - pg.lgamma(TRIALS + 1 - counts)
        )
        explained = (ways + counts * logits - TRIALS * logits.softplus()).sum(axis=-1)
        cost = 0.5 * (mean.square() + (2.0 * log_deviation).exp() - 1.0 - 2.0 * log_deviation).sum(axis=-1)
        return explained, cost


def train(model, seed, counts, advance):
    """Makes the bound large; returns the store, and the mean bound of every epoch."""
    store, key, bounds = pg.ParameterStore(seed=seed), pg.Key(seed), []
    shuffling, noise = key.split()
    batches = pg.data.Batches(counts, BATCH, key=shuffling)
    rate = pg.optim.schedules.Cosine(3e-3, steps=EPOCHS * len(batches))
    step = 0
    for _ in range(EPOCHS):
        total = 0.0
        for batch in batches:
            rec = pg.Record(store)
            explained, cost = model(rec.tensor(batch), key=noise.fold_in(step))
            loss = (cost - explained).mean()
            pg.optim.Adam(rate(step)).step(store, loss.grad())
            total -= len(batch) * loss.item()
            step += 1
        bounds.append(total / len(counts))
        advance()
    return store, bounds


def bound(model, store, counts, key, draws=100):
    """Both terms of the bound, each a mean over images, and over draws for each image."""
    rec = pg.Record(store, grad=False)
    terms = model(rec.tensor(np.repeat(counts, draws, axis=0)), key=key)
    return [term.mean().item() for term in terms]


def independent(training, counts):
    """The mean logarithm of the probability of images, if no pixel told anything of another."""
    share = (training.sum(axis=0) + 1) / (TRIALS * len(training) + 2)
    return binom.logpmf(counts, TRIALS, share).sum(axis=-1).mean()


def write(model, store, z):
    """The images that latent numbers stand for: the share of black in each pixel."""
    rec = pg.Record(store, grad=False)
    return model.decoder(rec.tensor(z)).sigmoid().data().reshape(-1, 8, 8)


def sheet(images):
    """Eighty images side by side, ten in a row."""
    framed = np.pad(images.reshape(8, 10, 8, 8), [(0, 0), (0, 0), (1, 1), (1, 1)])
    return framed.transpose(0, 2, 1, 3).reshape(80, 100)


def draw(model, store, counts, labels):
    """Draws held-out digits and what comes back of them, digits from random numbers, and ways between digits."""
    mean, _ = model.encode(pg.Record(store, grad=False).tensor(counts))
    mean = mean.data()
    four = np.array([np.flatnonzero(labels == digit)[:4] for digit in range(10)]).T  # four of each digit
    back = write(model, store, mean[four.ravel()]).reshape(4, 10, 64)
    pairs = np.stack([counts[four] / TRIALS, back], axis=1)
    new = pg.Record().normal(pg.Key(2026), (80, LATENT)).data()
    share = np.linspace(0, 1, 10, dtype=np.float32)[:, None]
    ends = [(mean[four[1, digit]], mean[four[2, (digit + 3) % 10]]) for digit in range(8)]
    ways = np.concatenate([start + share * (end - start) for start, end in ends])

    figure = Figure(figsize=(14, 4.3), layout="constrained", facecolor="white")
    figure.get_layout_engine().set(wspace=0.06)
    panels = figure.subplots(1, 3)
    for axes, title, images in zip(
        panels,
        ("Held out, and in blue what came back", "Digits that nobody wrote", "Ways from one digit to another"),
        (pairs, write(model, store, new), write(model, store, ways)),
        strict=True,
    ):
        axes.imshow(sheet(images), cmap="gray_r", vmin=0, vmax=1)
        axes.set_title(title, loc="left")
        axes.axis("off")
    written = np.arange(80)[:, None] // 10 % 2 == 0
    panels[0].imshow(np.ma.masked_where(written | np.zeros(100, bool), sheet(pairs)), cmap="Blues", vmin=0, vmax=1)
    figure.savefig(PICTURE, dpi=130)


def main():
    """Trains, prints, draws."""
    digits, model = load_digits(), Autoencoder()
    counts, labels = digits.data.astype(np.float32), digits.target
    folds = list(StratifiedKFold(5, shuffle=True, random_state=0).split(counts, labels))[:SEEDS]
    print("nats an image   pixels alone |  training bound | held-out bound = explained -  cost | seconds")
    with tqdm(total=SEEDS * EPOCHS, unit="epoch", leave=False) as bar:
        for seed, (training, held_out) in enumerate(folds):
            start = time.perf_counter()
            store, bounds = train(model, seed, counts[training], bar.update)
            explained, cost = bound(model, store, counts[held_out], pg.Key(seed).fold_in(-1))
            alone, seconds = independent(counts[training], counts[held_out]), time.perf_counter() - start
            both = f"{explained - cost:14.1f} = {explained:9.1f} - {cost:5.1f}"
            bar.write(f"seed {seed}          {alone:12.1f} | {bounds[-1]:15.1f} | {both} | {seconds:7.1f}")
    draw(model, store, counts[held_out], labels[held_out])
    print(f"drew {PICTURE}")


if __name__ == "__main__":
    main()
