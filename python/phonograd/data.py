"""Data in batches: shuffled by a key, read ahead on a thread, and gone on with exactly where a run was cut.

A source is arrays of one length (one array, a tuple or a dict of them), anything with `len` and `[i]` such as a list or
a PyTorch `Dataset`, a Hugging Face dataset, `Files`, or something to iterate over. A batch has the source's structure
and holds NumPy arrays.

Example:
    >>> import numpy as np
    >>> import phonograd as pg
    >>> source = {"x": np.arange(10.0).reshape(5, 2), "y": np.arange(5)}
    >>> batches = pg.data.Batches(source, 2, key=pg.Key(0))
    >>> for batch in batches:
    ...     print(batch["x"].shape, batch["y"].shape)
    (2, 2) (2,)
    (2, 2) (2,)
    (1, 2) (1,)
    >>> batches.epoch
    1
"""

from __future__ import annotations

from phonograd._core import ArgumentError, InputError, Key, MissingFileError, Record
from phonograd._hints import missing
from phonograd._spelling import Spelled
from phonograd._values import count, flag

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
    from os import PathLike
    from typing import Any

    import numpy as np

    Indices = np.ndarray[Any, Any]

__all__ = ["Batches", "Files"]

# First guesses that have another answer here.
_HINTS = {
    "DataLoader": "`Batches(source, size)` reads arrays, datasets and iterables",
    "Dataset": "anything with `len` and `[i]` is a source, and so are arrays, dicts and tuples of them",
    "TensorDataset": "a tuple of arrays is a source",
    "Subset": "index the arrays, or give a list of items",
    "random_split": "index the arrays by parts of a permutation",
}


class Batches(metaclass=Spelled):
    """A source, one batch after the other: each `for` loop reads to the end of the epoch.

    The position is a plain value that JSON can hold. It points behind the batch that was handed out last, whatever was
    read ahead. A new object that is told to `seek` it hands out the same batches as this one would have. After the last
    batch it points to the end of the epoch, and a loop over the rest of it finds nothing; so a resumed run takes the
    same turns as one that was not cut::

        while batches.epoch < 10:
            for batch in batches:
                ...  # a step; pg.checkpoint.save(..., data=batches) anywhere
            ...  # once for each epoch

    Args:
        source: Arrays, a dataset, files, or an iterable. A function that returns iterators is called for each epoch.
        size: How many items a batch has; the last of an epoch may have fewer.
        key: Shuffles, another way each epoch. Without a key the order is that of the source.
        drop_last: Whether to leave out a last batch that is not full.
        prefetch: How many batches a thread reads ahead.

    Raises:
        InputError: If the source is of no kind that can be read; items that are not are refused when they are read.
        ArgumentError: If a number makes no sense, arrays differ in length, or an iterable is to be shuffled.
    """

    def __init__(
        self, source: Any, size: int, *, key: Key | None = None, drop_last: bool = False, prefetch: int = 0
    ) -> None:
        count("Batches", 1, size=size)
        count("Batches", 0, prefetch=prefetch)
        flag("Batches", drop_last=drop_last)
        if not isinstance(key, Key | None):
            raise InputError(f"Batches: cannot read {type(key).__name__}; expected a Key; make one with `Key(seed)`")
        self.size, self.key, self.drop_last, self.prefetch = int(size), key, drop_last, prefetch
        self._source = _source(source)
        if key is not None and isinstance(self._source, _Stream):
            raise ArgumentError("Batches: key is given for an iterable, which has one order only; expected None")
        self._epoch = self._batch = 0

    @property
    def epoch(self) -> int:
        """How many epochs were read to their end."""
        return self._epoch

    @property
    def position(self) -> dict[str, int | None]:
        """Where the next batch comes from.

        Example:
            >>> batches = pg.data.Batches(np.arange(6), 2)
            >>> next(iter(batches)).tolist(), batches.position
            ([0, 1], {'epoch': 0, 'batch': 1, 'size': 2, 'items': 6, 'key': None})
        """
        items = None if isinstance(self._source, _Stream) else len(self._source)
        bits = None if self.key is None else self.key.bits
        return {"epoch": self._epoch, "batch": self._batch, "size": self.size, "items": items, "key": bits}

    def seek(self, position: dict[str, int | None]) -> None:
        """Goes to a position that this object, or another over the same source, was at.

        Raises:
            ArgumentError: If the position is one of batches or a source of another size.
            InputError: If it is none.

        Example:
            >>> batches = pg.data.Batches(np.arange(6), 2)
            >>> batches.seek({"epoch": 4, "batch": 2, "size": 2, "items": 6, "key": None})
            >>> [batch.tolist() for batch in batches], batches.epoch
            ([[4, 5]], 5)
        """
        if not hasattr(position, "get"):
            raise InputError(
                f"seek: cannot read a position from {type(position).__name__}; expected what `position` says"
            )
        own = self.position
        for name in ("size", "items"):
            if position.get(name) != own[name]:
                raise ArgumentError(f"seek: {name} is {position.get(name)!r}; expected {own[name]!r}, as it is here")
        epoch, batch, bits = position.get("epoch"), position.get("batch"), position.get("key")
        if type(epoch) is not int or type(batch) is not int or min(epoch, batch) < 0:
            raise ArgumentError(f"seek: epoch and batch are {epoch!r} and {batch!r}; expected integers of 0 or more")
        self._epoch, self._batch, self.key = epoch, batch, None if bits is None else Key(bits)

    def __len__(self) -> int:
        """The number of batches in an epoch."""
        if isinstance(self._source, _Stream):
            raise InputError("len: cannot read an iterable's number of batches; expected a source with a length")
        full, rest = divmod(len(self._source), self.size)
        return full + (rest > 0 and not self.drop_last)

    def __bool__(self) -> bool:
        return True

    def __iter__(self) -> Iterator[Any]:
        epoch, first = self._epoch, self._batch
        batches = self._read(epoch, first)
        if self.prefetch:
            batches = _ahead(batches, self.prefetch)
        try:
            for batch in batches:
                self._batch += 1
                yield batch
        finally:
            batches.close()
        self._epoch, self._batch = epoch + 1, 0

    def peek(self) -> Any:
        """The next batch, which stays the next one: an example for `Module.init`, or to look at.

        Example:
            >>> batches = pg.data.Batches(np.arange(6), 2)
            >>> batches.peek().tolist(), [batch.tolist() for batch in batches]
            ([0, 1], [[0, 1], [2, 3], [4, 5]])
        """
        for batch in self._read(self._epoch, self._batch):
            return batch
        raise ArgumentError("peek: there is no batch left in this epoch; expected one")

    def __repr__(self) -> str:
        return f"<Batches of {self.size}, at {self.position}>"

    def _read(self, epoch: int, first: int) -> Generator[Any]:
        """The batches of an epoch from one of them on."""
        if isinstance(self._source, _Stream):
            yield from self._source.batches(first, self.size, self.drop_last)
            return
        import numpy as np

        order = _order(len(self._source), None if self.key is None else self.key.fold_in(epoch))
        for batch in range(first, len(self)):
            yield self._source.take(np.asarray(order[batch * self.size : (batch + 1) * self.size]))


class Files:
    """Files as a source: item `i` is what `read` makes of the `i`-th path.

    Args:
        paths: Paths, or a pattern such as ``"images/*.npy"``, whose matches are sorted by name.
        read: What makes an item of a path: an array, or a tuple or dict of arrays. By default, `.npy` files are read,
            never with pickled objects in them.

    Raises:
        MissingFileError: If no file fits the pattern.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     for i in range(4):
        ...         np.save(f"{folder}/{i}.npy", np.full(3, i))
        ...     [batch.tolist() for batch in pg.data.Batches(pg.data.Files(f"{folder}/*.npy"), 2)]
        [[[0, 0, 0], [1, 1, 1]], [[2, 2, 2], [3, 3, 3]]]
    """

    def __init__(
        self, paths: str | Iterable[str | PathLike[str]], read: Callable[[str | PathLike[str]], Any] | None = None
    ) -> None:
        if isinstance(paths, str):
            from glob import glob

            pattern, paths = paths, sorted(glob(paths))
            if not paths:
                raise MissingFileError(
                    f'Files: "{pattern}" fits no file; check the pattern, and the folder it starts from'
                )
        self.paths: Sequence[str | PathLike[str]] = list(paths)
        self.read = read or _read_array

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> Any:
        return self.read(self.paths[index])


def _read_array(path: str | PathLike[str]) -> Any:
    import numpy as np

    return np.load(path, allow_pickle=False)


class _Arrays:
    """Arrays of one length: one, or a tuple or dict of them."""

    def __init__(self, source: Any) -> None:
        self.arrays = _mapped(_array, source)
        shapes = [array.shape for array in _leaves(self.arrays)]
        if not shapes or not all(shapes) or len({shape[0] for shape in shapes}) != 1:
            raise ArgumentError(f"Batches: the source has arrays of shapes {shapes}; expected a common first size")
        self.count = shapes[0][0]

    def __len__(self) -> int:
        return int(self.count)

    def take(self, indices: Indices) -> Any:
        return _mapped(lambda array: array[indices], self.arrays)


class _Items:
    """Anything with a length and items."""

    def __init__(self, source: Any) -> None:
        self.source = source

    def __len__(self) -> int:
        return len(self.source)

    def take(self, indices: Indices) -> Any:
        return _stacked([self.source[int(index)] for index in indices])


class _Columns(_Items):
    """A table that, asked for several rows, answers with a dict of columns, as Hugging Face's datasets do."""

    def take(self, indices: Indices) -> Any:
        return {name: _array(column) for name, column in self.source[indices.tolist()].items()}


class _Stream:
    """Something to iterate over, from its start each epoch."""

    def __init__(self, source: Any) -> None:
        self.source = source

    def batches(self, first: int, size: int, drop_last: bool) -> Iterator[Any]:
        from itertools import islice

        items = iter(self.source() if callable(self.source) else self.source)
        next(islice(items, first * size, first * size), None)  # what was read before
        while batch := list(islice(items, size)):
            if len(batch) < size and drop_last:
                return
            yield _stacked(batch)


def _source(source: Any) -> _Arrays | _Items | _Stream:
    """The kind of a source, told by what it can do."""
    if isinstance(source, dict | tuple) or hasattr(source, "__array__"):
        return _Arrays(source)
    if isinstance(source, str | bytes):
        raise InputError(f"Batches: cannot read {type(source).__name__}; expected arrays, a dataset or an iterable")
    if hasattr(source, "__len__") and hasattr(source, "__getitem__"):
        return _Columns(source) if hasattr(source, "column_names") else _Items(source)
    if hasattr(source, "__next__"):
        raise InputError("Batches: cannot read an iterator twice; expected the function that makes it")
    if hasattr(source, "__iter__") or callable(source):
        return _Stream(source)
    raise InputError(f"Batches: cannot read {type(source).__name__}; expected arrays, a dataset or an iterable")


def _order(count: int, key: Key | None) -> range | Indices:
    """Indices as they stand, or sorted by random numbers: the same for a key, whatever the version of NumPy."""
    if key is None:
        return range(count)
    import numpy as np

    return np.argsort(Record(grad=False).uniform(key, (count,), dtype="float64").data(), kind="stable")


def _mapped(change: Callable[[Any], Any], value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _mapped(change, item) for name, item in value.items()}
    if isinstance(value, tuple):
        return tuple(_mapped(change, item) for item in value)
    return change(value)


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        value = tuple(value.values())
    if not isinstance(value, tuple):
        yield value
        return
    for item in value:
        yield from _leaves(item)


def _array(value: Any) -> Any:
    """A value as an array of numbers, truth values or strings; Python objects in one are a mistake somewhere."""
    import numpy as np

    try:
        array = np.asarray(value)
    except ValueError:
        raise ArgumentError("Batches: the items of a list differ in length; expected one shape; pad them") from None
    if array.dtype == object:
        raise InputError(f"Batches: cannot read an array from {type(value).__name__}; expected numbers or strings")
    return array


def _stacked(items: list[Any]) -> Any:
    """Items of one structure as one item of stacked arrays."""
    import numpy as np

    first = items[0]
    if isinstance(first, dict):
        return {name: _stacked([item[name] for item in items]) for name in first}
    # A list of numbers is an array; one with arrays in it is a structure, as it is for PyTorch's datasets.
    if isinstance(first, tuple) or (isinstance(first, list) and any(getattr(part, "ndim", 0) for part in first)):
        return tuple(_stacked(list(column)) for column in zip(*items, strict=True))
    arrays = [_array(item) for item in items]
    shapes = dict.fromkeys(array.shape for array in arrays)
    if len(shapes) > 1:
        raise ArgumentError(
            f"Batches: items of one batch have shapes {', '.join(map(str, shapes))}; expected one shape; pad them, or "
            "give arrays that belong together as a tuple"
        )
    return np.stack(arrays)


def _ahead(items: Iterator[Any], depth: int) -> Generator[Any]:
    """The items of an iterator, which a thread asks for up to `depth` of them before they are wanted."""
    from collections import deque
    from concurrent.futures import ThreadPoolExecutor

    end = object()
    with ThreadPoolExecutor(1, "phonograd-data") as thread:
        waiting = deque(thread.submit(next, items, end) for _ in range(depth))
        try:
            while (item := waiting.popleft().result()) is not end:
                waiting.append(thread.submit(next, items, end))
                yield item
        finally:
            thread.shutdown(wait=True, cancel_futures=True)


if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        raise missing(f"module {__name__!r}", name, _HINTS)
