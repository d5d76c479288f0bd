"""Nanoseconds that recording one operation takes, from Python: `python benches/record_op.py`."""

from harness import compare, table

import phonograd as pg

OPS = 2_000


def recording(make):
    """A fresh record with many of one operation, as a user's loop writes them."""

    def run():
        rec = pg.Record()
        x, y = rec.ones((3, 3)), rec.ones((3, 3))
        for _ in range(OPS):
            make(x, y)

    return run


def main():
    candidates = {
        "an empty loop": lambda x, y: None,
        "x.exp()": lambda x, y: x.exp(),
        "pg.exp(x)": lambda x, y: pg.exp(x),
        "-x": lambda x, y: -x,
        "x + y": lambda x, y: x + y,
        "x + 2.0": lambda x, y: x + 2.0,
        "2.0 * x": lambda x, y: 2.0 * x,
        "pg.maximum(x, y)": lambda x, y: pg.maximum(x, y),
        "x @ y": lambda x, y: x @ y,
        "x.sum()": lambda x, y: x.sum(),
        "x.sum(axis=0)": lambda x, y: x.sum(axis=0),
        "x.T": lambda x, y: x.T,
        "x.reshape(9)": lambda x, y: x.reshape(9),
        "x[0]": lambda x, y: x[0],
    }
    times = compare({name: recording(make) for name, make in candidates.items()})
    empty = times.pop("an empty loop")
    per_op = {name: (seconds - empty) / OPS for name, seconds in times.items()}
    table("Recording one operation, less the empty loop", per_op, unit="ns", of="x.exp()", digits=0)


if __name__ == "__main__":
    main()
