"""Writes tests/data/optim.npz: what torch.optim and optax make of fixed gradients, for tests/test_optim_reference.py.

Run as `python tools/optim_reference.py` with torch and optax installed (the extra `bench`). The test needs neither.
Everything is float64: twenty steps of two parameters for each row of options, with elements whose gradient is always 0;
L-BFGS's points; averages; and schedules.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import jax
import numpy as np
import optax
import torch

OUT = Path(__file__).resolve().parent.parent / "tests" / "data" / "optim.npz"
STEPS, SHAPES = 20, {"x": (3, 2), "y": (4,)}
Arrays = dict[str, np.ndarray]

OPTIM = torch.optim
TORCH: dict[str, Callable[[list[torch.nn.Parameter]], torch.optim.Optimizer]] = {
    "sgd": lambda p: OPTIM.SGD(p, 0.1),
    "sgd-momentum": lambda p: OPTIM.SGD(p, 0.1, momentum=0.9, weight_decay=0.1),
    "sgd-nesterov": lambda p: OPTIM.SGD(p, 0.1, momentum=0.9, nesterov=True, weight_decay=0.1),
    "asgd": lambda p: OPTIM.ASGD(p, 0.1),
    "asgd-decay": lambda p: OPTIM.ASGD(p, 0.1, lambd=0.3, alpha=0.6, t0=5, weight_decay=0.1),
    "asgd-mean": lambda p: OPTIM.ASGD(p, 0.1, lambd=0.3, alpha=0.6, t0=5, weight_decay=0.1),
    "adam": lambda p: OPTIM.Adam(p, 0.1),
    "adam-decay": lambda p: OPTIM.Adam(p, 0.1, betas=(0.8, 0.9), eps=1e-3, weight_decay=0.1),
    "adam-amsgrad": lambda p: OPTIM.Adam(p, 0.1, betas=(0.8, 0.7), amsgrad=True),
    "adamw": lambda p: OPTIM.AdamW(p, 0.1, weight_decay=0.1),
    "adamw-amsgrad": lambda p: OPTIM.AdamW(p, 0.1, betas=(0.8, 0.7), weight_decay=0.1, amsgrad=True),
    "nadam": lambda p: OPTIM.NAdam(p, 0.1),
    "nadam-decay": lambda p: OPTIM.NAdam(p, 0.1, betas=(0.8, 0.9), weight_decay=0.1, momentum_decay=0.1),
    "nadam-decoupled": lambda p: OPTIM.NAdam(p, 0.1, eps=1e-3, weight_decay=0.1, decoupled_weight_decay=True),
    "radam": lambda p: OPTIM.RAdam(p, 0.1),
    "radam-decay": lambda p: OPTIM.RAdam(p, 0.1, betas=(0.8, 0.9), eps=1e-3, weight_decay=0.1),
    "radam-decoupled": lambda p: OPTIM.RAdam(p, 0.1, weight_decay=0.1, decoupled_weight_decay=True),
    "radam-short": lambda p: OPTIM.RAdam(p, 0.1, betas=(0.8, 0.6)),
    "adamax": lambda p: OPTIM.Adamax(p, 0.1),
    "adamax-decay": lambda p: OPTIM.Adamax(p, 0.1, betas=(0.8, 0.9), eps=1e-3, weight_decay=0.1),
    "rmsprop": lambda p: OPTIM.RMSprop(p, 0.1),
    "rmsprop-centered": lambda p: OPTIM.RMSprop(p, 0.1, alpha=0.9, eps=1e-3, centered=True, weight_decay=0.1),
    "rmsprop-momentum": lambda p: OPTIM.RMSprop(p, 0.1, momentum=0.9),
    "rmsprop-both": lambda p: OPTIM.RMSprop(p, 0.1, eps=1e-3, momentum=0.5, centered=True),
    "adagrad": lambda p: OPTIM.Adagrad(p, 0.1),
    "adagrad-decay": lambda p: OPTIM.Adagrad(
        p, 0.1, lr_decay=0.1, weight_decay=0.1, initial_accumulator_value=0.5, eps=1e-3
    ),
    "adadelta": lambda p: OPTIM.Adadelta(p),
    "adadelta-decay": lambda p: OPTIM.Adadelta(p, 0.5, rho=0.8, eps=1e-3, weight_decay=0.1),
    "adafactor": lambda p: OPTIM.Adafactor(p),
    "adafactor-decay": lambda p: OPTIM.Adafactor(p, 0.5, beta2_decay=-0.5, eps=(0.5, 1.0), d=1.5, weight_decay=0.1),
    "muon": lambda p: OPTIM.Muon(p, 0.1),
    "muon-adamw-scale": lambda p: OPTIM.Muon(
        p, 0.1, weight_decay=0.0, momentum=0.8, nesterov=False, ns_steps=3, adjust_lr_fn="match_rms_adamw"
    ),
}
OPTAX: dict[str, optax.GradientTransformation] = {
    "lion": optax.lion(0.1, weight_decay=0.0),
    "lion-decay": optax.lion(0.1, b1=0.8, b2=0.9, weight_decay=0.1),
    "lamb": optax.lamb(0.1),
    "lamb-decay": optax.lamb(0.1, b1=0.8, b2=0.9, eps=1e-3, weight_decay=0.1),
    "sgd-clip-value": optax.chain(optax.clip(0.7), optax.sgd(0.1)),
    "sgd-clip-global-norm": optax.chain(optax.clip_by_global_norm(2.5), optax.sgd(0.1)),
}


def split(row: np.ndarray, shapes: dict[str, tuple[int, ...]]) -> Arrays:
    return {"x": row[:6].reshape(shapes["x"]), "y": row[6:].reshape(shapes["y"])}


def with_torch(name: str, start: np.ndarray, gradients: np.ndarray) -> np.ndarray:
    # Muon takes matrices only, and by torch's habit as (outputs, inputs).
    muon = name.startswith("muon")
    shapes = {"x": (3, 2), "y": (2, 2)} if muon else SHAPES
    turn: Callable[[Any], Any] = (lambda a: a.T) if muon else (lambda a: a)
    parameters = [torch.nn.Parameter(torch.tensor(turn(a).copy())) for a in split(start, shapes).values()]
    optimizer, rows = TORCH[name](parameters), []
    # Its bfloat16 would leave three digits to compare.
    with mock.patch.object(torch.Tensor, "bfloat16", lambda self: self.clone()):
        for row in gradients:
            for parameter, g in zip(parameters, split(row, shapes).values(), strict=True):
                parameter.grad = torch.tensor(turn(g).copy())
            optimizer.step()
            found = [optimizer.state[p]["ax"] for p in parameters] if name == "asgd-mean" else parameters
            rows.append(np.concatenate([turn(p.detach().numpy()).ravel() for p in found]))
    return np.array(rows)


def with_optax(name: str, start: np.ndarray, gradients: np.ndarray) -> np.ndarray:
    parameters, rows = split(start, SHAPES), []
    state = OPTAX[name].init(parameters)
    for row in gradients:
        updates, state = OPTAX[name].update(split(row, SHAPES), state, parameters)
        parameters = optax.apply_updates(parameters, updates)
        rows.append(np.concatenate([np.ravel(value) for value in parameters.values()]))
    return np.array(rows)


def rosenbrock(p: torch.Tensor) -> torch.Tensor:
    return ((1 - p[:-1]) ** 2 + 100 * (p[1:] - p[:-1] ** 2) ** 2).sum()


def valley(p: torch.Tensor) -> torch.Tensor:
    return (p - 1).cosh().log().sum() + 0.5 * (p * torch.arange(1.0, 1.0 + len(p), dtype=p.dtype)).sum() ** 2


def waves(p: torch.Tensor) -> torch.Tensor:
    return (0.1 * p**2 + (3 * p).sin()).sum()


def lbfgs(
    target: Callable[[torch.Tensor], torch.Tensor],
    start: list[float],
    iterations: int,
    history: int = 100,
    rate: float = 1.0,
) -> np.ndarray:
    p = torch.nn.Parameter(torch.tensor(start, dtype=torch.float64))
    optimizer = OPTIM.LBFGS(
        [p],
        rate,
        max_iter=1,
        max_eval=1000,
        tolerance_grad=0.0,
        tolerance_change=1e-12,
        history_size=history,
        line_search_fn="strong_wolfe",
    )

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = target(p)
        loss.backward()
        return loss

    rows = []
    for _ in range(iterations):
        optimizer.step(closure)
        rows.append(p.detach().numpy().copy())
    return np.array(rows)


def averages(values: np.ndarray) -> Arrays:
    out = {"average/values": values}
    for name, average in (
        ("ema", torch.optim.swa_utils.get_ema_multi_avg_fn(0.9)),
        ("swa", torch.optim.swa_utils.get_swa_multi_avg_fn()),
    ):
        module = torch.nn.ParameterList([torch.nn.Parameter(torch.tensor(values[0]))])
        averaged, rows = torch.optim.swa_utils.AveragedModel(module, multi_avg_fn=average), []
        for row in values:
            module[0].data = torch.tensor(row)
            averaged.update_parameters(module)
            rows.append(averaged.module[0].detach().numpy().copy())
        out[f"average/{name}"] = np.array(rows)
    return out


def schedules(losses: np.ndarray) -> Arrays:
    rates = torch.optim.lr_scheduler

    def followed(make: Callable[[Any], Any], given: np.ndarray | None = None, steps: int = 40) -> np.ndarray:
        optimizer = OPTIM.SGD([torch.nn.Parameter(torch.zeros(1))], 0.8)
        schedule, seen = make(optimizer), []
        for step in range(steps if given is None else len(given)):
            if given is None:
                seen.append(optimizer.param_groups[0]["lr"])
                optimizer.step()
                schedule.step()
            else:
                schedule.step(given[step])
                seen.append(optimizer.param_groups[0]["lr"])
        return np.array(seen)

    def warmed(optimizer: Any) -> Any:
        warm = rates.LinearLR(optimizer, start_factor=1 / 6, end_factor=1.0, total_iters=5)
        return rates.SequentialLR(optimizer, [warm, rates.CosineAnnealingLR(optimizer, 30, eta_min=0.05)], [5])

    def after_another(optimizer: Any) -> Any:
        parts = [rates.ExponentialLR(optimizer, 0.9), rates.StepLR(optimizer, 4), rates.PolynomialLR(optimizer, 9)]
        return rates.SequentialLR(optimizer, parts, [7, 20])

    made = {
        "constant": followed(lambda o: rates.ConstantLR(o, 1.0)),
        "step": followed(lambda o: rates.StepLR(o, 7, gamma=0.5)),
        "multi-step": followed(lambda o: rates.MultiStepLR(o, [3, 4, 20], gamma=0.5)),
        "exponential": followed(lambda o: rates.ExponentialLR(o, 0.9)),
        "linear": followed(lambda o: rates.LinearLR(o, start_factor=0.25, end_factor=0.75, total_iters=20)),
        "polynomial": followed(lambda o: rates.PolynomialLR(o, 15, power=1.7)),
        # Torch's cosine rises again after its end.
        "cosine": followed(lambda o: rates.CosineAnnealingLR(o, 20, eta_min=0.1), steps=21),
        "cosine-warmup": followed(warmed, steps=36),
        "cosine-restarts": followed(lambda o: rates.CosineAnnealingWarmRestarts(o, 7, eta_min=0.1)),
        "cosine-restarts-longer": followed(lambda o: rates.CosineAnnealingWarmRestarts(o, 3, T_mult=2)),
        "sequential": followed(after_another),
        "one-cycle": followed(lambda o: rates.OneCycleLR(o, 0.8, total_steps=30, cycle_momentum=False), steps=30),
        "one-cycle-other": followed(
            lambda o: rates.OneCycleLR(
                o, 0.8, total_steps=37, pct_start=0.4, div_factor=10, final_div_factor=100, cycle_momentum=False
            ),
            steps=37,
        ),
        "plateau": followed(lambda o: rates.ReduceLROnPlateau(o, factor=0.5, patience=2), losses),
        "plateau-other": followed(
            lambda o: rates.ReduceLROnPlateau(o, factor=0.1, patience=1, threshold=0.1, cooldown=2, min_lr=0.05), losses
        ),
    }
    return {f"schedule/{name}": values for name, values in made.items()}


def main() -> None:
    warnings.simplefilter("ignore")  # of torch, about the order of schedule and step
    jax.config.update("jax_enable_x64", True)
    torch.set_default_dtype(torch.float64)  # of NAdam's product and the weights of averages
    rng = np.random.default_rng(0)
    start, gradients = rng.normal(size=10), rng.normal(size=(STEPS, 10))
    gradients[:, [3, 8]] = 0.0
    losses = 1.0 / (1.0 + np.arange(40)) + 0.05 * rng.uniform(size=40)
    data = {"start": start, "gradients": gradients, "losses": losses}
    data |= {f"optimizer/{name}": with_torch(name, start, gradients) for name in TORCH}
    data |= {f"optimizer/{name}": with_optax(name, start, gradients) for name in OPTAX}
    data["lbfgs/rosenbrock"] = lbfgs(rosenbrock, [-1.2, 1.0], 20)
    data["lbfgs/rosenbrock-5"] = lbfgs(rosenbrock, [-1.2, 1.0, 0.5, -0.5, 0.1], 20, 3)
    data["lbfgs/valley"] = lbfgs(valley, [3.0, -2.0, 1.0], 10)
    # Steps that begin much too short or too long, and losses that rise and fall again on the way.
    data["lbfgs/valley-short"] = lbfgs(valley, [3.0, -2.0, 1.0], 10, rate=1e-3)
    data["lbfgs/rosenbrock-long"] = lbfgs(rosenbrock, [-1.2, 1.0], 20, rate=50.0)
    data["lbfgs/waves-short"] = lbfgs(waves, [4.0, -7.0, 2.5], 6, rate=0.03)
    data["lbfgs/waves-long"] = lbfgs(waves, [4.0, -7.0, 2.5], 6, rate=30.0)
    data |= averages(rng.normal(size=(8, 3)))
    data |= schedules(losses)
    np.savez_compressed(OUT, **data)
    print(f"{OUT.name}: {len(data)} arrays, {OUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
