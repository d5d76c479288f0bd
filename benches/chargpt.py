"""A step of the character GPT of `examples/chargpt.py` beside the same model in torch: `python benches/chargpt.py`.

Both start from the same weights and see the same batches, in turns of a few steps each; if their losses differ, it
stops; the rate is that of the end, so that rounding does not grow into other losses. Drawing the batches is left out of
the times.
"""

import argparse
import importlib.util
import statistics
import time
from pathlib import Path

import numpy as np
from harness import QUICK, available

import phonograd as pg

SPEC = importlib.util.spec_from_file_location("chargpt", Path(__file__).parent.parent / "examples" / "chargpt.py")
gpt = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(gpt)


def ours(characters, store):
    """A function that trains on a batch and returns the loss."""
    model = gpt.GPT(characters)
    model.init(store, np.zeros((1, gpt.BLOCK), int))

    def step(x, y):
        rec = pg.Record(store)
        loss = gpt.loss_of(model, rec, x, y)
        gpt.step(store, loss, gpt.LEAST)
        return loss.item()

    return step


def torchs(characters, store):
    """The same in torch, with the weights that are in the store now."""
    import torch
    from torch import nn
    from torch.nn import functional

    torch.set_num_threads(pg.get_num_threads())

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            width = gpt.WIDTH
            self.norm1, self.norm2 = nn.LayerNorm(width, bias=False), nn.LayerNorm(width, bias=False)
            self.packed, self.out = nn.Linear(width, 3 * width, bias=False), nn.Linear(width, width, bias=False)
            self.up, self.down = nn.Linear(width, 4 * width, bias=False), nn.Linear(4 * width, width, bias=False)

        def forward(self, x):
            parts = self.packed(self.norm1(x)).split(gpt.WIDTH, dim=2)
            q, k, v = (part.unflatten(2, (gpt.HEADS, -1)).transpose(1, 2) for part in parts)
            y = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
            x = x + self.out(y.transpose(1, 2).flatten(2))
            return x + self.down(functional.gelu(self.up(self.norm2(x))))

    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.characters = nn.Embedding(characters, gpt.WIDTH)
            self.positions = nn.Embedding(gpt.BLOCK, gpt.WIDTH)
            self.blocks = nn.ModuleList([Block() for _ in range(gpt.LAYERS)])
            self.norm = nn.LayerNorm(gpt.WIDTH, bias=False)

        def forward(self, x):
            h = self.characters(x) + self.positions(torch.arange(x.shape[1]))
            for block in self.blocks:
                h = block(h)
            return self.norm(h) @ self.characters.weight.T

    model = Model()
    weight = {name: torch.tensor(np.array(store[name])) for name in store}
    with torch.no_grad():
        for name in ("characters", "positions", "norm"):
            getattr(model, name).weight.copy_(weight[f"{name}.weight"])
        for i, block in enumerate(model.blocks):
            at = f"blocks.{i}."
            packed = [weight[f"{at}attention.{part}.weight"].T for part in ("query", "key", "value")]
            block.packed.weight.copy_(torch.cat(packed))
            block.out.weight.copy_(weight[f"{at}attention.out.weight"].T)
            for part in ("up", "down"):
                getattr(block, part).weight.copy_(weight[f"{at}{part}.weight"].T)
    matrices = [p for p in model.parameters() if p.ndim > 1]
    scales = [p for p in model.parameters() if p.ndim == 1]
    groups = [{"params": matrices, "weight_decay": gpt.DECAY}, {"params": scales, "weight_decay": 0.0}]
    descent = torch.optim.AdamW(groups, lr=gpt.LEAST, betas=gpt.BETAS)

    def step(x, y):
        descent.zero_grad(set_to_none=True)
        loss = functional.cross_entropy(model(torch.from_numpy(x)).flatten(0, 1), torch.from_numpy(y).flatten())
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), gpt.CLIP)
        descent.step()
        return loss.item()

    return step


def main():
    """Compares, measures, prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("text", nargs="?", default=gpt.FALLBACK, help="a text file")
    parser.add_argument("--rounds", type=int, default=2 if QUICK else 20)
    parser.add_argument("--turn", type=int, default=1 if QUICK else 5, help="steps in a turn")
    options = parser.parse_args()
    text = Path(options.text).read_text(encoding="utf-8")
    alphabet = sorted(set(text))
    ids, chance = np.array([alphabet.index(character) for character in text]), np.random.default_rng(0)

    store = pg.ParameterStore(seed=0)
    candidates = {"phonograd": ours(len(alphabet), store)}
    if available("torch"):
        candidates["torch"] = torchs(len(alphabet), store)
    times = {name: [] for name in candidates}
    for _ in range(options.rounds + 1):
        batches = [gpt.batch(ids, chance) for _ in range(options.turn)]
        losses = {}
        for name, step in candidates.items():
            start = time.perf_counter()
            losses[name] = [step(*batch) for batch in batches]
            times[name].append((time.perf_counter() - start) / len(batches))
        if not np.allclose(*([*losses.values()] * 2)[:2], rtol=2e-2):
            raise SystemExit(f"the losses differ: {losses}")
    print(f"\nOne step of the character GPT, {pg.get_num_threads()} threads; first turn left out\n")
    print("| | ms | of torch |\n|---|---:|---:|")
    for name, found in times.items():
        middle = statistics.median(found[1:])
        ratios = [a / b for a, b in zip(found[1:], times[list(times)[-1]][1:], strict=True)]
        print(f"| {name} | {middle * 1e3:.1f} | {statistics.median(ratios):.2f} |")
    print(f"\nlast losses: {', '.join(f'{name} {found[-1]:.4f}' for name, found in losses.items())}")


if __name__ == "__main__":
    main()
