"""Settings are read once; what is unknown or unsafe stops the start and says what to mend."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pocketward.config.setting_values import SettingsRefused
from pocketward.config.settings import load_settings
from pocketward.kernel.settings import Settings


def load(home: Path, text: str = "", world: str = "real", **environ: str) -> Settings:
    """The settings of a home with this file and environment."""
    (home / "pocketward.toml").write_text(text, encoding="utf-8")
    return load_settings(home, world, environ)


def refused(home: Path, text: str = "", world: str = "real", **environ: str) -> str:
    """What is said when they cannot be used."""
    with pytest.raises(SettingsRefused) as error:
        load(home, text, world, **environ)
    assert error.value.advice
    return error.value.sentence


def test_without_a_file_everything_has_a_safe_default(tmp_path: Path) -> None:
    found = load_settings(tmp_path, "real", {})
    assert (found.web_host, found.gate_host, found.debug) == ("127.0.0.1", "127.0.0.1", False)
    assert found.push.host == "api.push.apple.com"
    assert len(found.secret_key) >= 50


def test_the_environment_wins_over_the_file_and_reaches_into_groups(tmp_path: Path) -> None:
    text = 'web_port = 9000\n[mail]\nhost = "one.example.org"\nport = 25\n'
    found = load(tmp_path, text, POCKETWARD_WEB_PORT="9001", POCKETWARD_MAIL__HOST="two.example.org")
    assert (found.web_port, found.mail.host, found.mail.port) == (9001, "two.example.org", 25)


def test_what_is_no_setting_of_ours_in_the_environment_is_let_be(tmp_path: Path) -> None:
    assert (
        load(tmp_path, PATH="/bin", POCKETWARD_HOME="/x", POCKETWARD_FAULT_FILE="/nowhere").web_port == 8000
    )


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("web_prot = 8000", "web_prot"),
        ('[database]\nengin = "sqlite"', "database.engin"),
        ('home = "/elsewhere"', "home"),
        ('world = "demo"', "world"),
        ("database = 3", "database"),
        ("mail = []", "mail"),
        ('web_port = "eight"', "web_port"),
        ("web_port = true", "web_port"),
        ("web_port = 0x20000", "web_port"),
        ("web_port = -1", "web_port"),
        ("web_port = 80.5", "web_port"),
        ("gate_stale_seconds = nan", "gate_stale_seconds"),
        ("gate_stale_seconds = inf", "gate_stale_seconds"),
        ("gate_stale_seconds = 0", "gate_stale_seconds"),
        ("gate_poll_seconds = 31", "gate_poll_seconds"),
        ("largest_device_body = 0", "largest_device_body"),
        ('debug = "perhaps"', "debug"),
        ("web_host = 3", "web_host"),
        ("trusted_hosts = [1, 2]", "trusted_hosts"),
        ("kill_switch_file = 3", "kill_switch_file"),
        ('master_key = "not hex"', "master_key"),
        ('master_key = "abcd"', "master_key"),
        ('log_level = "LOUD"', "log_level"),
        ('secret_key = "short"', "secret_key"),
        ('proxy_secret = "short"', "proxy_secret"),
        ('proxy_secret_file = "/no/such/file"', "proxy_secret_file"),
        ('[database]\nengine = "oracle"', "database.engine"),
    ],
)
def test_a_key_that_is_unknown_or_cannot_be_so_stops_the_start_and_is_named(
    tmp_path: Path, text: str, named: str
) -> None:
    assert named in refused(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("debug = true", "debug"),
        ('web_host = "0.0.0.0"', "people_url is not https"),
        ('web_host = "203.0.113.5"\npeople_url = "http://clinic.example.org"', "nginx or Caddy"),
        ('[push]\nhost = "localhost"', "Apple's own push service"),
        ('[push]\ntrust_file = "/tmp/ca.pem"', "only in a demo"),
        ('clock_offset_file = "/tmp/clock"', "only in a demo"),
    ],
)
def test_a_pair_that_is_unsafe_in_a_real_practice_stops_the_start_and_says_the_fix(
    tmp_path: Path, text: str, fix: str
) -> None:
    assert fix in refused(tmp_path, text)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "clinic.example.org"])
@pytest.mark.parametrize("name", ["web_host", "device_host", "gate_host"])
def test_a_demo_answers_on_this_machine_only(tmp_path: Path, name: str, host: str) -> None:
    assert f"{name} must be 127.0.0.1" in refused(tmp_path, f'{name} = "{host}"', "demo")


def test_a_value_is_not_repeated_when_it_may_be_a_secret(tmp_path: Path) -> None:
    assert "hunter22" not in refused(tmp_path, 'proxy_secret = "hunter22"')
    assert "zzzz" not in refused(tmp_path, 'master_key = "zzzz"')


def test_secrets_are_read_from_files_and_made_once_when_none_is_given(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("0123456789abcdef0123456789abcdef\n", encoding="utf-8")
    text = f'proxy_secret_file = "{tmp_path / "secret"}"'
    assert load(tmp_path, text).proxy_secret == "0123456789abcdef0123456789abcdef"
    first, second = load(tmp_path), load(tmp_path)
    assert first.secret_key == second.secret_key != ""
    assert (tmp_path / "keys" / "session.key").stat().st_mode & 0o777 == 0o600


VALUES = st.one_of(
    st.integers(-(2**70), 2**70), st.floats(), st.booleans(), st.text(max_size=12),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.sampled_from(["host", "port", "x"]), st.integers()),
)  # fmt: skip
KEYS = st.sampled_from([*Settings.__dataclass_fields__, "password", "secret_key_file", "unknown"])


def toml(value: Any) -> str:
    """A value as TOML writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return '"' + "".join(f"\\U{ord(letter):08X}" for letter in value) + '"'
    if isinstance(value, list):
        return "[" + ", ".join(toml(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {toml(item)}" for key, item in value.items()) + "}"
    return str(value) if isinstance(value, int) else repr(value)


LIMITS = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@LIMITS
@given(st.dictionaries(KEYS, VALUES, max_size=4), st.sampled_from(["real", "demo"]))
def test_any_values_are_either_taken_whole_or_refused_with_a_sentence(
    tmp_path: Path, given: dict[str, Any], world: str
) -> None:
    text = "\n".join(f"{key} = {toml(value)}" for key, value in given.items())
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    try:
        found = load(tmp_path, text, world)
    except SettingsRefused as error:
        assert error.sentence.endswith(".")
        return
    assert 0 <= found.web_port < 65536
    assert found.gate_stale_seconds > found.gate_poll_seconds > 0


@LIMITS
@given(st.binary(max_size=120))
def test_a_file_that_is_not_toml_is_refused_with_a_sentence(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "pocketward.toml").write_bytes(data)
    try:
        load_settings(tmp_path, "real", {})
    except SettingsRefused as error:
        assert error.sentence


@LIMITS
@given(st.dictionaries(st.text("ABCDEFHMOSTWZ_", min_size=1, max_size=14), st.text(max_size=10), max_size=4))
def test_any_environment_is_either_taken_or_refused_with_a_sentence(
    tmp_path: Path, given: dict[str, str]
) -> None:
    try:
        load(tmp_path, "", **{f"POCKETWARD_{name}": value for name, value in given.items()})
    except SettingsRefused as error:
        assert error.sentence
