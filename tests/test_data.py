"""Batches: what comes in which order, from every kind of source, and the same again from any position."""

from __future__ import annotations

import gc
import itertools
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import phonograd as pg
from phonograd.data import Batches, Files


class Table:
    """Answers as a Hugging Face dataset does."""

    def __init__(self, **columns: list[Any]) -> None:
        self.columns, self.column_names = columns, list(columns)

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def __getitem__(self, rows: list[int] | int | str) -> dict[str, Any]:
        assert isinstance(rows, list)
        assert all(type(row) is int for row in rows)
        return {name: [column[row] for row in rows] for name, column in self.columns.items()}


class Squares:
    """Answers as a PyTorch dataset does."""

    def __len__(self) -> int:
        return 7

    def __getitem__(self, index: int) -> tuple[np.ndarray, int]:
        assert type(index) is int
        return np.full(2, index * index, "float32"), index


def numbers() -> Iterator[int]:
    yield from range(7)


SOURCES: dict[str, Callable[[], Any]] = {
    "array": lambda: np.arange(7),
    "tuple": lambda: (np.arange(14.0).reshape(7, 2), np.arange(7)),
    "dict": lambda: {"x": np.arange(7), "nested": (np.zeros((7, 1)), np.arange(7))},
    "list": lambda: list(range(7)),
    "items": Squares,
    "columns": lambda: Table(text=[[i, i] for i in range(7)], label=list(range(7))),
    "range": lambda: range(7),
}
STREAMS: dict[str, Callable[[], Any]] = {
    "function": lambda: numbers,
    "iterable": lambda: dict.fromkeys(range(7)).keys(),
}


def plain(batch: Any) -> Any:
    if isinstance(batch, dict):
        return {name: plain(item) for name, item in batch.items()}
    if isinstance(batch, tuple):
        return tuple(plain(item) for item in batch)
    return batch.tolist()


def test_structures_of_batches() -> None:
    first = {name: plain(next(iter(Batches(make(), 2)))) for name, make in (SOURCES | STREAMS).items()}
    assert first == {
        "array": [0, 1],
        "tuple": ([[0.0, 1.0], [2.0, 3.0]], [0, 1]),
        "dict": {"x": [0, 1], "nested": ([[0.0], [0.0]], [0, 1])},
        "list": [0, 1],
        "items": ([[0.0, 0.0], [1.0, 1.0]], [0, 1]),
        "columns": {"text": [[0, 0], [1, 1]], "label": [0, 1]},
        "range": [0, 1],
        "function": [0, 1],
        "iterable": [0, 1],
    }


def test_lists_with_arrays_in_them_are_structures() -> None:
    rows = [[np.full(2, i), i] for i in range(3)]
    assert plain(next(iter(Batches(rows, 2)))) == ([[0, 0], [1, 1]], [0, 1])
    assert plain(next(iter(Batches([[1, 2], [3, 4]], 2)))) == [[1, 2], [3, 4]]
    assert plain(next(iter(Batches([{"x": [np.float32(1), 2]}], 2)))) == {"x": [[1.0, 2.0]]}


def test_torch_datasets_and_tensors() -> None:
    torch = pytest.importorskip("torch")
    images, labels = torch.arange(12.0).reshape(6, 2), torch.arange(6)
    dataset = torch.utils.data.TensorDataset(images, labels)
    for source in (dataset, (images, labels), torch.utils.data.Subset(dataset, range(6))):
        x, y = list(Batches(source, 4))[1]
        assert (type(x), x.dtype, x.tolist(), y.tolist()) == (
            np.ndarray,
            np.float32,
            [[8.0, 9.0], [10.0, 11.0]],
            [4, 5],
        )


def test_hugging_face_datasets() -> None:
    datasets = pytest.importorskip("datasets")
    columns = {"text": ["a", "b", "c"], "label": [0, 1, 2], "ids": [[1, 2], [3, 4], [5, 6]]}
    whole = datasets.Dataset.from_dict(columns)
    for source in (whole, whole.with_format("numpy"), whole.to_iterable_dataset(), whole.shuffle(seed=0).sort("label")):
        batches = Batches(source, 2)
        assert [plain(batch) for batch in batches] == [
            {"text": ["a", "b"], "label": [0, 1], "ids": [[1, 2], [3, 4]]},
            {"text": ["c"], "label": [2], "ids": [[5, 6]]},
        ]
        batches.seek({**batches.position, "epoch": 0, "batch": 1})
        assert [batch["label"].tolist() for batch in batches] == [[2]]
    shuffled = [label for batch in Batches(whole, 2, key=pg.Key(0)) for label in batch["label"].tolist()]
    assert sorted(shuffled) == [0, 1, 2] != shuffled
    with pytest.raises(pg.InputError, match="cannot read an array from Dataset; expected numbers or strings"):
        Batches(datasets.DatasetDict(train=whole), 2)


@pytest.mark.parametrize("prefetch", [0, 3])
@pytest.mark.parametrize("make", SOURCES.values(), ids=SOURCES)
def test_an_epoch_has_every_item_once(make: Callable[[], Any], prefetch: int) -> None:
    def order(batches: Batches) -> list[Any]:
        return [json.dumps(item) for batch in batches for item in np.asarray(first_leaf(batch)).tolist()]

    def first_leaf(batch: Any) -> Any:
        while isinstance(batch, dict | tuple):
            batch = next(iter(batch.values())) if isinstance(batch, dict) else batch[-1]
        return batch

    in_order = order(Batches(make(), 3, prefetch=prefetch))
    shuffled = Batches(make(), 3, key=pg.Key(1), prefetch=prefetch)
    epochs = [order(shuffled) for _ in range(3)]
    assert all(sorted(epoch) == sorted(in_order) for epoch in epochs)
    assert len({tuple(epoch) for epoch in [*epochs, in_order]}) == 4
    assert epochs[0] == order(Batches(make(), 3, key=pg.Key(1)))
    assert epochs[0] != order(Batches(make(), 3, key=pg.Key(2)))


def test_the_order_of_a_key_is_fixed_for_ever() -> None:
    """A run that is resumed after an update of NumPy, or of this library, reads what is left and nothing twice."""
    assert [b.tolist() for b in Batches(np.arange(10), 5, key=pg.Key(3))] == [[4, 8, 3, 5, 7], [9, 0, 2, 6, 1]]


@pytest.mark.parametrize(("drop", "sizes"), [(False, [3, 3, 1]), (True, [3, 3])])
@pytest.mark.parametrize("make", [SOURCES["array"], STREAMS["function"]], ids=["array", "stream"])
def test_last_batch(make: Callable[[], Any], drop: bool, sizes: list[int]) -> None:
    batches = Batches(make(), 3, drop_last=drop)
    assert [len(batch) for batch in batches] == sizes
    if make is SOURCES["array"]:
        assert len(batches) == len(sizes)


@pytest.mark.parametrize("prefetch", [0, 1, 4])
@pytest.mark.parametrize(
    ("make", "key"),
    [*((make, pg.Key(5)) for make in SOURCES.values()), *((make, None) for make in STREAMS.values())],
    ids=[*SOURCES, *STREAMS],
)
def test_resumed_from_every_position(make: Callable[[], Any], key: pg.Key | None, prefetch: int) -> None:
    """The position is behind the batch that was handed out, whatever was read ahead, and is plain JSON."""

    def run(batches: Batches, epochs: int) -> Iterator[tuple[str, Any]]:
        while batches.epoch < epochs:
            for batch in batches:
                yield json.dumps(batches.position), plain(batch)
            yield json.dumps(batches.position), "end of an epoch"

    whole = list(run(Batches(make(), 2, key=key, prefetch=prefetch), 2))
    assert len(whole) == 10
    for made, (position, _) in enumerate(whole, 1):
        rest = Batches(make(), 2, key=pg.Key(99) if key else None, prefetch=prefetch)
        rest.seek(json.loads(position))
        assert list(run(rest, 2)) == whole[made:]


def test_a_broken_off_epoch_goes_on() -> None:
    batches = Batches(np.arange(6), 2)
    assert [b.tolist() for b in itertools.islice(batches, 2)] == [[0, 1], [2, 3]]
    assert [b.tolist() for b in batches] == [[4, 5]]
    assert (batches.epoch, [b.tolist() for b in batches]) == (1, [[0, 1], [2, 3], [4, 5]])


def test_threads_read_ahead_and_end() -> None:
    read: list[tuple[int, str]] = []

    class Slow:
        def __len__(self) -> int:
            return 100

        def __getitem__(self, index: int) -> int:
            read.append((index, threading.current_thread().name))
            return index

    before = threading.active_count()
    batches = Batches(Slow(), 1, prefetch=2)
    iterator = iter(batches)
    assert next(iterator).tolist() == [0]
    iterator.close()  # type: ignore[attr-defined]
    del iterator
    gc.collect()
    assert threading.active_count() == before
    assert 1 <= len(read) <= 4
    assert all(name.startswith("phonograd-data") for _, name in read)
    assert batches.position["batch"] == 1


@pytest.mark.parametrize("prefetch", [0, 2])
def test_what_a_source_raises_arrives_at_its_batch(prefetch: int) -> None:
    class Broken(Squares):
        def __getitem__(self, index: int) -> tuple[np.ndarray, int]:
            if index == 4:
                raise LookupError("item 4 is broken")
            return super().__getitem__(index)

    batches = Batches(Broken(), 2, prefetch=prefetch)
    seen: list[list[int]] = []
    with pytest.raises(LookupError, match="item 4 is broken"):
        seen.extend(labels.tolist() for _, labels in batches)
    assert (seen, batches.position["batch"]) == ([[0, 1], [2, 3]], 2)


def test_files(tmp_path: Path) -> None:
    for i in (2, 0, 1):
        (tmp_path / f"{i}.txt").write_text(f"{i} {i}")
    read = Files(f"{tmp_path}/*.txt", lambda path: {"x": np.array(Path(path).read_text().split(), float)})
    assert [b["x"].tolist() for b in Batches(read, 2)] == [[[0.0, 0.0], [1.0, 1.0]], [[2.0, 2.0]]]
    np.save(tmp_path / "bad.npy", np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(ValueError, match="allow_pickle=False"):
        list(Batches(Files([tmp_path / "bad.npy"]), 1))


def test_arrays_larger_than_memory_are_not_read_whole(tmp_path: Path) -> None:
    held = np.lib.format.open_memmap(tmp_path / "x.npy", "w+", "float32", (10_000_000_000, 4))
    held[7_000_000_001] = 5.0
    batches = Batches(np.load(tmp_path / "x.npy", mmap_mode="r"), 3)
    batches.seek({**batches.position, "batch": 2_333_333_333})
    assert next(iter(batches)).tolist() == [[0.0] * 4, [0.0] * 4, [5.0] * 4]


@pytest.mark.parametrize(
    ("make", "error", "text"),
    [
        (lambda: Batches([1], 0), pg.ArgumentError, "size is 0; expected an integer of 1 or more"),
        (lambda: Batches([1], True), pg.InputError, "cannot read size from bool; expected an integer"),
        (lambda: Batches([1], 1, drop_last=1), pg.InputError, "cannot read drop_last from int; expected True or False"),
        (lambda: Batches([1], 1, prefetch=-1), pg.ArgumentError, "prefetch is -1"),
        (lambda: Batches([1], 1, key=7), pg.InputError, "cannot read int; expected a Key"),
        (lambda: Batches(5, 1), pg.InputError, "cannot read int; expected arrays, a dataset or an iterable"),
        (
            lambda: Files("nowhere/*.npy"),
            pg.MissingFileError,
            r'Files: "nowhere/\*\.npy" fits no file; check the pattern',
        ),
        (lambda: Batches("text", 1), pg.InputError, "cannot read str"),
        (lambda: Batches(numbers(), 1), pg.InputError, "cannot read an iterator twice"),
        (lambda: Batches(numbers, 1, key=pg.Key(0)), pg.ArgumentError, "key is given for an iterable"),
        (lambda: len(Batches(numbers, 1)), pg.InputError, "expected a source with a length"),
        (lambda: Batches((np.zeros(3), np.zeros(4)), 1), pg.ArgumentError, r"shapes \[\(3,\), \(4,\)\]"),
        (lambda: Batches(np.float32(1), 1), pg.ArgumentError, r"shapes \[\(\)\]"),
        (lambda: Batches({}, 1), pg.ArgumentError, r"shapes \[\]"),
        (
            lambda: list(Batches([np.ones((4, 2)), np.arange(4)], 2)),
            pg.ArgumentError,
            r"shapes \(4, 2\), \(4,\); expected one shape; pad them, or give arrays that belong together as a tuple",
        ),
        (lambda: list(Batches([[1], [1, 2]], 2)), pg.ArgumentError, r"shapes \(1,\), \(2,\); expected one"),
        (lambda: list(Batches([[[1], [1, 2]]], 1)), pg.ArgumentError, "the items of a list differ in length; expected"),
        (lambda: list(Batches(Table(x=[[1], [1, 2]]), 2)), pg.ArgumentError, "the items of a list differ in length"),
        (lambda: list(Batches([None], 1)), pg.InputError, "cannot read an array from NoneType; expected numbers or"),
        (
            lambda: Batches({"x": np.array([{}])}, 1),
            pg.InputError,
            "cannot read an array from ndarray; expected numbers",
        ),
        (lambda: Batches([1], 1).seek({"size": 2}), pg.ArgumentError, "size is 2; expected 1"),
        (
            lambda: Batches([1], 1).seek(None),
            pg.InputError,
            "seek: cannot read a position from NoneType; expected what",
        ),
        (
            lambda: Batches([1], 1).seek({"size": 1, "items": 1, "epoch": True, "batch": 0}),
            pg.ArgumentError,
            "epoch and",
        ),
        (lambda: Batches([1], 1).seek({"size": 1, "items": 1, "epoch": -1, "batch": 0}), pg.ArgumentError, "epoch and"),
    ],
)
def test_what_makes_no_sense_is_refused(make: Callable[[], Any], error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        make()


def test_a_peek_moves_nothing() -> None:
    batches = pg.data.Batches(np.arange(5), 2, key=pg.Key(3), prefetch=1)
    before = batches.position
    first = batches.peek()
    assert batches.position == before
    assert next(iter(batches)).tolist() == first.tolist()
    assert batches.peek().tolist() != first.tolist()
    with pytest.raises(pg.ArgumentError) as caught:
        pg.data.Batches(np.arange(1), 2, drop_last=True).peek()
    assert str(caught.value) == "peek: there is no batch left in this epoch; expected one"


def test_numbers_of_numpy_are_numbers() -> None:
    batches = Batches(np.arange(5), np.int64(2), prefetch=np.int64(1))  # type: ignore[arg-type]
    assert [len(batch) for batch in batches] == [2, 2, 1]
    assert json.loads(json.dumps(batches.position)) == batches.position
