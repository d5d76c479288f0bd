"""Learns to read handwritten digits: 1,797 images of 8 x 8 pixels, a network of 64-128-10 units, Adam.

Trains five times, with seeds 0 to 4. Each seed holds out another fifth of the images, so every image is read once by a
network that never saw it. Prints a table and draws `digits.png`: how the loss fell, and what was misread.
"""

import os
import time

import numpy as np
from matplotlib.figure import Figure
from sklearn.datasets import load_digits
from sklearn.model_selection import StratifiedKFold
from tqdm import tqdm

import phonograd as pg

SEEDS = 5
QUICK = bool(os.environ.get("QUICK"))
EPOCHS = 3 if QUICK else 80
BATCH = 64
PICTURE = "digits.png"


def network(rec, store, pixels, key=None):
    """Logits of the ten digits for a batch of images; a random key adds noise to them and drops units."""
    hidden = pg.LinearLayer(rec, 64, 128, store, id="hidden", bias=True)
    output = pg.LinearLayer(rec, 128, 10, store, id="output", bias=True)
    x = rec.tensor(pixels)
    if key is None:
        return output.forward(hidden.forward(x).relu())
    noise, drop = key.split()
    h = hidden.forward(x + 0.1 * rec.normal(noise, x.shape)).relu()
    return output.forward(pg.where(rec.bernoulli(drop, 0.8, h.shape), h / 0.8, 0.0))


def train(seed, images, labels, advance):
    """Fits a network; returns its store, and the mean loss of every epoch."""
    store, key, chance = pg.ParameterStore(seed=seed), pg.Key(seed), np.random.default_rng(seed)
    losses, step = [], 0
    for epoch in range(EPOCHS):
        adam = pg.optim.Adam(rate=3e-3 * (1 - epoch / EPOCHS))
        total = 0.0
        for batch in np.split(chance.permutation(len(images)), range(BATCH, len(images), BATCH)):
            rec = pg.Record()
            logits = network(rec, store, images[batch], key.fold_in(step))
            loss = pg.cross_entropy(logits, labels[batch])
            adam.step(store, loss.grad())  # loss, gradients, parameters and Adam's state: one plan
            total += len(batch) * loss.item()
            step += 1
        losses.append(total / len(images))
        advance()
    return store, losses


def read(store, images):
    """The digits the network sees."""
    return network(pg.Record(grad=False), store, images).argmax(axis=-1).data()


def draw(curves, misread, images, labels):
    """Draws the losses of all seeds, and the misread digits with what was meant and what was read."""
    figure = Figure(figsize=(12, 5.4), layout="constrained", facecolor="white")
    left, right = figure.subfigures(1, 2, width_ratios=[1, 1.2])
    epochs = range(1, EPOCHS + 1)

    axes = left.subplots()
    for losses in curves:
        axes.semilogy(epochs, losses, color="#9fb8c8", linewidth=1)
    axes.semilogy(epochs, np.mean(curves, axis=0), color="#1f4e79", linewidth=2.2)
    axes.set_title(f"Training loss: {len(curves)} seeds and their mean", loc="left")
    axes.set(xlabel="epoch", ylabel="cross-entropy")
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.25)

    shown = sorted(misread, key=lambda pair: (labels[pair[0]], pair[1]))[:48]
    columns = 8 if len(shown) > 15 else 5
    right.suptitle(f"{len(misread)} of {len(images):,} held-out digits misread", fontsize=12)
    grid = right.subplots(max(3, -(-len(shown) // columns)), columns, squeeze=False)
    for axes in grid.flat:
        axes.axis("off")
    for axes, (index, found) in zip(grid.flat, shown, strict=False):
        axes.imshow(images[index].reshape(8, 8), cmap="gray_r")
        axes.set_title(f"{labels[index]} as {found}", fontsize=9, color="#a03020", pad=4)
    figure.savefig(PICTURE, dpi=130)


def main():
    """Trains, prints, draws."""
    digits = load_digits()
    images, labels = (digits.data / 16).astype(np.float32), digits.target
    folds = StratifiedKFold(SEEDS, shuffle=True, random_state=0).split(images, labels)
    curves, misread, shares = [], [], []
    print("seed   images trained on   last loss   held-out images read   seconds")
    with tqdm(total=SEEDS * EPOCHS, unit="epoch", leave=False) as bar:
        for seed, (training, held_out) in enumerate(folds):
            start = time.perf_counter()
            store, losses = train(seed, images[training], labels[training], bar.update)
            found = read(store, images[held_out])
            wrong = found != labels[held_out]
            share, seconds = 1 - wrong.mean(), time.perf_counter() - start
            bar.write(f"{seed:4}   {len(training):17,}   {losses[-1]:9.4f}   {share:20.2%}   {seconds:7.1f}")
            curves.append(losses)
            shares.append(share)
            misread += zip(held_out[wrong], found[wrong], strict=True)
    draw(curves, misread, images, labels)
    print(f"{1 - len(misread) / len(images):.2%} of {len(images):,} digits read right; drew {PICTURE}")
    if not QUICK and min(shares) < 0.97:
        raise SystemExit(f"seed {shares.index(min(shares))} read only {min(shares):.2%} of its digits, expected 97 %")


if __name__ == "__main__":
    main()
