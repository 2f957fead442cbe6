"""Memory of the idle server: the proportional set of each of its three processes, once they answer."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

from bench.server import running

# The design's figure for one Django process, measured when the stack was chosen.
DJANGO_MB = 45


def pss_mb(pid: int) -> float:
    """The proportional set size in megabytes."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    found = re.search(r"^Pss:\s+(\d+) kB", text, re.M)
    return int(found[1]) / 1024 if found else 0.0


def run() -> list[dict[str, Any]]:
    """One start, read after five quiet seconds."""
    with running() as server:
        time.sleep(5)
        sizes = {name: pss_mb(pid) for name, pid in server.children().items()}
    total = sum(sizes.values())
    return [
        {
            "name": "memory.idle",
            "value": round(total),
            "unit": "MB",
            "against": DJANGO_MB,
            "ratio": round(total / DJANGO_MB, 1),
            "limit": None,
            "runs": 1,
            "ok": True,
        },
        *(
            {
                "name": f"memory.idle_{role}", "value": round(size), "unit": "MB", "against": None,
                "ratio": None,
                "limit": None, "runs": 1, "ok": True,
            }
            for role, size in sorted(sizes.items())
        ),
    ]  # fmt: skip
