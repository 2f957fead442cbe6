"""Templates become configurations, or a sentence says why not."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from deploy import render
from deploy.render import NotRendered

VALUES = {
    "people_host": "pocketward.example.org", "people_certificate": "/c/people.pem",
    "people_key": "/c/people.key", "device_host": "devices.example.org",
    "device_certificate": "/c/device.pem", "device_key": "/c/device.key",
    "https_port": 443, "web": "127.0.0.1:8000", "gate": "127.0.0.1:8001", "proxy_secret": "s3cret",
    "access_authority": "/c/ca.pem", "access_crl": "/c/crl.pem",
    "apps": [
        {"app_host": f"{name}.example.org", "app_upstream": "127.0.0.1:1", "app_certificate": "/c/a.pem",
         "app_key": "/c/a.key"}
        for name in ("ehr", "calendar")
    ],
}  # fmt: skip


@pytest.mark.parametrize("kind", ["nginx", "caddy"])
def test_every_place_is_filled_and_every_app_has_its_own_part(kind: str, tmp_path: Path) -> None:
    written = render.render(kind, VALUES, tmp_path)
    text = "".join(path.read_text(encoding="utf-8") for path in written)
    assert not render._PLACE.search(text)
    assert "#each" not in text and "#end" not in text
    assert "ehr.example.org" in text and "calendar.example.org" in text
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in written)


def test_a_missing_value_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotRendered, match="'gate'"):
        render.render("nginx", {name: value for name, value in VALUES.items() if name != "gate"}, tmp_path)
    with pytest.raises(NotRendered, match=r"\[\[apps\]\]"):
        render.render("nginx", {**VALUES, "apps": []}, tmp_path)


@pytest.mark.parametrize("bad", ["a; return 200", "a b", "", "a\n}", 'a"', "a$host", "a{b"])
def test_a_value_that_could_end_a_directive_is_refused(bad: str, tmp_path: Path) -> None:
    with pytest.raises(NotRendered, match="people_host"):
        render.render("nginx", {**VALUES, "people_host": bad}, tmp_path)


def test_the_command_reads_the_secret_from_its_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    secret, values, target = tmp_path / "secret", tmp_path / "proxy.toml", tmp_path / "out"
    target.mkdir()
    secret.write_text("0123abc\n", encoding="ascii")
    example = (Path(render.__file__).parent / "proxy.example.toml").read_text(encoding="utf-8")
    values.write_text(example.replace("/var/lib/pocketward/keys/proxy.secret", str(secret)), encoding="utf-8")
    assert render.main(["nginx", str(values), str(target)]) == 0
    assert "pocketward.conf" in capsys.readouterr().out
    assert '"0123abc"' in (target / "pocketward-vouch.conf").read_text(encoding="utf-8")
    secret.unlink()
    assert render.main(["nginx", str(values), str(target)]) == 1
    assert "secret" in capsys.readouterr().err
