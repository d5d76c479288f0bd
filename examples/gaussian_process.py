"""Predicts how diabetes progresses, with a Gaussian process whose kernel is learned by its marginal likelihood.

From body mass index and serum triglycerides of 442 patients. The likelihood goes through a Cholesky factor, its
gradient through that of the factor, and L-BFGS finds the kernel: the optimum must be scikit-learn's. Prints the kernel
and draws `gaussian_process.png`: what is predicted where, how sure that is, and how each patient is predicted from all
others.
"""

import os
import time

import numpy as np
from matplotlib.figure import Figure
from scipy.optimize import minimize
from sklearn.datasets import load_diabetes
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel

import phonograd as pg

QUICK = bool(os.environ.get("QUICK"))
PATIENTS = 120 if QUICK else 442
PICTURE = "gaussian_process.png"
NAMES = ("body mass index (kg/m²)", "log serum triglycerides")


def kernel(rec, a, b):
    """How alike two sets of patients are, without noise: `s * exp(-d**2 / 2)`, each feature with its own length."""
    scale = rec.parameter("log_lengths").exp()
    distance = pg.expand_dims(rec.tensor(a) / scale, 1) - rec.tensor(b) / scale
    return rec.parameter("log_signal").exp() * (-0.5 * distance.square().sum(axis=-1)).exp()


def factor(rec, x):
    """The lower triangular factor of the covariance of what is observed."""
    noise = rec.parameter("log_noise").exp()
    return pg.linalg.cholesky(kernel(rec, x, x) + noise * rec.eye(len(x), dtype="float64"))


def loss(rec, x, y):
    """The negative logarithm of the marginal likelihood."""
    lower = factor(rec, x)
    white = pg.linalg.solve_triangular(lower, y, lower=True)
    determinant = pg.linalg.diagonal(lower).log().sum()
    return 0.5 * white.square().sum() + determinant + 0.5 * len(y) * np.log(2 * np.pi)


def fit(x, y):
    """Learns the kernel; returns the store with its parameters, and what L-BFGS found."""
    store = pg.ParameterStore()
    store.update(log_signal=np.zeros(()), log_lengths=np.zeros(x.shape[1]), log_noise=np.zeros(()))
    return store, pg.optim.LBFGS(tolerance_gradient=1e-6).minimize(store, lambda rec: loss(rec, x, y))


def predict(store, x, y, new):
    """Mean and standard deviation at new places."""
    rec = pg.Record(store, grad=False)
    lower, across = factor(rec, x), kernel(rec, x, new)
    white = pg.linalg.solve_triangular(lower, across, lower=True)
    mean = white.T @ pg.linalg.solve_triangular(lower, y, lower=True)
    variance = rec.parameter("log_signal").exp() - white.square().sum(axis=0)
    rec.compute(mean, variance)
    return mean.data(), np.sqrt(variance.data())


def leave_one_out(store, x, y):
    """Mean and standard deviation of each patient, predicted from all others, in closed form."""
    rec = pg.Record(store, grad=False)
    precision = pg.linalg.cholesky_inverse(factor(rec, x))
    variance = 1.0 / pg.linalg.diagonal(precision)
    mean = rec.tensor(y) - (precision @ y) * variance
    rec.compute(mean, variance)
    return mean.data(), np.sqrt(variance.data())


def peer(x, y):
    """What scikit-learn finds, with an optimiser that goes on until the gradient is as small as ours."""

    def optimizer(objective, start, bounds):
        found = minimize(objective, start, jac=True, bounds=bounds, options={"gtol": 1e-8, "ftol": 1e-15})
        return found.x, found.fun

    form = ConstantKernel(1.0, (1e-5, 1e5)) * RBF(np.ones(x.shape[1]), (1e-5, 1e5)) + WhiteKernel(1.0, (1e-5, 1e5))
    return GaussianProcessRegressor(form, alpha=0.0, optimizer=optimizer).fit(x, y)


def draw(store, raw, x, y, units):
    """Draws the prediction over both features, and each patient's value beside what the others say of it."""
    shift, scale = units
    figure = Figure(figsize=(12, 5.2), layout="constrained", facecolor="white")
    left, right = figure.subplots(1, 2, width_ratios=[1.15, 1])
    sides = [np.linspace(column.min(), column.max(), 80) for column in x.T]
    across, up = np.meshgrid(*sides)
    mean, deviation = predict(store, x, y, np.stack([across.ravel(), up.ravel()], axis=-1))
    center, spread = raw.mean(axis=0), raw.std(axis=0)
    grid = across * spread[0] + center[0], up * spread[1] + center[1]
    field = left.contourf(*grid, (mean * scale + shift).reshape(across.shape), 18, cmap="viridis")
    lines = left.contour(*grid, (deviation * scale).reshape(across.shape), 5, colors="white", linewidths=0.8)
    left.clabel(lines, fmt=lambda value: f"±{value:.0f}", fontsize=8)
    left.scatter(*raw.T, c=y * scale + shift, cmap="viridis", s=16, edgecolors="white", linewidths=0.5)
    left.set(xlabel=NAMES[0], ylabel=NAMES[1])
    left.set_title("Predicted progression after a year, and how sure it is", loc="left")
    figure.colorbar(field, ax=left)

    mean, deviation = leave_one_out(store, x, y)
    observed, expected = y * scale + shift, mean * scale + shift
    inside = np.abs(y - mean) < 1.96 * deviation
    for some, color in [(inside, "#1f4e79"), (~inside, "#c0392b")]:
        right.errorbar(expected[some], observed[some], xerr=1.96 * deviation[some] * scale, fmt="o", color=color,
                       markersize=3.5, elinewidth=0.4, alpha=0.55)  # fmt: skip
    ends = [observed.min(), observed.max()]
    right.plot(ends, ends, color="black", linewidth=1)
    right.set(xlabel="predicted from all other patients, with 95 % intervals", ylabel="observed")
    right.set_title(f"{inside.mean():.1%} of the patients lie inside", loc="left")
    right.spines[["top", "right"]].set_visible(False)
    figure.savefig(PICTURE, dpi=130)


def main():
    """Fits, compares, draws."""
    data = load_diabetes(scaled=False)
    chosen = [data.feature_names.index(name) for name in ("bmi", "s5")]
    raw, target = data.data[:PATIENTS, chosen], data.target[:PATIENTS]
    x, y = (raw - raw.mean(axis=0)) / raw.std(axis=0), (target - target.mean()) / target.std()

    start = time.perf_counter()
    store, found = fit(x, y)
    seconds = time.perf_counter() - start
    start = time.perf_counter()
    theirs = peer(x, y)
    print(f"likelihood   {-found.loss:.8f} in {found.evaluations} evaluations, {seconds:.2f} s ({found.reason})")
    print(f"scikit-learn {theirs.log_marginal_likelihood_value_:.8f} in {time.perf_counter() - start:.2f} s")
    lengths = np.exp(store["log_lengths"]) * raw.std(axis=0)
    for name, length in zip(NAMES, lengths, strict=True):
        print(f"{name} matters over a length of {length:.3g}")
    print(f"signal {np.exp(0.5 * store['log_signal']):.3f}, noise {np.exp(0.5 * store['log_noise']):.3f}, standardised")
    draw(store, raw, x, y, (target.mean(), target.std()))
    print(f"drew {PICTURE}")
    if abs(found.loss + theirs.log_marginal_likelihood_value_) > 1e-6 * abs(found.loss):
        raise SystemExit("the optimum is not scikit-learn's")


if __name__ == "__main__":
    main()
