"""How a training went: what `fit` returns, and a checkpoint keeps."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from os import PathLike
    from typing import Any

    Row = dict[str, Any]


class History(list["Row"]):
    """How a training went, as a plain table: a list of rows, each a dict.

    Attributes:
        stopped: Why it ended: "done", "early" or "interrupted".
    """

    stopped: str = "done"

    def column(self, name: str) -> list[Any]:
        """The values of one column, of the rows that have it.

        Example:
            >>> history = pg.History([{"step": 1, "loss": 0.5}, {"step": 2, "loss": 0.25, "evaluation": 0.3}])
            >>> history.column("loss"), history.column("evaluation")
            ([0.5, 0.25], [0.3])
        """
        return [row[name] for row in self if name in row]

    def draw(self, path: str | PathLike[str]) -> None:
        """Draws the loss, and what was evaluated, over the steps. Needs matplotlib."""
        from matplotlib.figure import Figure

        figure = Figure(figsize=(7, 4.5), layout="constrained", facecolor="white")
        axes = figure.subplots()
        for name in dict.fromkeys(name for row in self for name in row):
            if name not in ("step", "epoch", "seconds"):
                axes.plot([row["step"] for row in self if name in row], self.column(name), label=name)
        positive = all(value > 0 for value in self.column("loss"))
        axes.set(xlabel="step", ylabel="loss", yscale="log" if positive else "linear")
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(alpha=0.25)
        axes.legend(frameon=False)
        figure.savefig(path, dpi=130)
