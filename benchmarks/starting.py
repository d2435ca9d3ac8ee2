"""Promise: ``import lorairo`` costs a tenth of ``import pandas``. CPU time of fresh processes, interleaved.

python benchmarks/starting.py [--rounds 7]
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys

CODE = "import time; start = time.process_time(); import {}; print(time.process_time() - start)"


def cost(module: str) -> float:
    """CPU seconds of one import in a fresh process."""
    seen = subprocess.run(
        [sys.executable, "-c", CODE.format(module)], capture_output=True, text=True, check=True
    )
    return float(seen.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    modules = ("pandas", "lorairo")
    seconds: dict[str, list[float]] = {module: [] for module in modules}
    for _ in range(rounds + 1):
        for module in modules:
            seconds[module].append(cost(module))
    median = {
        module: statistics.median(values[1:]) for module, values in seconds.items()
    }  # the first warms the disk
    print(f"{'import':10} {'CPU ms':>8}")
    for module in modules:
        print(f"{module:10} {median[module] * 1000:8.1f}")
    print(f"ratio {median['lorairo'] / median['pandas']:.3f} (promise 0.1)")


if __name__ == "__main__":
    main()
