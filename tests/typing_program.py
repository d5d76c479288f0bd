"""A user's program, checked by mypy and run by the tests."""

from __future__ import annotations

from functools import partial
from typing import Any, assert_type

import phonograd as pg


def program() -> float:
    """Use what users use."""
    rec = pg.Record()
    x = rec.tensor(1.5, dtype="float32")
    y = x + 1.0
    y = 2.0 * y
    y = 2 * y + True
    y = y**2 + 2**y
    assert_type(y, pg.Tensor)
    z = (y + rec.ones((2, 3))).sum(axis=(0, 1), keepdims=True)
    part = z[None, 0:, ...].broadcast_to((1, 2, 3))
    other = pg.maximum(part, 0.0) + pg.maximum(0.0, part)
    mask = other < 1.0
    assert_type(mask, pg.Tensor)
    same = other == y
    assert_type(same, pg.Tensor)
    shaped = other.reshape(2, 3).reshape((2, 3)).softmax(axis=-1).gelu(approximate="tanh")
    loss = pg.mse(shaped, 0.0, reduction="none")
    first, *_ = loss.split(2)
    for row in first:
        assert_type(row, pg.Tensor)
    assert_type(x.shape, tuple[int, ...])
    assert_type(x.dtype, pg.DType)
    try:
        x.sum(axis=9).item()
    except pg.AxisError as error:
        index_error: IndexError = error
        value_error: ValueError = error
        del index_error, value_error
    store = pg.ParameterStore(seed=0)
    assert_type(store.copy().state, pg.ParameterStore)
    batches = pg.data.Batches([1.0, 2.0], 1, key=pg.Key(0))
    history = pg.fit(lambda rec, x: rec.parameter("w", ()) * x.sum(), store, pg.optim.SGD(0.1), batches, steps=1)
    clip = partial(pg.optim.clip_by_value, limit=1.0)
    pg.fit(lambda rec, x: rec.parameter("w") * x.sum(), store, pg.optim.SGD(0.1), batches, steps=1, transform=clip)
    assert_type(history.column("loss"), list[Any])
    store["w"] = [1.0, 2.0]
    rule = pg.optim.Groups({"w": pg.optim.AdamW(pg.optim.schedules.Cosine(0.1, steps=10)(0)), "*": None})
    grads = pg.optim.clip_by_global_norm(pg.Record(store).parameter("w").square().sum().grad(), 1.0)
    rule.step(store, grads)
    arrays = {name: 0.5 * g for name, g in pg.Record(store).parameter("w").square().sum().grad().data().items()}
    rule.step(store, pg.optim.clip_by_norm(arrays, 1.0))
    rule.step(store, arrays)
    rule.step(store, {"w": store["w"].tolist()})
    assert_type(rule.of("w"), pg.optim.Optimizer | None)
    assert_type(pg.optim.Adam(0.1).replace(rate=0.2), pg.optim.Adam)
    found = pg.optim.LBFGS().minimize(store, lambda rec: rec.parameter("w").square().sum())
    assert_type(found.loss, float)
    average = pg.optim.ExponentialAverage(0.9)
    average.update(store)
    smooth = average.values(store)
    pg.optim.scipy_minimize(smooth, lambda rec: rec.parameter("w").square().sum(), bounds={"w": (0.0, None)})
    matrix = pg.Record().tensor([[2.0, 0.0], [0.0, 1.0]])
    assert_type(pg.linalg.svd(matrix).S, pg.Tensor)
    assert_type(pg.linalg.svd(matrix, compute_uv=False), pg.Tensor)
    assert_type(pg.linalg.qr(matrix), pg.linalg.QRResult)
    assert_type(pg.linalg.solve(matrix, matrix.data()), pg.Tensor)
    try:
        pg.linalg.inv(matrix * 0.0).data()
    except pg.LinAlgError as error:
        singular: ValueError = error
        del singular
    array = loss.data()
    return float(array[0, 0]) + float(loss.sum())
