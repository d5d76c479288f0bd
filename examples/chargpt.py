"""Learns to write like a text: a GPT over characters, of 4 layers, 4 heads and width 128, that sees 64 of them.

The sizes are nanoGPT's for small machines: batches of 12, AdamW with decay of matrices only, clipped gradients, a rate
that warms up and falls along a cosine, from twice as high. `python examples/chargpt.py shakespeare.txt --steps 2000`
prints losses and time, draws `chargpt.png`, and writes some text of its own: of Shakespeare's characters that it has
not seen the loss is 1.79 then, where nanoGPT reports 1.88. Without a path it reads the license of this project, for a
few steps.
"""

import argparse
import math
import time
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

import phonograd as pg
from phonograd import nn

LAYERS, HEADS, WIDTH, BLOCK, BATCH = 4, 4, 128, 64, 12
RATE, LEAST, WARM, BETAS, DECAY, CLIP = 2e-3, 1e-4, 100, (0.9, 0.99), 0.1, 1.0
PICTURE = "chargpt.png"
FALLBACK = Path(__file__).resolve().parent.parent / "LICENSE-APACHE"


class GPT(nn.Module):
    """Logits of the next character at each position; the table of characters is the output layer, too."""

    def __init__(self, characters):
        small = ("normal", 0.02)
        smaller = ("normal", 0.02 / math.sqrt(2 * LAYERS))  # of what adds to the residual stream
        self.characters = nn.Embedding(characters, WIDTH, init=small)
        self.positions = nn.Embedding(BLOCK, WIDTH, init=small)
        self.blocks = [
            nn.TransformerBlock(WIDTH, HEADS, causal=True, bias=False, init=small, out_init=smaller)
            for _ in range(LAYERS)
        ]
        self.norm = nn.LayerNorm(WIDTH, bias=False)

    def forward(self, x, caches=None):
        """Logits for characters `(batch, time)`; with caches of the positions before, those of the next call, too."""
        first = caches[0].length if caches else 0
        h = self.characters(x) + self.positions(x.record.arange(x.shape[1]) + first)
        filled = []
        for i, block in enumerate(self.blocks):
            if caches:
                h, cache = block(h, cache=caches[i])
                filled.append(cache)
            else:
                h = block(h)
        logits = self.characters.attend(self.norm(h))
        return (logits, filled) if caches else logits


def step(store, loss, rate):
    """Steps by AdamW, which decays matrices and leaves the scales of norms alone, along clipped gradients."""
    matrices, scales = (pg.optim.AdamW(rate, *BETAS, weight_decay=decay) for decay in (DECAY, 0.0))
    grads = pg.optim.clip_by_global_norm(loss.grad(), CLIP)
    pg.optim.Groups({"*norm*": scales, "*": matrices}).step(store, grads)


def rate(step, steps):
    """Warms up, then falls along a cosine."""
    warm = min(WARM, steps // 10)
    if step < warm:
        return RATE * (step + 1) / (warm + 1)
    return LEAST + 0.5 * (RATE - LEAST) * (1 + math.cos(math.pi * (step - warm) / max(steps - warm, 1)))


def batch(ids, chance):
    """Characters, and those that follow them."""
    starts = chance.integers(len(ids) - BLOCK, size=(BATCH, 1))
    return ids[starts + np.arange(BLOCK)], ids[starts + np.arange(1, BLOCK + 1)]


def loss_of(model, rec, x, y):
    """Mean cross-entropy of the next character."""
    return pg.cross_entropy(model(rec.tensor(x)), y)


def evaluate(model, store, ids, batches):
    """The loss on parts of a text that are the same each time."""
    chance = np.random.default_rng(1)
    losses = [loss_of(model, pg.Record(store, grad=False), *batch(ids, chance)).item() for _ in range(batches)]
    return sum(losses) / batches


def write(model, store, prompt, count, chance):
    """Continues a prompt; keys and values of earlier characters are kept, and a full window starts from its half."""
    ids, caches = list(prompt), None
    for _ in range(count):
        rec = pg.Record(store, grad=False)
        if caches is None or caches[0].length == BLOCK:
            caches = [block.cache(rec, 1, BLOCK) for block in model.blocks]
            recent = ids[-BLOCK // 2 :]
        logits, caches = model(rec.tensor([recent]), caches)
        chances = logits[0, -1].softmax().data().astype("float64")
        ids.append(int(chance.choice(len(chances), p=chances / chances.sum())))
        recent = ids[-1:]
    return ids


def draw(losses, held_out):
    """Draws how the losses fell."""
    figure = Figure(figsize=(8, 4.6), layout="constrained", facecolor="white")
    axes = figure.subplots()
    axes.plot(range(1, len(losses) + 1), losses, color="#9fb8c8", linewidth=0.8, label="training, each batch")
    axes.plot(*zip(*held_out, strict=True), "o-", color="#1f4e79", linewidth=2, label="held-out text")
    axes.set(xlabel="step", ylabel="cross-entropy of a character")
    axes.set_title("A character GPT learns", loc="left")
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.25)
    axes.legend(frameon=False)
    figure.savefig(PICTURE, dpi=130)


def main():
    """Trains, prints, draws, writes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("text", nargs="?", help="a text file")
    parser.add_argument("--steps", type=int, help="2000 for a text of your own")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    steps = options.steps or (2000 if options.text else 20)
    text = Path(options.text or FALLBACK).read_text(encoding="utf-8")
    alphabet = sorted(set(text))
    ids = np.array([alphabet.index(character) for character in text])
    training, held_out = np.split(ids, [9 * len(ids) // 10])

    looks = 20 if options.text else 4
    model, store, chance = GPT(len(alphabet)), pg.ParameterStore(options.seed), np.random.default_rng(options.seed)
    model.init(store, training[None, :BLOCK])
    size = sum(value.size for value in store.values())
    print(f"{len(text):,} characters, {len(alphabet)} different; {size:,} parameters\n")
    print(" step   training   held out   ms a step")
    losses, curve, spent = [], [(0, evaluate(model, store, held_out, looks))], 0.0
    for i in range(steps):
        start = time.perf_counter()
        rec = pg.Record(store)
        loss = loss_of(model, rec, *batch(training, chance))
        step(store, loss, rate(i, steps))
        losses.append(loss.item())
        spent += time.perf_counter() - start
        part = max(steps // 10, 1)
        if (i + 1) % part == 0:
            curve.append((i + 1, evaluate(model, store, held_out, looks)))
            mean, each = sum(losses[-part:]) / part, spent / (i + 1) * 1e3
            print(f"{i + 1:5}   {mean:8.3f}   {curve[-1][1]:8.3f}   {each:9.1f}")
    draw(losses, curve)
    final = evaluate(model, store, held_out, 10 * looks)
    print(f"\n{spent:.0f} seconds of training; {final:.3f} on more of the held-out text; drew {PICTURE}. It writes:\n")
    written = write(model, store, held_out[: BLOCK // 2], 300, chance)
    print("".join(alphabet[i] for i in written))


if __name__ == "__main__":
    main()
