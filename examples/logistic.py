"""Tells malignant from benign tumours by logistic regression: 569 samples, 30 features, L-BFGS to the last digits.

Fits one model for each of several strengths of regularisation, each from where the last one ended. The objective must
be scikit-learn's at its optimum. Prints a table and draws `logistic.png`: how the weights grow as they are allowed to,
and what that does to samples that were held out.
"""

import os
import time

import numpy as np
from matplotlib.figure import Figure
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

import phonograd as pg

QUICK = bool(os.environ.get("QUICK"))
STRENGTHS = np.logspace(-3, 3, 5 if QUICK else 25)
PICTURE = "logistic.png"


def loss(rec, x, t, strength):
    """Scikit-learn's objective: half the squared weights, and `strength` times the losses of all samples."""
    weights, bias = rec.parameter("weights"), rec.parameter("bias")
    logits = rec.tensor(x) @ weights + bias
    errors = pg.binary_cross_entropy_with_logits(logits, rec.tensor(t), reduction="sum")
    return 0.5 * weights.square().sum() + strength * errors


def mean_loss(store, x, t):
    """The mean loss and the share read right of samples."""
    rec = pg.Record(store, grad=False)
    logits = rec.tensor(x) @ rec.parameter("weights") + rec.parameter("bias")
    errors = pg.binary_cross_entropy_with_logits(logits, rec.tensor(t))
    rec.compute(logits, errors)
    return errors.item(), np.mean((logits.data() > 0) == (t > 0.5))


def peer(x, t, strength):
    """Scikit-learn's optimum: the objective where Newton's method ends."""
    model = LogisticRegression(C=strength, solver="newton-cholesky", tol=1e-12, max_iter=1000).fit(x, t)
    margins = (2 * t - 1) * model.decision_function(x)
    return 0.5 * np.square(model.coef_).sum() + strength * np.logaddexp(0.0, -margins).sum()


def draw(paths, held_out, names):
    """Draws the weights by the strength, and the loss of what was held out."""
    best = int(np.argmin([share for share, _ in held_out]))
    figure = Figure(figsize=(11.5, 5.6), layout="constrained", facecolor="white")
    left, right = figure.subplots(1, 2, width_ratios=[1.5, 1])
    weights = np.array(paths)
    leading = np.argsort(-np.abs(weights[best]))[:6]
    for feature, name in enumerate(names):
        shown = feature in leading
        color = f"C{list(leading).index(feature)}" if shown else "#c8d0d6"
        left.semilogx(STRENGTHS, weights[:, feature], color=color, linewidth=2 if shown else 0.8,
                      label=name if shown else None, zorder=2 + shown)  # fmt: skip
    left.set_ylim(*np.array([1.4, 1.4]) * [weights[best].min() * 2, weights[best].max() * 2])
    left.set_title("The weights of 30 standardised features", loc="left")
    left.legend(frameon=False, fontsize=9, loc="upper left")
    right.loglog(STRENGTHS, [error for error, _ in held_out], color="#1f4e79", linewidth=2.2)
    right.set_title(f"Held-out loss; {held_out[best][1]:.1%} read right at its least", loc="left")
    for axes in (left, right):
        axes.axvline(STRENGTHS[best], color="#a03020", linewidth=1, linestyle="--")
        axes.set_xlabel("how much samples count against regularisation (C)")
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(alpha=0.25)
    figure.savefig(PICTURE, dpi=130)


def main():
    """Fits, compares, prints, draws."""
    data = load_breast_cancer()
    targets = (data.target == 0).astype(np.float64)  # malignant is what is looked for
    split = train_test_split(data.data, targets, test_size=0.3, stratify=targets, random_state=0)
    scaler = StandardScaler().fit(split[0])
    x, held_x, t, held_t = scaler.transform(split[0]), scaler.transform(split[1]), split[2], split[3]

    store = pg.ParameterStore()
    store.update(weights=np.zeros(x.shape[1]), bias=np.zeros(()))
    lbfgs = pg.optim.LBFGS(tolerance_gradient=1e-7, iterations=5000)
    paths, held_out, farthest = [], [], 0.0
    print("        C      objective   above scikit-learn's   evaluations   milliseconds   held-out loss")
    for strength in STRENGTHS:
        start = time.perf_counter()
        store.state.clear()
        found = lbfgs.minimize(store, lambda rec, strength=strength: loss(rec, x, t, strength))
        seconds = time.perf_counter() - start
        above = (found.loss - peer(x, t, strength)) / found.loss
        paths.append(store["weights"])
        held_out.append(mean_loss(store, held_x, held_t))
        farthest = max(farthest, abs(above))
        print(f"{strength:9.3g}   {found.loss:12.6f}   {above:20.1e}   {found.evaluations:11}   {1e3 * seconds:12.1f}"
              f"   {held_out[-1][0]:13.4f}")  # fmt: skip
    draw(paths, held_out, data.feature_names)
    print(f"drew {PICTURE}")
    if farthest > 1e-6:
        raise SystemExit("an optimum is not scikit-learn's")


if __name__ == "__main__":
    main()
