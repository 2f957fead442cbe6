"""From the command to the first page, against an interpreter that only imports Django."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from typing import Any

from bench.server import running

RUNS = 3


def run() -> list[dict[str, Any]]:
    """Medians of a few starts of a world that exists already."""
    ours = []
    with running() as first:
        home = first.home
        for _ in range(RUNS):
            first.stop()
            started = time.monotonic()
            first.start(home)
            ours.append(time.monotonic() - started)
    bare = []
    for _ in range(RUNS):
        started = time.monotonic()
        code = "import django.conf, django.core.handlers.wsgi, django.db.models"
        subprocess.run([sys.executable, "-c", code], check=True)
        bare.append(time.monotonic() - started)
    ratio = statistics.median(ours) / statistics.median(bare)
    return [
        {
            "name": "start.first_page",
            "value": round(statistics.median(ours), 2),
            "unit": "seconds",
            "against": round(statistics.median(bare), 2),
            "ratio": round(ratio, 1),
            "limit": None,
            "runs": RUNS,
            "ok": True,
        }
    ]
