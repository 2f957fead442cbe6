"""The shipped facts are what the distiller makes of Apple's schemas, and carry no prose."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from pocketward.protocols.apple_mdm.fact_records import load_things, parse_version
from pocketward.protocols.apple_mdm.facts import distill

FOLDERS = ("checkin", "commands", "profiles")
SHIPPED = Path(distill.__file__).parent
# A folder with Apple's schemas (github.com/apple/device-management): its `mdm` stands in it.
VARIABLE, USUAL = "APPLE_SCHEMAS", Path("shared") / "reference" / "apple"


def reference() -> Path | None:
    """The folder that the variable names, else the usual one beside this checkout or beside one above it."""
    named = os.environ.get(VARIABLE)
    places = [Path(named)] if named else [parent / USUAL for parent in Path(__file__).resolve().parents]
    return next((place for place in places if (place / "mdm").is_dir()), None)


REFERENCE = reference() or Path()
needs_reference = pytest.mark.skipif(
    reference() is None,
    reason=f"Apple's schemas are not here: neither in {VARIABLE} nor as {USUAL} in a folder above this one",
)


def documents() -> list[dict[str, Any]]:
    return [json.loads((SHIPPED / f"{folder}.json").read_text(encoding="utf-8")) for folder in FOLDERS]


def test_each_file_names_origin_release_and_license() -> None:
    for document in documents():
        assert document["origin"] == "github.com/apple/device-management"
        assert document["license"] == "MIT"
        assert document["release"] == "iOS 18.1"


def test_the_facts_hold_no_prose() -> None:
    for document in documents():
        text = json.dumps(document)
        assert '"content"' not in text
        assert '"description"' not in text
        assert '"title"' not in text


@needs_reference
@pytest.mark.parametrize("folder", FOLDERS)
def test_the_shipped_facts_are_what_the_distiller_makes(folder: str) -> None:
    made = distill.distill_folder(REFERENCE, folder, "iOS 18.1")
    assert made == (SHIPPED / f"{folder}.json").read_text(encoding="utf-8")


@needs_reference
def test_every_command_of_the_reference_is_known_with_its_conditions() -> None:
    facts = load_things("commands")
    for path in sorted((REFERENCE / "mdm" / "commands").glob("*.yaml")):
        payload = yaml.safe_load(path.read_text(encoding="utf-8"))["payload"]
        ios = payload["supportedOS"].get("iOS") or {"introduced": "n/a"}
        rule = facts[payload["requesttype"]][0].rule
        assert rule.absent is (ios["introduced"] == "n/a"), path.name
        if not rule.absent:
            assert rule.introduced == parse_version(str(ios["introduced"]))
            assert rule.supervised is bool(ios.get("supervised"))
            assert rule.user_mode == (ios.get("userenrollment") or {}).get("mode")


def test_trailing_zeros_make_no_difference_between_versions() -> None:
    assert parse_version("17.0") == parse_version("17") == (17,)
    assert parse_version("17.0.1") > parse_version("17.0")


def test_the_schemas_are_found_by_the_variable_and_in_a_folder_above(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mdm").mkdir()
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    assert reference() == tmp_path
    # What is named and is not there is not replaced by something else.
    monkeypatch.setenv(VARIABLE, str(tmp_path / "elsewhere"))
    assert reference() is None
