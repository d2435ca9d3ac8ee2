"""Open JupyterLab on the quickstart notebook over sample pictures: ``python3 scripts/demo.py``.

Does all its own set-up: an environment in ``.lorairo-env``, lorairo in it, pictures and a small tagger drawn
on the spot. Arguments go to ``lorairo demo``.
"""

from __future__ import annotations

import subprocess
import sys

import setup_env

if __name__ == "__main__":
    python = setup_env.ensure_environment("lab", "local")
    lorairo = [str(python), "-c", "from lorairo.cli import app; app(prog_name='lorairo')"]
    command = [*lorairo, "demo", str(setup_env.ROOT / "demo"), *sys.argv[1:]]
    try:
        sys.exit(subprocess.run(command, cwd=setup_env.ROOT, check=False).returncode)
    except KeyboardInterrupt:  # Ctrl-C ends the server, which says so itself
        sys.exit(130)
