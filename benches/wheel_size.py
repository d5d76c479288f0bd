"""What an installation weighs: `python benches/wheel_size.py [WHEEL ...]`.

Wheels named are weighed as they are. What is installed is weighed with everything it needs.
"""

import re
import sys
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path


def closure(name, seen):
    """The distribution and all it requires without extras, in order of discovery."""
    name = re.sub(r"[-_.]+", "-", name).lower()
    if name in seen:
        return
    try:
        found = distribution(name)
    except PackageNotFoundError:
        return
    seen[name] = found
    for requirement in found.requires or []:
        if "extra ==" not in requirement:
            closure(re.match(r"[\w.-]+", requirement).group(), seen)


def weight(found):
    """Bytes of a distribution's files; an editable one counts its package folder."""
    files = [Path(file.locate()) for file in found.files or []]
    if any(file.suffix == ".pth" for file in files) and (package := find_spec(found.metadata["Name"])):
        files += Path(package.origin).parent.rglob("*")
    return sum(file.stat().st_size for file in files if file.is_file() and "__pycache__" not in file.parts)


def main():
    for wheel in sys.argv[1:]:
        print(f"{Path(wheel).name}: {Path(wheel).stat().st_size / 1e6:.2f} MB")
    print("\n| installed | MB | MB with all it needs | packages |\n|---|---:|---:|---:|")
    for name in ["phonograd", "numpy", "jax", "torch"]:
        needed = {}
        closure(name, needed)
        if name in needed:
            weights = {each: weight(found) for each, found in needed.items()}
            print(f"| {name} | {weights[name] / 1e6:,.1f} | {sum(weights.values()) / 1e6:,.1f} | {len(weights)} |")


if __name__ == "__main__":
    main()
