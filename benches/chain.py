"""Depth: a chain of 1,000 scalar operations forwards and backwards, and one of 1,000,000: `python benches/chain.py`."""

from harness import QUICK, available, compare, fresh, table, tie
from workloads import MODULES
from workloads.scalars import scalar_chain

LONG = 10_000 if QUICK else 1_000_000


REPORT = """
with open("/proc/self/status") as status:
    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024
print(json.dumps([recorded - start, swept - recorded, computed - swept, dropped - computed, peak]))
"""

LONG_CHAINS = {
    "phonograd": f"""
import json, time
import phonograd as pg
start = time.perf_counter()
rec = pg.Record()
y = x = rec.tensor(0.5)
for _ in range({LONG}):
    y = y.sin()
recorded = time.perf_counter()
grads = y.grad()
swept = time.perf_counter()
value = grads.wrt(x).item()
computed = time.perf_counter()
del rec, x, y, grads
dropped = time.perf_counter()
{REPORT}""",
    "torch": f"""
import json, time
import torch
torch.set_num_threads(1)
start = time.perf_counter()
y = x = torch.tensor(0.5, requires_grad=True)
for _ in range({LONG}):
    y = y.sin()
recorded = time.perf_counter()
y.backward()
swept = time.perf_counter()
value = x.grad.item()
computed = time.perf_counter()
del x, y
dropped = time.perf_counter()
{REPORT}""",
}


def main():
    tie(1)
    makers = scalar_chain(rounds=10 if QUICK else 250)
    candidates = {name: make().step for name, make in makers.items() if available(MODULES[name])}
    table("1,000 scalar operations, forwards and backwards", compare(candidates), unit="ms", digits=2)

    chains = {name: program for name, program in LONG_CHAINS.items() if available(name)}
    print(f"\n{LONG:,} scalar operations, in seconds (torch computes while it records)\n")
    print("| | forwards | backwards | the value | drop | all | peak MiB |\n|---|---:|---:|---:|---:|---:|---:|")
    for name, (*parts, peak) in fresh(chains, rounds=1 if QUICK else 3).items():
        print(f"| {name} | {' | '.join(f'{part:.2f}' for part in [*parts, sum(parts)])} | {peak:,.0f} |")


if __name__ == "__main__":
    main()
