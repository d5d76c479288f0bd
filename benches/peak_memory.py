"""Peak resident memory of the transformer's step, a process for each library: `python benches/peak_memory.py`.

What the imports hold is counted apart; the first step has the plan or the compilation in it.
"""

from harness import QUICK, available, fresh
from workloads import MODULES

SIZES = (1, 16, 2, 8, 2) if QUICK else ()

PROGRAM = """
import json, os, sys
os.environ["OMP_NUM_THREADS"] = "1"
sys.path.insert(0, {folder!r})

def resident(line):
    with open("/proc/self/status") as status:
        return next(int(words.split()[1]) for words in status if words.startswith(line)) / 1024

def peak(steps):
    with open("/proc/self/clear_refs", "w") as references:
        references.write("5")  # the peak begins anew
    for _ in range(steps):
        work.step()
    return resident("VmHWM:")

import {module}
from workloads.transformer import transformer
{prepare}
imported = resident("VmRSS:")
work = transformer(*{sizes})[{library!r}]()
print(json.dumps([imported, peak(1) - imported, peak(5) - imported]))
"""

# Some of a library comes into memory only when it is first used.
PREPARE = {"torch": "torch.ones(3).sum()", "JAX": "import jax.numpy; jax.numpy.ones(3).sum()"}


def table():
    """Lines of Markdown."""
    folder = __file__.rpartition("/")[0]
    programs = {
        library: PROGRAM.format(
            folder=folder, module=MODULES[library], sizes=SIZES, library=library, prepare=PREPARE.get(library, "")
        )
        for library in ("phonograd", "torch", "JAX")
        if available(MODULES[library])
    }
    yield "Peak resident memory of a whole step of the transformer, in MiB, one thread, a process each."
    yield ""
    yield "| | imports | first step, over these | later steps, over these |"
    yield "|---|---:|---:|---:|"
    for library, found in fresh(programs, rounds=1 if QUICK else 3).items():
        yield f"| {library} | {' | '.join(f'{mebibytes:,.0f}' for mebibytes in found)} |"


if __name__ == "__main__":
    print("\n".join(table()))
