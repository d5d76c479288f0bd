"""The first training step of a small network in a fresh process, plan included: `python benches/first_step.py`.

64-128-10 with relu, cross-entropy and Adam on a batch of 64. Modules are imported and the parameters made before; the
second number is a later step, the median of 50.
"""

from harness import available, fresh, table

HEAD = """
import json, statistics, time
import numpy as np
chance = np.random.default_rng(0)
images = chance.random((64, 64), dtype=np.float32)
labels = chance.integers(0, 10, 64)
w1, b1 = (chance.random((64, 128), dtype=np.float32) - 0.5) / 4, np.zeros(128, np.float32)
w2, b2 = (chance.random((128, 10), dtype=np.float32) - 0.5) / 4, np.zeros(10, np.float32)
"""

TAIL = """
times = []
for _ in range(51):
    start = time.perf_counter()
    value = step()
    times.append(time.perf_counter() - start)
print(json.dumps([times[0], statistics.median(times[1:])]))
"""

PHONOGRAD = """
import phonograd as pg
adam = pg.optim.Adam(1e-3)
store = pg.ParameterStore()
store.update({"hidden.weight": w1, "hidden.bias": b1, "output.weight": w2, "output.bias": b2})

def step():
    rec = pg.Record()
    hidden = pg.LinearLayer(rec, 64, 128, store, id="hidden", bias=True)
    output = pg.LinearLayer(rec, 128, 10, store, id="output", bias=True)
    logits = output.forward(hidden.forward(rec.tensor(images)).relu())
    loss = pg.cross_entropy(logits, labels)
    adam.step(store, loss.grad())
    return loss.item()
"""

TORCH = """
import torch
torch.set_num_threads(1)
net = torch.nn.Sequential(torch.nn.Linear(64, 128), torch.nn.ReLU(), torch.nn.Linear(128, 10))
with torch.no_grad():
    for parameter, value in zip(net.parameters(), [w1.T, b1, w2.T, b2]):
        parameter.copy_(torch.from_numpy(value.copy()))
adam = torch.optim.Adam(net.parameters(), lr=1e-3)
forward = COMPILE(lambda x, y: torch.nn.functional.cross_entropy(net(x), y))

def step():
    loss = forward(torch.tensor(images), torch.tensor(labels))
    adam.zero_grad()
    loss.backward()
    adam.step()
    return loss.item()
"""

JAX = """
import jax, optax
import jax.numpy as jnp
adam = optax.adam(1e-3)
params = jax.tree.map(jnp.asarray, (w1, b1, w2, b2))
state = [params, adam.init(params)]

def loss_of(params, x, y):
    w1, b1, w2, b2 = params
    logits = jax.nn.relu(x @ w1 + b1) @ w2 + b2
    return optax.softmax_cross_entropy_with_integer_labels(logits, y).mean()

@jax.jit
def update(params, memory, x, y):
    loss, grads = jax.value_and_grad(loss_of)(params, x, y)
    changes, memory = adam.update(grads, memory)
    return loss, optax.apply_updates(params, changes), memory

def step():
    loss, *state[:] = update(*state, images, labels)
    return float(loss)
"""


def main():
    programs = {"phonograd": PHONOGRAD}
    if available("torch"):
        programs["torch"] = "COMPILE = lambda function: function\n" + TORCH
        programs["torch.compile"] = "import torch\nCOMPILE = torch.compile\n" + TORCH
    if available("jax", "optax") == ["jax", "optax"]:
        programs["jax"] = JAX
    found = fresh({name: HEAD + program + TAIL for name, program in programs.items()}, rounds=3)
    table("The first step", {name: first for name, (first, _) in found.items()}, unit="ms", digits=2)
    table("A later step", {name: later for name, (_, later) in found.items()}, unit="us", digits=0)


if __name__ == "__main__":
    main()
