"""Joins the domains: who handles which event, which jobs exist."""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any

from django.apps import AppConfig

# Lowest first: the order of the safety chain for one event is the order of the packages.
DOMAINS = (
    "ledger", "practice", "pki", "policy", "fleet", "posture", "access",
    "rollout", "response", "incidents", "overview",
)  # fmt: skip


class WiringConfig(AppConfig):
    """The last app: by its `ready` all models are loaded, so doors may be imported."""

    name = "pocketward.config"
    label = "wiring"

    def ready(self) -> None:
        """Register handlers, reactions and jobs of every domain, in package order."""
        from pocketward.spine import jobs, reactions

        for domain in DOMAINS:
            handlers = _module(f"pocketward.{domain}.handlers")
            if handlers is not None:
                if getattr(handlers, "IN_TRANSACTION", None):
                    reactions.add_chain(domain, handlers.IN_TRANSACTION)
                if hasattr(handlers, "ON_CHAIN_FAILURE"):
                    reactions.add_fallback(handlers.ON_CHAIN_FAILURE)
                reactions.add_reactions(getattr(handlers, "REACTIONS", {}))
            specs = _module(f"pocketward.{domain}.jobs")
            if specs is not None:
                jobs.add_jobs(specs.JOBS)


def _module(name: str) -> Any:
    """The module, or None when the domain has none of this kind (or is not in this edition)."""
    domain = name.rpartition(".")[0]
    if importlib.util.find_spec(domain) is None or importlib.util.find_spec(name) is None:
        return None
    return importlib.import_module(name)
