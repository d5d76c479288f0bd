"""One whole training step of the smallest layer, beside its peers: `python benches/seed_step.py`.

Everything a step takes: a new record, the layer from the store, forward, loss, gradient, update, and the loss as a
float. All start from the same weight, whose outputs stay positive, and must agree on the loss of five steps.
"""

import numpy as np
from harness import available, compare, table, tie
from workloads import MODULES
from workloads.scalars import seed_step, seed_step_here

import phonograd as pg

RATE = 1e-9  # so small that a million steps change nothing


def main():
    tie(1)
    for name, make in seed_step(rate=0.01).items():
        if available(MODULES[name]):
            step = make().step
            losses = [step() for _ in range(5)]
            np.testing.assert_allclose(-np.diff(losses), 0.42, rtol=1e-4, err_msg=name)
    makers = seed_step(rate=RATE)
    candidates = {name: make().step for name, make in makers.items() if available(MODULES[name])}
    candidates["phonograd, loss not read"] = seed_step_here("float32", RATE, read=False).step
    table("The seed's whole step", compare(candidates))
    print(f"\n{pg.plan_cache()}")


if __name__ == "__main__":
    main()
