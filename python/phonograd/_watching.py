"""Who watches a training: the bar and the event files that show it, and Ctrl-C, which ends it.

In go what the caller of `fit` wants to see; out come context managers that stand in for what is not wanted or not
installed.
"""

from __future__ import annotations

from math import inf

from phonograd._core import InputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any, Self


class Interrupt:
    """Notes the first Ctrl-C instead of raising it; only the main thread may."""

    came = False

    def __enter__(self) -> Self:
        import signal
        import threading

        self.old = None
        if threading.current_thread() is threading.main_thread():
            self.old = signal.signal(signal.SIGINT, self.note)
        return self

    def note(self, number: int, frame: FrameType | None) -> None:
        """What the signal does now; the next one does what it always did."""
        self.came = True
        self.restore()

    def restore(self) -> None:
        """Puts the old handler back."""
        import signal

        if self.old is not None:
            signal.signal(signal.SIGINT, self.old)

    def __exit__(self, *_: object) -> None:
        self.restore()


class _Nothing:
    """Stands in for a bar or a writer that is not wanted."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def update(self) -> None:
        pass

    def set_postfix_str(self, text: str) -> None:
        pass

    def add_scalar(self, name: str, value: float, step: int) -> None:
        pass


def bar_of(total: float, done: int, wanted: bool | None) -> Any:
    """A progress bar with rate and time left."""
    try:
        from tqdm import tqdm  # type: ignore[import-not-found, import-untyped, unused-ignore]
    except ModuleNotFoundError:
        return _Nothing()
    disable = None if wanted is None else not wanted
    return tqdm(total=None if total == inf else total, initial=done, unit="step", disable=disable)


def writer_of(wanted: Any) -> Any:
    """Writes TensorBoard's files; a writer that was given stays open."""
    from contextlib import nullcontext

    if wanted is None:
        return _Nothing()
    if hasattr(wanted, "add_scalar"):
        return nullcontext(wanted)
    if not (isinstance(wanted, str) or hasattr(wanted, "__fspath__")):
        got = type(wanted).__name__
        raise InputError(f"fit: cannot read tensorboard from {got}; expected a folder, or a writer with `add_scalar`")
    from tensorboardX import SummaryWriter  # type: ignore[import-not-found, import-untyped, unused-ignore]

    return SummaryWriter(str(wanted))
