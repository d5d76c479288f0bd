"""A training loop for those who want one: `fit` makes steps, tells how it goes, and stops and goes on cleanly.

It uses nothing that is not public. Whatever it does not do, write as a loop of your own.
"""

from __future__ import annotations

from inspect import signature
from math import inf, isfinite
from time import perf_counter

from phonograd import checkpoint as checkpoints
from phonograd._core import ArgumentError, FileError, InputError, Key, MissingFileError, Record, RecordError, Tensor
from phonograd._history import History
from phonograd._values import count, flag
from phonograd._watching import Interrupt, bar_of, writer_of
from phonograd.data import Batches, _leaves

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from os import PathLike
    from typing import Any, NoReturn

    from phonograd._core import Gradients
    from phonograd._history import Row
    from phonograd._store import ParameterStore
    from phonograd.optim import NamedGradients, Optimizer

    Transform = Callable[[Gradients], Gradients | NamedGradients]
    Path = str | PathLike[str]
    LossOf = Callable[..., Tensor]

__all__ = ["fit", "History", "NonFiniteError"]


class NonFiniteError(RecordError, FloatingPointError):
    """A loss became infinite or nan; says which operation made the first such value, and where it was recorded."""


def fit(
    loss_of: LossOf,
    store: ParameterStore,
    optimizer: Optimizer | Callable[[int], Optimizer],
    data: Batches,
    *,
    epochs: int | None = None,
    steps: int | None = None,
    key: Key | None = None,
    transform: Transform | None = None,
    evaluate: Batches | Callable[[ParameterStore], float | Mapping[str, float]] | None = None,
    evaluate_every: int | None = None,
    patience: int | None = None,
    best: Path | None = None,
    checkpoint: Path | None = None,
    save_every: int | None = None,
    resume: bool = False,
    log_every: int = 10,
    tensorboard: Any = None,
    progress: bool | None = None,
) -> History:
    """Trains the parameters of a store, and returns how the loss went.

    Ctrl-C ends it after the step that is being made, with a checkpoint if there is a path for one; a second Ctrl-C ends
    it at once. A run that goes on from a checkpoint makes the same bits as one that was not cut.

    Args:
        loss_of: What is to become small: `loss_of(record, batch)` records a loss and returns it. With `key`, it is
            called as `loss_of(record, batch, key)`, another key each step, and None where nothing is to be random. If
            it takes `train`, that says whether it is called for a step, or to evaluate.
        store: The parameters. What is not there yet, `loss_of` initialises.
        optimizer: An optimiser; or a function that makes one for each step, counted from 0, for schedules.
        data: Batches.
        epochs: How often to read the data, from where it stands.
        steps: How many steps to make at most; this or `epochs` must be given.
        key: What the keys of the steps are made from.
        transform: What becomes of the gradients before each step: a function of them, such as
            `lambda grads: clip_by_global_norm(grads, 1.0)`.
        evaluate: Batches on which the mean loss is taken; or a function of the store that returns a number, or a dict
            of them of which the first counts. Less is better.
        evaluate_every: Steps between evaluations. By default the number of batches in an epoch, and at the end.
        patience: Stops after this many evaluations without a better one.
        best: Where to keep the parameters of the best evaluation.
        checkpoint: Where to keep the whole training.
        save_every: Steps between checkpoints. By default as `evaluate_every`, and at the end.
        resume: Whether to go on from `checkpoint`, if it is there.
        log_every: Steps between rows of the history, besides those that stand where something is evaluated.
        tensorboard: A folder for TensorBoard's event files, written by tensorboardX; or a writer with `add_scalar`.
        progress: Whether to show a bar, if tqdm is installed. By default, if somebody watches.

    Raises:
        NonFiniteError: If a loss, or a parameter that is to be kept, is infinite or nan. The store is then as it was
            before the step that did it.
        ArgumentError: If numbers make no sense, or the data has no batches.

    Example:
        >>> store = pg.ParameterStore()
        >>> x = np.linspace(-1, 1, 64, dtype="float32")
        >>> def loss_of(rec, batch):
        ...     x, y = batch
        ...     return pg.mse(rec.parameter("slope", (), "zeros") * x + rec.parameter("shift", (), "zeros"), y)
        >>> data = pg.data.Batches((x, 3 * x + 1), 16, key=pg.Key(0))
        >>> history = pg.fit(loss_of, store, pg.optim.Adam(0.1), data, epochs=50)
        >>> round(store["slope"].item(), 2), round(store["shift"].item(), 2), history[-1]["step"]
        (3.0, 1.0, 200)
    """
    if not callable(loss_of):
        raise InputError(
            f"fit: cannot read loss_of from {type(loss_of).__name__}; expected a function of a record and a batch"
        )
    if not isinstance(data, Batches):
        raise InputError(f"fit: cannot read {type(data).__name__}; expected phonograd.data.Batches")
    if hasattr(optimizer, "minimize"):
        raise InputError(f"fit: {type(optimizer).__name__} is a loop of its own; call its `minimize`")
    if isinstance(optimizer, type):
        made = f"`{optimizer.__name__}(rate)`"
        raise InputError(
            f"fit: got the class {optimizer.__name__}; expected an optimiser that it makes, such as {made}"
        )
    if not (hasattr(optimizer, "step") or callable(optimizer)):
        raise InputError(
            f"fit: cannot read {type(optimizer).__name__}; expected an optimiser, or a function of the step"
        )
    if not (transform is None or callable(transform)):
        raise InputError(
            f"fit: cannot read transform from {type(transform).__name__}; expected a function of the gradients, as in "
            "`lambda grads: clip_by_global_norm(grads, 1.0)`"
        )
    if not (evaluate is None or isinstance(evaluate, Batches) or callable(evaluate)):
        raise InputError(
            f"fit: cannot read evaluate from {type(evaluate).__name__}; expected Batches, or a function of the store"
        )
    if evaluate is data:
        raise ArgumentError("fit: evaluate is what is trained on, which stands somewhere; expected other Batches")
    if progress is not None:
        flag("fit", progress=progress)
    flag("fit", resume=resume)
    if not isinstance(key, Key | None):
        raise InputError(f"fit: cannot read {type(key).__name__}; expected a Key; make one with `Key(seed)`")
    numbers = {"epochs": epochs, "steps": steps, "patience": patience, "evaluate_every": evaluate_every}
    numbers |= {"save_every": save_every, "log_every": log_every}
    count("fit", 1, **{name: number for name, number in numbers.items() if number is not None})
    if epochs is None and steps is None:
        raise ArgumentError("fit: epochs and steps are None; expected one of them")
    for name, value in (("patience", patience), ("best", best)):
        if value is not None and evaluate is None:
            raise ArgumentError(f"fit: {name} is {value!r} without evaluate; expected what to judge by")
    for name, path in (("checkpoint", checkpoint), ("best", best)):
        if path is not None:
            _ready(name, path)
    if resume and checkpoint is None:
        raise ArgumentError("fit: resume is True without checkpoint; expected the path to go on from")
    run = _Run(loss_of, store, optimizer, key, transform)
    size = data.position["items"] and len(data)
    evaluate_every = evaluate_every or size
    save_every = save_every or evaluate_every
    total = min(inf if steps is None else steps, epochs * size if epochs is not None and size else inf)
    end = inf if epochs is None else data.epoch + epochs
    resumed = resume and checkpoint is not None and run.restore(checkpoint, data)
    saved = None

    def evaluation() -> None:
        if evaluate is not None and run.evaluate(evaluate) and best is not None:
            store.save(best)

    def save() -> None:
        nonlocal saved
        saved = run.step
        run.check()
        if checkpoint is not None:
            run.save(checkpoint, data)

    def log() -> None:
        row = run.log(data.epoch)
        numbers = {name: row[name] for name in row if name not in ("step", "epoch", "seconds")}
        bar.set_postfix_str(", ".join(f"{name} {number:.4g}" for name, number in numbers.items()))
        for name, number in numbers.items():
            writer.add_scalar(name, number, run.step)

    def over() -> bool:
        return interrupt.came or run.step >= total or (patience is not None and run.worse >= patience)

    with Interrupt() as interrupt, bar_of(total, run.step, progress) as bar, writer_of(tensorboard) as writer:
        for batch in _batches(data, end, over, resumed):
            run.advance(batch)
            bar.update()
            due = evaluate_every is not None and run.step % evaluate_every == 0
            if due:
                evaluation()
            if due or run.step % log_every == 0:
                log()
            if save_every is not None and run.step % save_every == 0:
                save()
        if not interrupt.came:
            if run.evaluated != run.step:
                evaluation()
            if run.count or run.values:
                log()
        if saved != run.step:
            save()
    early = patience is not None and run.worse >= patience
    run.history.stopped = "interrupted" if interrupt.came else "early" if early else "done"
    return run.history


# What a checkpoint keeps of a run besides its history.
_NUMBERS = ("best", "worse", "evaluated", "total", "count", "seconds")


class _Run:
    """What changes from step to step."""

    def __init__(
        self, loss_of: LossOf, store: ParameterStore, optimizer: Any, key: Key | None, transform: Transform | None
    ) -> None:
        self.loss_of, self.store, self.optimizer, self.key, self.transform = loss_of, store, optimizer, key, transform
        taken = signature(loss_of)
        self.told = "train" in taken.parameters
        try:
            taken.bind(None, None, *[None] * (key is not None), **{"train": True} if self.told else {})
        except TypeError as problem:
            given = "a record and a batch" if key is None else "a record, a batch and a key"
            raise InputError(f"fit: loss_of does not fit: {problem}; expected a function of {given}") from None
        self.history = History()
        self.step = self.count = self.worse = self.evaluated = 0
        self.best, self.total, self.seconds, self.since = inf, 0.0, 0.0, perf_counter()
        self.values: dict[str, float] = {}
        self.before: tuple[int, ParameterStore, Any] | None = None

    def loss(self, record: Record, batch: Any, step: int | None) -> Tensor:
        """The loss of a batch; without a step it is evaluated, and nothing is random."""
        key = () if self.key is None else (None if step is None else self.key.fold_in(step),)
        train = {"train": step is not None} if self.told else {}
        loss = self.loss_of(record, batch, *key, **train)
        if not isinstance(loss, Tensor):
            raise InputError(f"fit: cannot read the loss from {type(loss).__name__}; expected a tensor of the record")
        return loss

    def grads(self, loss: Tensor) -> Gradients | NamedGradients:
        """The gradients of a loss, as the step takes them."""
        return loss.grad() if self.transform is None else self.transform(loss.grad())

    def rule(self, step: int) -> Optimizer:
        """The optimiser of a step."""
        made: Any = self.optimizer
        if not hasattr(made, "step"):
            made = made(step)
        if not hasattr(made, "step"):
            raise InputError(
                f"fit: cannot read {type(made).__name__} from the function of the step; expected an optimiser, as in "
                "`lambda step: Adam(rate(step))`"
            )
        return made  # type: ignore[no-any-return]

    def advance(self, batch: Any) -> None:
        """Makes one step."""
        record = Record(self.store)
        loss = self.loss(record, batch, self.step)
        before = self.store.copy()  # with the parameters that the loss has just drawn, which the step may spoil, too
        self.rule(self.step).step(self.store, self.grads(loss))
        value = loss.item()
        if not isfinite(value):
            what, spoiled = f"the loss of step {self.step} is {value}", self.spoiled(before)
            if spoiled and self.before is not None:
                self.fail(what, self.replayed(spoiled), self.before[1])
            self.fail(what, record.first_nonfinite(loss), before)
        self.before = self.step, before, batch
        self.step, self.count, self.total = self.step + 1, self.count + 1, self.total + value

    def check(self) -> None:
        """Sees to it that nothing bad is kept: the last step may have spoiled parameters that no loss has met yet."""
        spoiled = self.spoiled(self.store)
        if spoiled and self.before is not None:
            self.fail(f"step {self.before[0]} made `{spoiled[0]}` so", self.replayed(spoiled), self.before[1])

    def fail(self, what: str, story: str | None, before: ParameterStore) -> NoReturn:
        """Puts the store back to what it was, and says what happened."""
        self.store._assign(before)
        self.store.state._assign(before.state)
        raise NonFiniteError(f"fit: {what}: {story}")

    def spoiled(self, store: ParameterStore) -> list[str]:
        """Parameters that are not finite, and were before the last step that was made."""
        import numpy as np

        earlier = {} if self.before is None else self.before[1]
        names = [name for name in store if name in earlier and not np.isfinite(store[name]).all()]
        return [name for name in names if np.isfinite(earlier[name]).all()]

    def replayed(self, names: list[str]) -> str:
        """What the gradients of the last step that was made had to do with it: the step is recorded once more."""
        assert self.before is not None
        step, store, batch = self.before
        record = Record(store)
        grads = self.grads(self.loss(record, batch, step))
        story = record.first_nonfinite([grads[name] for name in names if name in grads])
        return story or f"the gradients were finite, and the step from there was too long for `{names[0]}`"

    def evaluate(self, judge: Any) -> bool:
        """Evaluates; whether that was the best so far."""
        self.evaluated = self.step
        found: Any = self.mean(judge) if isinstance(judge, Batches) else judge(self.store)
        if found is None:
            raise InputError("fit: evaluate returned None; expected a number, or a dict of numbers")
        found = dict(found) if hasattr(found, "items") else {"evaluation": found}
        try:
            self.values = {name: float(value) for name, value in found.items()}
        except (TypeError, ValueError):
            raise InputError(
                f"fit: cannot read numbers from {found!r}; expected evaluate to return one, or a dict of them"
            ) from None
        if not self.values:
            raise InputError("fit: evaluate returned an empty dict; expected a number to judge by")
        first = next(iter(self.values.values()))
        better = first < self.best
        self.best, self.worse = (first, 0) if better else (self.best, self.worse + 1)
        return better

    def mean(self, data: Batches) -> float:
        """The mean loss of the items of one epoch: the first, for another order would round in another way."""
        data.seek({**data.position, "epoch": 0, "batch": 0})
        total = count = 0
        for batch in data:
            size = len(next(_leaves(batch)))
            total += size * self.loss(Record(self.store, grad=False), batch, None).item()
            count += size
        if not count:
            raise ArgumentError("fit: evaluate has no batches; expected at least one")
        return total / count

    def log(self, epoch: int) -> Row:
        """Adds a row to the history: the mean loss since the last one, and what was evaluated."""
        now = perf_counter()
        self.seconds, self.since = self.seconds + now - self.since, now
        row = {"step": self.step, "epoch": epoch, "seconds": self.seconds}
        if self.count:
            row["loss"] = self.total / self.count
        row |= self.values
        self.history.append(row)
        self.total, self.count, self.values = 0.0, 0, {}
        return row

    def save(self, path: Path, data: Batches) -> None:
        """Keeps everything that the next step depends on."""
        numbers = {name: getattr(self, name) for name in _NUMBERS}
        rule = self.optimizer if hasattr(self.optimizer, "step") else None
        metadata = {**numbers, "history": list(self.history)}
        keys = {} if self.key is None else {"fit": self.key}
        checkpoints.save(path, self.store, optimizer=rule, step=self.step, data=data, keys=keys, metadata=metadata)

    def restore(self, path: Path, data: Batches) -> bool:
        """Goes on from a checkpoint; whether there is one."""
        try:
            found = checkpoints.load(path, classes=[type(self.optimizer)])
        except FileNotFoundError:
            return False
        if not _of_fit(found.metadata):
            raise ArgumentError(f"fit: resume is True, and {path} was not written by fit; expected a path of its own")
        data.seek(found.data)
        self.store._assign(found.store)
        self.store.state._assign(found.store.state)
        self.step, self.key = found.step, found.keys.get("fit", self.key)
        self.history = History(found.metadata["history"])
        for name in _NUMBERS:
            setattr(self, name, found.metadata[name])
        return True


def _of_fit(metadata: Any) -> bool:
    """Whether a checkpoint's metadata is what `save` keeps of a run."""
    if not isinstance(metadata, dict) or not isinstance(metadata.get("history"), list):
        return False
    numbers, rows = [metadata.get(name) for name in _NUMBERS], metadata["history"]
    return all(type(number) in (int, float) for number in numbers) and all(isinstance(row, dict) for row in rows)


def _batches(data: Batches, end: float, over: Callable[[], bool], resumed: bool) -> Iterator[Any]:
    """Batches, epoch after epoch, from where the data stands; none is taken that would not be used."""
    if over():
        return
    while data.epoch < end:
        whole, count = data.position["batch"] == 0, 0
        for count, batch in enumerate(data, 1):  # noqa: B007, the number is wanted behind the loop
            yield batch
            if over():
                return
        if whole and count == 0:
            raise ArgumentError("fit: the data has no batches; expected at least one in an epoch")
        if count == 0 and not resumed:
            end += 1  # an earlier run read this epoch to its last batch, so it is none of those that are asked for


def _ready(name: str, path: Path) -> None:
    """Refuses a path that could not be saved to, before there is anything to lose."""
    from os.path import abspath, dirname, isdir

    if isdir(path):
        raise FileError(f"fit: {name} is {path!r}, a folder; expected the path of a file")
    if not isdir(dirname(abspath(path))):
        raise MissingFileError(f"fit: {name} is {path!r}, in a folder that is not there; make it first")
