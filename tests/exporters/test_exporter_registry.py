from __future__ import annotations

import subprocess
import sys

import pytest

from lorairo.errors import NotFoundError
from lorairo.exporters import exporters, find


def test_kohya_is_there():
    assert "kohya" in exporters()
    assert type(find("kohya")).__name__ == "KohyaExporter"


def test_a_slip_names_the_nearest():
    with pytest.raises(NotFoundError, match="did you mean 'kohya'"):
        find("koyha")


def test_listing_imports_none_of_them():
    code = (
        "import sys, lorairo.exporters as e; e.exporters(); "
        "sys.exit(any(name.startswith('lorairo.exporters.kohya') or name == 'PIL' for name in sys.modules))"
    )
    assert (
        subprocess.run(
            [sys.executable, "-c", code], check=False, env={"PYTHONPATH": ":".join(sys.path)}
        ).returncode
        == 0
    )
