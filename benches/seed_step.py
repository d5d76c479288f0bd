"""One whole training step of the smallest layer, beside its peers: `python benches/seed_step.py`.

Everything a step takes: a new record, the layer from the store, forward, loss, gradient, update, and the loss as a
float. All start from the same weight, whose outputs stay positive, and must agree on the loss of five steps.
"""

import numpy as np
from harness import available, compare, table

import phonograd as pg

WEIGHT = np.linspace(1.0, 2.0, 9, dtype=np.float32).reshape(3, 3)
X = [[1.0, 2.0, 3.0]]
RATE = 1e-9  # so small that a million steps change nothing


def of_phonograd(rate=RATE, *, read=True):
    store = pg.ParameterStore()
    store["linear.weight"] = WEIGHT

    def step():
        rec = pg.Record()
        linear = pg.LinearLayer(rec, 3, 3, store, id="linear")
        x = rec.tensor(X)
        loss = linear.forward(x).relu().sum()
        grads = loss.grad()
        linear.optimize(grads, store, rate=rate)
        return loss.item() if read else None

    return step


def of_numpy(rate=RATE):
    state = {"weight": WEIGHT.copy()}

    def step():
        weight = state["weight"]
        x = np.array(X, dtype=np.float32)
        h = x @ weight
        loss = np.maximum(h, 0.0).sum()
        gradient = x.T @ (h > 0.0).astype(np.float32)
        state["weight"] = weight - np.float32(rate) * gradient
        return float(loss)

    return step


def of_torch(rate=RATE):
    import torch

    layer = torch.nn.Linear(3, 3, bias=False)
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(WEIGHT.T.copy()))
    descent = torch.optim.SGD(layer.parameters(), lr=rate)

    def step():
        x = torch.tensor(X)
        loss = layer(x).relu().sum()
        descent.zero_grad()
        loss.backward()
        descent.step()
        return loss.item()

    return step


def of_jax(rate=RATE):
    import jax
    import jax.numpy as jnp

    @jax.jit
    def update(weight, x):
        loss, gradient = jax.value_and_grad(lambda w: jax.nn.relu(x @ w).sum())(weight)
        return loss, weight - rate * gradient

    state = {"weight": jnp.asarray(WEIGHT)}

    def step():
        loss, state["weight"] = update(state["weight"], np.array(X, dtype=np.float32))
        return float(loss)

    return step


def main():
    makers = {"phonograd": of_phonograd, "NumPy by hand": of_numpy}
    makers |= {name: make for name, make in {"torch": of_torch, "jax": of_jax}.items() if available(name)}
    for name, make in makers.items():
        step = make(rate=0.01)
        losses = [step() for _ in range(5)]
        np.testing.assert_allclose(-np.diff(losses), 0.42, rtol=1e-4, err_msg=name)
    if "torch" in makers:
        import torch

        torch.set_num_threads(1)
    candidates = {name: make() for name, make in makers.items()}
    candidates["phonograd, loss not read"] = of_phonograd(read=False)
    table("The seed's whole step", compare(candidates))
    print(f"\n{pg.plan_cache()}")


if __name__ == "__main__":
    main()
