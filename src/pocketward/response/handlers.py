"""What response does when commands of its cases move; all of it as jobs."""

from __future__ import annotations

from pocketward.fleet.events import CommandProofAdvanced

REACTIONS = {CommandProofAdvanced: ("response.on_proof",)}
