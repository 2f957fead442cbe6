"""The catalogue folders that there are, and where the test of each entry lives."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.contracts.tree import PRODUCT


@dataclass(frozen=True)
class Catalogue:
    """One folder of Python entries; `record` names the class of its ENTRY."""

    kind: str
    folder: str
    record: str

    @property
    def package(self) -> str:
        """The folder as a module."""
        return f"pocketward.{self.folder.replace('/', '.')}"

    def files(self) -> list[Path]:
        """The file of each entry."""
        folder = PRODUCT / self.folder
        return sorted([*folder.glob("[!_]*.py"), *folder.glob("[!_]*/__init__.py")])

    def names(self) -> list[str]:
        """The name of each entry."""
        return [path.parent.name if path.stem == "__init__" else path.stem for path in self.files()]


CATALOGUES = (
    Catalogue("apple-command", "fleet/apple/commands", "AppleCommand"),
    Catalogue("posture-check", "posture/checks", "CheckSpec"),
    Catalogue("policy-rule", "policy/rules", "RuleSpec"),
)
