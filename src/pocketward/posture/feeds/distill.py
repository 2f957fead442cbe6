"""Makes feeds/ios_releases.json from a SOFA feed: `python -m pocketward.posture.feeds.distill SOURCE TARGET`.

Only facts are carried over: versions, builds, days, models, and whether safety problems were mended.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ORIGIN = "SOFA feed v2, macadmins.io (Apache-2.0)"


def distill(source: dict[str, Any]) -> dict[str, Any]:
    """The feed's facts in our own, smaller form."""
    rows: dict[str, dict[str, Any]] = {}
    for family in source["OSVersions"]:
        for item in [family["Latest"], *family["SecurityReleases"]]:
            row = rows.setdefault(
                item["ProductVersion"],
                {"builds": set(), "released": item["ReleaseDate"][:10], "models": set(), "security": False},
            )
            row["builds"] |= {item["Build"], *item.get("AllBuilds", [])} - {"", None}
            row["models"] |= set(item["SupportedDevices"])
            row["security"] = row["security"] or bool(item.get("CVEs"))
    models = sorted({name for row in rows.values() for name in row["models"]})
    number = {name: position for position, name in enumerate(models)}
    releases = [
        {
            "version": version,
            "builds": sorted(row["builds"]),
            "released": row["released"],
            "models": sorted(number[name] for name in row["models"]),
            "security": row["security"],
        }
        for version, row in sorted(rows.items())
    ]
    published = source["LastCheck"][:10]
    return {"format": 1, "published": published, "origin": ORIGIN, "models": models, "releases": releases}


if __name__ == "__main__":
    facts = distill(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    Path(sys.argv[2]).write_text(json.dumps(facts, separators=(",", ":")) + "\n", encoding="utf-8")
