"""Nanoseconds that recording one operation takes, from Python: `python benches/record_op.py`."""

from harness import compare, table

import phonograd as pg

OPS = 2_000

LOOP = """
def run():
    rec = pg.Record()
    x, y = rec.ones((3, 3)), rec.ones((3, 3))
    for _ in range({ops}):
        {statement}
"""

STATEMENTS = [
    "x.exp()",
    "pg.exp(x)",
    "-x",
    "x + y",
    "x + 2.0",
    "2.0 * x",
    "pg.maximum(x, y)",
    "x @ y",
    "x.sum()",
    "x.sum(axis=0)",
    "x.T",
    "x.reshape(9)",
    "x[0]",
]


def recording(statement):
    """A fresh record with many of one operation, in a loop as users write it."""
    names = {"pg": pg}
    exec(LOOP.format(ops=OPS, statement=statement), names)
    return names["run"]


def main():
    times = compare({statement: recording(statement) for statement in ["pass", *STATEMENTS]})
    empty = times.pop("pass")
    per_op = {statement: (seconds - empty) / OPS for statement, seconds in times.items()}
    table("Recording one operation, less the empty loop", per_op, unit="ns", of="x.exp()", digits=0)


if __name__ == "__main__":
    main()
