"""Run every check of lorairo: ``python3 scripts/test.py``; some: ``python3 scripts/test.py unit browser``.

Does all its own set-up: an environment in ``.lorairo-env``, node where it is missing, Chromium from Debian's
packages where there is none. ``scripts/checks.py`` lists the checks.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

import setup_env

if __name__ == "__main__":
    python = setup_env.ensure_environment("lab", "local", "test")
    environment = {
        **os.environ,
        "LORAIRO_CHROMIUM": setup_env.ensure_browser(),
        "LORAIRO_NPM": json.dumps(setup_env.ensure_npm(python)),
        # the tools of the environment before any other of the same name
        "PATH": os.pathsep.join([str(python.parent), os.environ["PATH"]]),
        "PYTHONUTF8": "1",
    }
    checks = [str(python), str(setup_env.ROOT / "scripts" / "checks.py"), *sys.argv[1:]]
    sys.exit(subprocess.run(checks, cwd=setup_env.ROOT, check=False, env=environment).returncode)
