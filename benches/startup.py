"""What `import` costs over a bare Python, in time and memory: `python benches/startup.py`."""

from importlib.util import find_spec
from pathlib import Path

from harness import available, fresh

PROGRAM = """
import sys, time
sys.path += {paths!r}
start = time.perf_counter()
{statement}
took = time.perf_counter() - start
with open("/proc/self/status") as status:
    resident = next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
print([took * 1e3, resident / 1024])
"""


def main():
    names = available("phonograd", "numpy", "mlx", "torch", "jax")
    paths = list(dict.fromkeys(str(Path(find_spec(name).origin).parent.parent) for name in names))
    statements = {"nothing": "pass"} | {f"import {name}": f"import {name}" for name in names}
    first = "import phonograd as pg; pg.Record().tensor(1.0).data()"
    statements["phonograd and a first value, which needs NumPy"] = first
    programs = {name: PROGRAM.format(paths=paths, statement=code) for name, code in statements.items()}
    # Without `site`, whose own imports would hide what a module needs.
    found = fresh(programs, flags=["-I", "-S"])
    bare = found["nothing"][1]
    print("| | ms | MiB resident over bare Python |\n|---|---:|---:|")
    for name, (took, resident) in found.items():
        print(f"| {name} | {took:,.1f} | {resident - bare:,.1f} |")


if __name__ == "__main__":
    main()
