"""The training loop: what it does each step, when it stops, what it says, and how it goes on."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import phonograd as pg
from fresh_process import run

HERE = __file__
SLOPE = np.array([1.0, -2.0, 0.5], "f4")


def source(count: int = 24, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    x = np.random.default_rng(seed).normal(size=(count, 3)).astype("f4")
    return x, x @ SLOPE


def batches(**options: Any) -> pg.data.Batches:
    return pg.data.Batches(source(), 6, key=pg.Key(1), **options)


def loss_of(rec: pg.Record, batch: Any, key: pg.Key | None = None) -> pg.Tensor:
    x, y = batch
    found = rec.tensor(x) @ rec.parameter("w", (3,), "zeros")
    if key is not None:
        found = found + 0.01 * rec.normal(key, found.shape)
    return pg.mse(found, y)


def same(a: pg.ParameterStore, b: pg.ParameterStore) -> bool:
    return {n: v.tobytes() for n, v in a.items()} == {n: v.tobytes() for n, v in b.items()}


def table(history: pg.History) -> list[dict[str, Any]]:
    return [{name: value for name, value in row.items() if name != "seconds"} for row in history]


def test_is_the_loop_one_would_write() -> None:
    fitted, adam = pg.ParameterStore(), pg.optim.Adam(0.05)
    history = pg.fit(loss_of, fitted, adam, batches(), epochs=15, key=pg.Key(7), log_every=20)
    store, data, step, losses = pg.ParameterStore(), batches(), 0, []
    while data.epoch < 15:
        for batch in data:
            rec = pg.Record(store)
            loss = loss_of(rec, batch, pg.Key(7).fold_in(step))
            adam.step(store, loss.grad())
            losses.append(loss.item())
            step += 1
    assert same(fitted, store)
    assert same(fitted.state, store.state)
    assert history.column("step") == list(range(4, 61, 4))
    np.testing.assert_allclose(history.column("loss"), np.mean(np.reshape(losses, (15, 4)), axis=1), rtol=1e-12)
    assert np.abs(fitted["w"] - SLOPE).max() < 0.1
    assert (history.stopped, isinstance(history, list), isinstance(history[0], dict)) == ("done", True, True)


def test_gradients_are_transformed_before_each_step() -> None:
    seen: list[float] = []

    def clipped(grads: Any) -> pg.optim.NamedGradients:
        seen.append(pg.optim.global_norm(grads).item())
        return pg.optim.clip_by_global_norm(grads, 0.1)

    fitted, store, sgd = pg.ParameterStore(), pg.ParameterStore(), pg.optim.SGD(0.5, momentum=0.5)
    pg.fit(loss_of, fitted, sgd, batches(), steps=9, transform=clipped)
    data = batches()
    for batch in [batch for _ in range(3) for batch in data][:9]:
        sgd.step(store, pg.optim.clip_by_global_norm(loss_of(pg.Record(store), batch).grad(), 0.1))
    assert same(fitted, store)
    assert same(fitted.state, store.state)
    assert len(seen) == 9
    assert max(seen) > 0.1


def test_steps_streams_and_schedules() -> None:
    x, y = source(6)
    data = pg.data.Batches(lambda: iter(zip(x, y, strict=True)), 4)
    rates: list[int] = []

    def rule(step: int) -> pg.optim.Optimizer:
        rates.append(step)
        return pg.optim.SGD(0.1 * 0.5**step)

    store = pg.ParameterStore()
    history = pg.fit(loss_of, store, rule, data, steps=5, log_every=2)
    assert (rates, history.column("step"), data.epoch) == ([0, 1, 2, 3, 4], [2, 4, 5], 2)
    pg.fit(loss_of, store, rule, data, epochs=2)
    assert (rates[5:], data.epoch) == ([0, 1, 2], 4)


def test_an_epoch_that_was_read_is_none_of_those_asked_for() -> None:
    """Trained once more with the same batches, it makes as many steps, whether the last loop saw the end or not."""
    x, y = source(6)
    for data in (pg.data.Batches((x, y), 4), pg.data.Batches(lambda: iter(zip(x, y, strict=True)), 4)):
        store = pg.ParameterStore()
        for _ in range(3):
            history = pg.fit(loss_of, store, pg.optim.SGD(0.1), data, epochs=2, log_every=1)
            assert history.column("step") == [1, 2, 3, 4]
        pg.fit(loss_of, store, pg.optim.SGD(0.1), data, steps=2)
        assert pg.fit(loss_of, store, pg.optim.SGD(0.1), data, epochs=1)[-1]["step"] == 2


def test_evaluation_best_and_early_stop(tmp_path: Path) -> None:
    values = iter([5.0, 3.0, 4.0, 3.0, 6.0, 1.0])
    seen: list[np.ndarray] = []

    def judge(store: pg.ParameterStore) -> dict[str, float]:
        seen.append(store["w"])
        return {"error": next(values), "other": 0.5}

    history = pg.fit(
        loss_of,
        pg.ParameterStore(),
        pg.optim.SGD(0.01),
        batches(),
        epochs=100,
        evaluate=judge,
        patience=3,
        best=tmp_path / "best",
    )
    assert (history.column("error"), history.column("other")) == ([5.0, 3.0, 4.0, 3.0, 6.0], [0.5] * 5)
    assert (history.stopped, history[-1]["step"]) == ("early", 20)
    assert pg.ParameterStore.load(tmp_path / "best")["w"].tobytes() == seen[1].tobytes()


def test_an_evaluation_that_is_nan_is_not_the_best() -> None:
    values = iter([float("nan"), 2.0, float("nan"), 1.0, 3.0, 3.0])
    history = pg.fit(
        loss_of,
        pg.ParameterStore(),
        pg.optim.SGD(0.01),
        batches(),
        epochs=9,
        evaluate=lambda store: next(values),
        patience=2,
    )
    assert history.column("evaluation")[1:2] + history.column("evaluation")[3:] == [2.0, 1.0, 3.0, 3.0]


def test_checkpoints_of_others_are_not_gone_on_from(tmp_path: Path) -> None:
    pg.checkpoint.save(tmp_path / "run", pg.ParameterStore(), data=batches())
    with pytest.raises(pg.ArgumentError, match="was not written by fit"):
        pg.fit(
            loss_of,
            pg.ParameterStore(),
            pg.optim.SGD(0.1),
            batches(),
            steps=1,
            checkpoint=tmp_path / "run",
            resume=True,
        )


@pytest.mark.parametrize("damage", [{"best": "x"}, {"count": None}, {"history": [3]}, {"history": {}}, {"worse": True}])
def test_checkpoints_with_other_numbers_are_not_gone_on_from(damage: dict[str, Any], tmp_path: Path) -> None:
    path, store = tmp_path / "run", pg.ParameterStore()
    pg.fit(loss_of, store, pg.optim.SGD(0.1), batches(), steps=3, checkpoint=path)
    run = pg.checkpoint.load(path)
    for metadata, refused in ((run.metadata, False), (run.metadata | damage, True)):
        pg.checkpoint.save(path, run.store, step=3, data=run.data, metadata=metadata)
        if refused:
            with pytest.raises(pg.ArgumentError, match="was not written by fit"):
                pg.fit(loss_of, store, pg.optim.SGD(0.1), batches(), steps=4, checkpoint=path, resume=True)
        else:
            pg.fit(loss_of, store, pg.optim.SGD(0.1), batches(), steps=3, checkpoint=path, resume=True)


def test_a_loss_that_asks_is_told_whether_it_trains(tmp_path: Path) -> None:
    model, store, told = pg.nn.Sequential(pg.nn.Linear(3, 4), pg.nn.BatchNorm(4), pg.nn.Linear(4, 1)), None, []
    store = pg.ParameterStore(seed=0)

    def loss_of(rec: pg.Record, batch: Any, train: bool) -> pg.Tensor:
        told.append(train)
        x, y = batch
        return pg.mse(model(rec.tensor(x), train=train)[:, 0], y)

    held_out = pg.data.Batches(source(12, 1), 6)
    path = tmp_path / "best"
    history = pg.fit(loss_of, store, pg.optim.Adam(0.01), batches(), epochs=3, evaluate=held_out, best=path)
    assert told == 3 * [True, True, True, True, False, False]
    best = pg.ParameterStore.load(path)
    found = [pg.mse(model(pg.Record(best).tensor(x))[:, 0], y).item() for x, y in held_out]
    np.testing.assert_allclose(np.mean(found), min(history.column("evaluation")), rtol=1e-6)


def test_numbers_of_an_evaluation_are_plain(tmp_path: Path) -> None:
    judge: Any = lambda store: {"error": np.float32(0.5), "other": 2}  # noqa: E731
    history = pg.fit(
        loss_of, pg.ParameterStore(), pg.optim.Adam(0.1), batches(), steps=4, evaluate=judge, checkpoint=tmp_path / "c"
    )
    assert (type(history[-1]["error"]), history[-1]["error"], history[-1]["other"]) == (float, 0.5, 2.0)
    for answer, text in (
        ({}, "fit: evaluate returned an empty dict; expected a number to judge by"),
        ({"a": "b"}, "fit: cannot read numbers from {'a': 'b'}; expected evaluate to return one, or a dict of them"),
    ):
        with pytest.raises(pg.InputError) as caught:
            pg.fit(loss_of, pg.ParameterStore(), pg.optim.Adam(0.1), batches(), steps=1, evaluate=lambda _, a=answer: a)
        assert str(caught.value) == text


def test_evaluation_on_batches_weighs_every_item_alike() -> None:
    x, y = source(10, seed=3)
    store = pg.ParameterStore()
    judge = pg.data.Batches((x, y), 4, key=pg.Key(3))
    history = pg.fit(
        loss_of, store, pg.optim.SGD(0.05), batches(), steps=7, evaluate=judge, evaluate_every=3, key=pg.Key(0)
    )
    assert [row["step"] for row in history if "evaluation" in row] == [3, 6, 7]
    assert history[-1]["evaluation"] == pytest.approx(np.square(x @ store["w"] - y).mean(), rel=1e-6)


@pytest.mark.parametrize("cut", [1, 3, 4, 7, 11, 12, 13])
def test_resumed_is_as_if_never_cut(cut: int, tmp_path: Path) -> None:
    """Parameters, state, history, early stop: all of it, wherever it was cut."""
    judged = pg.data.Batches(source(10, seed=3), 4, key=pg.Key(3))

    def train(path: Path, **options: Any) -> tuple[pg.ParameterStore, pg.History]:
        store = pg.ParameterStore()
        history = pg.fit(
            loss_of,
            store,
            pg.optim.Adam(0.3),
            batches(prefetch=2),
            key=pg.Key(5),
            evaluate=judged,
            evaluate_every=4,
            log_every=3,
            save_every=1,
            patience=2,
            checkpoint=path,
            **options,
        )
        return store, history

    whole, expected = train(tmp_path / "whole", epochs=5)

    class CutError(Exception):
        pass

    def cut_there(rec: pg.Record, batch: Any, key: pg.Key | None = None) -> pg.Tensor:
        if key == pg.Key(5).fold_in(cut):
            raise CutError
        return loss_of(rec, batch, key)

    with pytest.raises(CutError):
        pg.fit(
            cut_there,
            pg.ParameterStore(),
            pg.optim.Adam(0.3),
            batches(prefetch=2),
            key=pg.Key(5),
            evaluate=judged,
            evaluate_every=4,
            log_every=3,
            save_every=1,
            patience=2,
            checkpoint=tmp_path / "run",
            epochs=5,
        )
    assert pg.checkpoint.load(tmp_path / "run").step == cut
    store, history = train(tmp_path / "run", epochs=5, resume=True)
    assert same(store, whole)
    assert same(store.state, whole.state)
    assert table(history) == table(expected)
    assert history.stopped == expected.stopped
    again, unchanged = train(tmp_path / "run", epochs=5, resume=True)
    assert same(again, whole)
    assert table(unchanged) == table(expected)


# Bad losses ----------------------------------------------------------------------------------------------------------


def test_a_bad_loss_names_its_operation_and_leaves_the_store() -> None:
    store = pg.ParameterStore()
    store["w"] = np.ones(3, "f4")
    x, y = source()
    x[13] = 0.0
    data = pg.data.Batches((x, y), 6)

    def bad(rec: pg.Record, batch: Any) -> pg.Tensor:
        size = rec.tensor(batch[0]).square().sum(axis=1) * rec.parameter("w").sum()
        return (size.log() * 0.0).sum()

    with pytest.raises(pg.NonFiniteError) as caught:
        pg.fit(bad, store, pg.optim.Adam(0.1), data, epochs=1)
    line = bad.__code__.co_firstlineno
    text = str(caught.value)
    assert text.startswith("fit: the loss of step 2 is nan: nan came first from ")
    assert f" = multiply(%7, %8)  float32 (6,), recorded at {HERE}:{line + 2}; before it, inf came first from" in text
    assert text.endswith(f" = log(%6)  float32 (6,), recorded at {HERE}:{line + 2}")
    assert isinstance(caught.value, FloatingPointError)
    assert np.isfinite(store["w"]).all()
    assert store.state["adam/w/step"].item() == 2


def test_a_bad_gradient_is_found_in_the_step_that_made_it() -> None:
    store = pg.ParameterStore()
    store["w"] = np.zeros(3, "f4")
    before = store["w"]

    def bad(rec: pg.Record, batch: Any) -> pg.Tensor:
        return rec.parameter("w").square().sum().sqrt() + rec.tensor(batch[1]).sum() * 0.0

    with pytest.raises(pg.NonFiniteError) as caught:
        pg.fit(bad, store, pg.optim.SGD(0.1), batches(), epochs=1)
    text = str(caught.value)
    assert text.startswith("fit: the loss of step 1 is nan: nan came first from ")
    assert f", in the backward pass of what was, recorded at {HERE}:{bad.__code__.co_firstlineno + 1}" in text
    assert store["w"].tolist() == before.tolist()


def test_a_gradient_that_a_transform_spoils_is_found_there() -> None:
    store = pg.ParameterStore()

    def bad(grads: Any) -> pg.optim.NamedGradients:
        return pg.optim.NamedGradients(grads.record, {"w": grads["w"] * 0.0 / 0.0}, grads.output)

    with pytest.raises(
        pg.NonFiniteError, match=rf"nan came first from .* = divide\(.*{bad.__code__.co_firstlineno + 1}"
    ):
        pg.fit(loss_of, store, pg.optim.SGD(0.1), batches(), epochs=1, transform=bad)
    assert store["w"].tolist() == [0.0] * 3


def test_a_step_that_is_too_long_is_told() -> None:
    store = pg.ParameterStore()
    store["w"] = np.full(3, 1e30, "f4")
    rule = pg.optim.SGD(3e38)
    for steps, what in ((5, "the loss of step 1 is -inf"), (1, "step 0 made `w` so")):
        text = f"fit: {what}: the gradients were finite, and the step from there was too long for `w`"
        with pytest.raises(pg.NonFiniteError, match=text):
            pg.fit(lambda rec, batch: 3.0 * rec.parameter("w").sum(), store, rule, batches(), steps=steps)
        assert np.isfinite(store["w"]).all()


def test_infinities_that_were_there_before_are_left_alone(tmp_path: Path) -> None:
    store = pg.ParameterStore()
    store["mask"] = np.array([0.0, -np.inf, 0.0], "f4")

    def masked(rec: pg.Record, batch: Any) -> pg.Tensor:
        return (rec.parameter("w", (3,), "ones") + rec.parameter("mask")).softmax().max() + loss_of(rec, batch)

    class Only(pg.optim.SGD):
        def step(self, store: Any, grads: Any, names: Any = None) -> None:
            super().step(store, grads, ["w"])

    history = pg.fit(masked, store, Only(0.01), batches(), epochs=2, checkpoint=tmp_path / "run")
    assert (len(history), store["mask"].tolist()) == (2, [0.0, -np.inf, 0.0])


# What one sees -------------------------------------------------------------------------------------------------------


def test_a_bar_shows_loss_rate_and_time_left(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("tqdm")
    pg.fit(loss_of, pg.ParameterStore(), pg.optim.SGD(0.01), batches(), epochs=5, progress=True)
    shown = capsys.readouterr().err
    assert "20/20" in shown
    assert "loss " in shown
    assert "step/s" in shown
    pg.fit(loss_of, pg.ParameterStore(), pg.optim.SGD(0.01), batches(), epochs=5)
    assert capsys.readouterr().err == ""


def test_a_picture(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    history = pg.fit(
        loss_of, pg.ParameterStore(), pg.optim.SGD(0.01), batches(), epochs=3, evaluate=lambda store: 1.0, log_every=1
    )
    history.draw(tmp_path / "loss.png")
    assert (tmp_path / "loss.png").read_bytes().startswith(b"\x89PNG")


def test_tensorboard(tmp_path: Path) -> None:
    pytest.importorskip("tensorboardX")
    written: list[tuple[str, float, int]] = []

    class Writer:
        def add_scalar(self, name: str, value: float, step: int) -> None:
            written.append((name, value, step))

    for writer in (Writer(), tmp_path / "events"):
        history = pg.fit(
            loss_of, pg.ParameterStore(), pg.optim.SGD(0.01), batches(), epochs=2, log_every=4, tensorboard=writer
        )
    assert written == [("loss", row["loss"], row["step"]) for row in history]
    (events,) = (tmp_path / "events").iterdir()
    assert b"loss" in events.read_bytes()


def test_works_without_the_extras(tmp_path: Path) -> None:
    program = """
    for name in ("tqdm", "tensorboardX", "matplotlib"):
        sys.modules[name] = None
    store = pg.ParameterStore()
    data = pg.data.Batches(np.ones((4, 2), "f4"), 2)
    history = pg.fit(lambda rec, x: (rec.tensor(x) @ rec.parameter("w", (2,))).square().sum(), store,
                     pg.optim.SGD(0.1), data, epochs=2, progress=True)
    print(len(history))
    """
    assert run(program) == "2\n"


@pytest.mark.skipif(sys.platform == "win32", reason="sends signals")
def test_ctrl_c_saves_and_stops_between_steps(tmp_path: Path) -> None:
    program = f"""
    store, data, calls = pg.ParameterStore(), pg.data.Batches(np.ones((6, 2), "f4"), 2), 0

    def loss_of(rec, x):
        global calls
        calls += 1
        if calls == 5:
            os.kill(os.getpid(), signal.SIGINT)
        return (rec.tensor(x) @ rec.parameter("w", (2,))).square().sum()

    history = pg.fit(loss_of, store, pg.optim.SGD(0.1), data, steps=10**9, checkpoint={os.fspath(tmp_path / "run")!r})
    run = pg.checkpoint.load({os.fspath(tmp_path / "run")!r})
    print(history.stopped, run.step, run.data["epoch"], run.data["batch"], (run.store["w"] == store["w"]).all())
    print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)

    def twice(rec, x):
        os.kill(os.getpid(), signal.SIGINT)
        return loss_of(rec, x)

    try:
        pg.fit(lambda rec, x: [twice(rec, x), twice(rec, x)][0], store, pg.optim.SGD(0.1), data, steps=10**9)
    except KeyboardInterrupt:
        print("at once")
    done = threading.Thread(target=pg.fit, args=(loss_of, store, pg.optim.SGD(0.1), data), kwargs={{"steps": 5}})
    done.start()
    done.join()
    print(calls)
    """
    assert run(program).splitlines() == ["interrupted 5 1 2 True", "True", "at once", "11"]


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({}, pg.ArgumentError, "epochs and steps are None; expected one of them"),
        ({"epochs": 0}, pg.ArgumentError, "epochs is 0; expected an integer of 1 or more"),
        ({"epochs": 2.0}, pg.InputError, "cannot read epochs from float; expected an integer"),
        ({"epochs": 1, "log_every": 0}, pg.ArgumentError, "log_every is 0"),
        ({"epochs": 1, "patience": True}, pg.InputError, "cannot read patience from bool; expected an"),
        ({"steps": 1, "data": [1, 2]}, pg.InputError, r"cannot read list; expected phonograd\.data\.Batches"),
        ({"steps": 1, "data": pg.data.Batches([], 1)}, pg.ArgumentError, "the data has no batches"),
        ({"steps": 1, "data": pg.data.Batches(lambda: iter(()), 1)}, pg.ArgumentError, "the data has no batches"),
        ({"steps": 1, "optimizer": "adam"}, pg.InputError, "cannot read str; expected an optimiser, or a function"),
        ({"steps": 1, "optimizer": None}, pg.InputError, "cannot read NoneType; expected an optimiser"),
        ({"steps": 1, "optimizer": pg.optim.LBFGS()}, pg.InputError, "LBFGS is a loop of its own; call its `minimize`"),
        ({"steps": 1, "optimizer": lambda step: 0.1}, pg.InputError, "cannot read float from the function of the step"),
        ({"steps": 1, "evaluate": [1, 2]}, pg.InputError, "cannot read evaluate from list; expected Batches, or a"),
        ({"steps": 1, "evaluate": lambda store: None}, pg.InputError, "evaluate returned None; expected a number"),
        ({"steps": 1, "key": 7}, pg.InputError, "cannot read int; expected a Key; make one with"),
        (
            {"steps": 1, "tensorboard": 3},
            pg.InputError,
            "cannot read tensorboard from int; expected a folder, or",
        ),
        ({"steps": 1, "progress": "x"}, pg.InputError, "cannot read progress from str; expected True or False"),
        ({"steps": 1, "resume": 1}, pg.InputError, "cannot read resume from int; expected True or False"),
        ({"steps": 1, "transform": 1.0}, pg.InputError, "cannot read transform from float; expected a function of the"),
        ({"steps": 1, "transform": lambda grads: None}, pg.InputError, "step: cannot read gradients from NoneType"),
        ({"steps": 1, "patience": 2}, pg.ArgumentError, "patience is 2 without evaluate; expected what to judge by"),
        ({"steps": 1, "best": "path"}, pg.ArgumentError, "best is 'path' without evaluate"),
        (
            {"steps": 1, "checkpoint": HERE + "/no/run"},
            pg.MissingFileError,
            "checkpoint is .*, in a folder that is not",
        ),
        ({"steps": 1, "checkpoint": Path(HERE).parent}, pg.FileError, "checkpoint is .*, a folder; expected the path"),
        (
            {"steps": 1, "evaluate": abs, "best": "no/such/file"},
            pg.MissingFileError,
            "best is 'no/such/file', in a folder",
        ),
        ({"steps": 1, "loss_of": lambda rec: 1}, pg.InputError, "loss_of does not fit: too many positional arguments"),
        ({"steps": 1, "loss_of": lambda rec, batch: 1, "key": pg.Key(0)}, pg.InputError, "a record, a batch and a key"),
        ({"steps": 1, "loss_of": lambda rec, batch, key: 1}, pg.InputError, "missing a required argument: 'key'"),
        ({"steps": 1, "resume": True}, pg.ArgumentError, "resume is True without checkpoint; expected the path"),
        ({"steps": 1, "loss_of": lambda *_: 0.5}, pg.InputError, "cannot read the loss from float; expected a tensor"),
    ],
)
def test_what_makes_no_sense_is_refused(options: dict[str, Any], error: type[Exception], text: str) -> None:
    given = {"loss_of": loss_of, "store": pg.ParameterStore(), "optimizer": pg.optim.SGD(0.1), "data": batches()}
    with pytest.raises(error, match=text):
        pg.fit(**given | options)


def test_classes_and_rates_are_no_optimisers() -> None:
    for optimizer, text in (
        (pg.optim.SGD, "fit: got the class SGD; expected an optimiser that it makes, such as `SGD(rate)`"),
        (lambda step: 0.1, "fit: cannot read float from the function of the step; expected an optimiser, as in "
         "`lambda step: Adam(rate(step))`"),
    ):  # fmt: skip
        with pytest.raises(pg.InputError) as caught:
            pg.fit(loss_of, pg.ParameterStore(), optimizer, batches(), steps=1)  # type: ignore[arg-type]
        assert str(caught.value) == text


def test_batches_to_train_on_are_no_judge() -> None:
    data = batches()
    with pytest.raises(
        pg.ArgumentError, match="evaluate is what is trained on, which stands somewhere; expected other"
    ):
        pg.fit(loss_of, pg.ParameterStore(), pg.optim.SGD(0.1), data, steps=1, evaluate=data)


def test_history_is_plain() -> None:
    history = pg.fit(loss_of, pg.ParameterStore(), pg.optim.SGD(0.01), batches(), epochs=1)
    assert json.loads(json.dumps(history)) == history
