"""Templates become configurations, or a sentence says why not."""

from __future__ import annotations

import grp
import json
import os
import re
import shutil
import stat
import subprocess
from pathlib import Path

import certifi
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from deploy import refresh_crl, render
from deploy.render import NotRendered
from pocketward.kernel import clock
from pocketward.pki import issuing

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


@pytest.mark.skipif(shutil.which("caddy") is None, reason="Caddy is not installed here")
@pytest.mark.parametrize("automatic", [False, True])
def test_caddy_reads_what_we_write_and_gets_certificates_itself_when_none_is_named(
    automatic: bool, tmp_path: Path
) -> None:
    # Caddy reads the authority it is to trust; any certificate will do here.
    values = {**VALUES, "access_authority": certifi.where()}
    if automatic:
        values = {name: text for name, text in values.items() if not name.endswith(("_certificate", "_key"))}
        values["apps"] = [{"app_host": "ehr.example.org", "app_upstream": "127.0.0.1:1"}]
    render.render("caddy", values, tmp_path)
    adapted = subprocess.run(
        ["caddy", "adapt", "--config", tmp_path / "Caddyfile", "--adapter", "caddyfile"],
        capture_output=True, text=True, check=False, timeout=30,
    )  # fmt: skip
    assert adapted.returncode == 0, adapted.stderr
    # Certificates lie in the folder that belongs to Caddy's user: it cannot write where this file is.
    assert "storage" not in json.loads(adapted.stdout)
    (server,) = json.loads(adapted.stdout)["apps"]["http"]["servers"].values()
    assert ("disable" not in server.get("automatic_https", {})) is automatic
    policies = server["tls_connection_policies"]
    modes = {
        policy["client_authentication"]["mode"] for policy in policies if "client_authentication" in policy
    }
    assert modes == {"request", "verify_if_given"}


def test_a_proxy_that_runs_as_its_own_user_reads_its_file_by_its_group_and_nobody_else_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    group = grp.getgrgid(os.getgid()).gr_name
    for _ in range(2):
        (path,) = render.render("caddy", VALUES, tmp_path / "made", group)
        assert (stat.S_IMODE(path.stat().st_mode), path.stat().st_gid) == (0o640, os.getgid())
    values = tmp_path / "proxy.toml"
    example = (Path(render.__file__).parent / "proxy.example.toml").read_text(encoding="utf-8")
    values.write_text(re.sub("proxy_secret_file = .*", 'proxy_secret = "abc"', example), encoding="utf-8")
    assert render.main(["caddy", str(values), str(tmp_path / "made"), "no-such-group"]) == 1
    assert capsys.readouterr().err == "There is no group called no-such-group.\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


# What Debian 12 has around the files that its nginx includes.
DEBIAN = """
events {{ worker_connections 768; }}
pid {folder}/nginx.pid;
http {{
    ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3; # Dropping SSLv3, ref: POODLE
    ssl_prefer_server_ciphers on;
    access_log {folder}/access.log;
    gzip on;
    include {folder}/pocketward.conf;
}}
"""


@pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed here")
def test_nginx_reads_what_we_write_inside_a_distributions_own_file_without_a_warning(tmp_path: Path) -> None:
    authority = issuing.make_authority(organization="Clinic", start=clock.now())
    key = serialization.load_der_private_key(authority.access_key, None)
    (tmp_path / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    signed = x509.load_der_x509_certificate(authority.access_der)
    (tmp_path / "own.pem").write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    crl = issuing.make_crl(
        signer=issuing.load_signer(authority.access_der, authority.access_key), number=1, at=clock.now(),
        entries=[], life=issuing.LIFE["access"],
    )  # fmt: skip
    (tmp_path / "crl.pem").write_bytes(refresh_crl.as_pem(crl))
    listener = {"certificate": f"{tmp_path}/own.pem", "key": f"{tmp_path}/key.pem"}
    named = {
        f"{name}_{part}": path for name in ("people", "device", "app") for part, path in listener.items()
    }
    values = {
        **VALUES,
        **named,
        "access_authority": f"{tmp_path}/own.pem",
        "access_crl": f"{tmp_path}/crl.pem",
    }
    values["apps"] = [{"app_host": "ehr.example.org", "app_upstream": "127.0.0.1:1"}]
    render.render("nginx", values, tmp_path)
    (tmp_path / "nginx.conf").write_text(DEBIAN.format(folder=tmp_path), encoding="utf-8")
    tried = subprocess.run(
        ["nginx", "-t", "-q", "-e", "stderr", "-c", tmp_path / "nginx.conf", "-p", tmp_path],
        capture_output=True, text=True, check=False, timeout=30,
    )  # fmt: skip
    assert (tried.returncode, tried.stderr) == (0, "")


def test_a_missing_value_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotRendered, match="'gate'"):
        render.render("nginx", {name: value for name, value in VALUES.items() if name != "gate"}, tmp_path)
    with pytest.raises(NotRendered, match=r"\[\[apps\]\]"):
        render.render("nginx", {**VALUES, "apps": "ehr.example.org"}, tmp_path)


def test_before_the_first_record_system_the_proxy_serves_our_own_pages_alone(tmp_path: Path) -> None:
    written = render.render("nginx", {**VALUES, "apps": []}, tmp_path)
    text = "".join(path.read_text() for path in written)
    assert VALUES["people_host"] in text
    assert "ehr.example.org" not in text


@pytest.mark.parametrize("bad", ["a; return 200", "a b", "", "a\n}", 'a"', "a$host", "a{b"])
def test_a_value_that_could_end_a_directive_is_refused(bad: str, tmp_path: Path) -> None:
    with pytest.raises(NotRendered, match="people_host"):
        render.render("nginx", {**VALUES, "people_host": bad}, tmp_path)


def test_the_command_reads_the_secret_from_its_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    secret, values, target = tmp_path / "secret", tmp_path / "proxy.toml", tmp_path / "out"
    secret.write_text("0123abc\n", encoding="ascii")
    example = (Path(render.__file__).parent / "proxy.example.toml").read_text(encoding="utf-8")
    values.write_text(example.replace("/var/lib/pocketward/keys/proxy.secret", str(secret)), encoding="utf-8")
    assert render.main(["nginx", str(values), str(target)]) == 0
    assert "pocketward.conf" in capsys.readouterr().out
    assert '"0123abc"' in (target / "pocketward-vouch.conf").read_text(encoding="utf-8")
    secret.unlink()
    assert render.main(["nginx", str(values), str(target)]) == 1
    assert "secret" in capsys.readouterr().err
