"""`pocketward proxy`: what nginx or Caddy needs of a practice, ready for deploy/render.py; no secret."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

from pocketward.cli.start import CannotStart, open_home
from pocketward.kernel.settings import Settings

AUTHORITY, VALUES, CRL_SETTING = "access-authority.pem", "proxy.toml", "crl.env"
CRL_FILE = "/var/lib/pocketward-proxy/access.crl.pem"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where to write, which practice, and what stands behind each host."""
    parser.add_argument("--out", type=Path, default=None, help="a folder to write into; none: print")
    parser.add_argument("--practice", default="", help="the practice's slug, when there are several")
    parser.add_argument(
        "--upstream", action="append", default=[], metavar="HOST=ADDRESS",
        help="what the proxy hands a host's requests on to, such as ehr.example.org=127.0.0.1:9000",
    )  # fmt: skip
    parser.add_argument("--demo", action="store_true", help="the home is a demo's (found out by itself)")


def run(given: argparse.Namespace) -> int:
    """Write or print the access authority and the values of the templates; say what is still missing."""
    open_home(given.home, demo=given.demo)
    from django.conf import settings

    from pocketward.pki import api as pki_api
    from pocketward.spine.api import practice_scope

    practice_id = _practice(given.practice)
    with practice_scope(practice_id):
        authority = "".join(pki_api.trust_anchors(practice_id=practice_id))
        hosts = _hosts(practice_id)
    folder = given.out.resolve() if given.out else Path("/etc/pocketward")
    values = values_file(settings.POCKETWARD, folder, hosts, _upstreams(given.upstream))
    if given.out is None:
        print(authority + values)
    else:
        _write(folder, authority, values, crl_url(settings.POCKETWARD, practice_id))
    print(_next(settings.POCKETWARD, practice_id, hosts), file=sys.stderr)
    return 0


def _practice(slug: str) -> UUID:
    from pocketward.practice import api as practice_api

    chosen = [item for item in practice_api.practices() if slug in ("", item.slug)]
    if not chosen:
        raise CannotStart(
            "There is no such practice here.", advice="Open the link of `pocketward owner-link`."
        )
    if len(chosen) > 1:
        raise CannotStart("There are several practices here.", advice="Say which: --practice SLUG.")
    return chosen[0].id


def _hosts(practice_id: UUID) -> tuple[str, ...]:
    """Every host name of a record system behind the gate."""
    from pocketward.access import api as access_api

    found = (app for app in access_api.apps(practice_id=practice_id) if app.is_ours)
    return tuple(host for app in found for host in app.hosts)


def _upstreams(pairs: Iterable[str]) -> dict[str, str]:
    found = {}
    for pair in pairs:
        host, equals, address = pair.partition("=")
        if not (host and equals and address):
            raise CannotStart(
                f"--upstream {pair} is not HOST=ADDRESS.", advice="ehr.example.org=127.0.0.1:9000"
            )
        found[host.lower()] = address
    return found


def values_file(ours: Settings, folder: Path, hosts: tuple[str, ...], upstreams: Mapping[str, str]) -> str:
    """The TOML file that deploy/render.py reads. What we cannot know stays a comment, and render.py asks."""
    lines = [
        "# Values for deploy/render.py. nginx needs each certificate and key; with Caddy leave them out.",
        *_site("people", urlsplit(ours.people_url).hostname or ""),
        *_site("device", urlsplit(ours.device_url).hostname or ""),
        "https_port = 443",
        f'web = "{ours.web_host}:{ours.web_port}"',
        f'gate = "{ours.gate_host}:{ours.gate_port}"',
        f'proxy_secret_file = "{ours.home / "keys" / "proxy.secret"}"',
        "",
        f'access_authority = "{folder / AUTHORITY}"',
        f'access_crl = "{CRL_FILE}"',
    ]
    for host in hosts:
        known = upstreams.get(host)
        upstream = f'app_upstream = "{known}"' if known else '# app_upstream = "127.0.0.1:9000"'
        lines += ["", "[[apps]]", *_site("app", host)[:1], upstream, *_site("app", host)[1:]]
    return "\n".join(lines) + "\n"


def _site(name: str, host: str) -> tuple[str, ...]:
    return (
        f'{name}_host = "{host}"',
        f'# {name}_certificate = "/etc/ssl/pocketward/{host}.pem"',
        f'# {name}_key = "/etc/ssl/pocketward/{host}.key"',
    )


def crl_url(ours: Settings, practice_id: UUID) -> str:
    """Where this server hands out the revocation list of access identities."""
    from pocketward.kernel.ids import public_id

    return f"http://{ours.web_host}:{ours.web_port}/device/{public_id('prac', practice_id)}/crl.crl"


def _write(folder: Path, authority: str, values: str, crl: str) -> None:
    """The authority and the list's address anew each time; values that somebody changed are left alone."""
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    for name, text in ((AUTHORITY, authority), (CRL_SETTING, f"CRL_URL={crl}\n")):
        (folder / name).write_text(text, encoding="ascii")
        print(folder / name)
    try:
        with (folder / VALUES).open("x", encoding="utf-8") as file:
            file.write(values)
    except FileExistsError:
        print(f"{folder / VALUES} is there already and was left alone.", file=sys.stderr)
    else:
        print(folder / VALUES)


def _next(ours: Settings, practice_id: UUID, hosts: tuple[str, ...]) -> str:
    known = hosts or ("none yet: register them under Set up, Record systems",)
    return (
        f"Revocation list: {crl_url(ours, practice_id)}\nHosts behind the gate: {', '.join(known)}\n"
        f"Next: fill in {VALUES}, then python3 deploy/render.py nginx {VALUES} /etc/nginx/pocketward"
    )
