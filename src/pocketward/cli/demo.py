"""`pocketward demo`: a pretend clinic whose simulated phones speak the real protocols on this machine."""

from __future__ import annotations

import argparse
import http.client
import importlib.util
import json
import secrets
import socket
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import asdict, fields
from pathlib import Path
from urllib.parse import urlsplit

from pocketward.cli.demo_world import PHONES, Built, DemoPhone, Ports, build_practice, write_lab_world
from pocketward.cli.owner_link import demo_link
from pocketward.cli.running import move_aside, running
from pocketward.cli.start import CannotRun, CannotStart, is_demo, prepare
from pocketward.cli.supervisor import Supervisor, product_children
from pocketward.kernel import clock

WANTED = Ports(8000, 8443, 8001, 8010, 8011, 8012, 8013, 8014, 8015)
# How long one try to open a page may take.
ANSWER_SECONDS = 2.0
# Two days ago: longer than any phone may be silent, shorter than an enrollment ticket lives.
PAST_SECONDS = -2 * 24 * 3600


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to do, and the shape of the world."""
    parser.add_argument(
        "action", nargs="?", choices=["run", "clock"], default="run", help="run the demo, or set its clock"
    )
    parser.add_argument(
        "seconds", nargs="?", type=int, default=0, help="with clock: how far to move it from the true time"
    )
    parser.add_argument("--phones", default="all", help="labels of the phones to simulate, comma-separated")
    parser.add_argument(
        "--fresh", action="store_true", help="begin a new clinic; the one in this home moves to HOME.before"
    )
    parser.add_argument("--any-ports", action="store_true", help="take free ports instead of 8000 and up")
    parser.add_argument(
        "--without-lab", action="store_true", help="run the server only; the lab runs already, or not at all"
    )
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="a further line of pocketward.toml"
    )


def run(given: argparse.Namespace) -> int:
    """Make the world if it is not there yet, print the link, run until stopped."""
    home: Path = (given.home or Path("var/demo")).resolve()
    if given.action == "clock":
        if not is_demo(home):
            raise CannotRun(f"There is no demo at {home}; say which home: --home DIR.")
        clock.write_offset(home / "clock-offset", given.seconds)
        return 0
    if importlib.util.find_spec("devicelab") is None:
        raise CannotStart(
            "The lab is not installed.",
            advice="Install pocketward-devicelab beside pocketward, then try again.",
        )
    with ExitStack() as held:
        held.enter_context(running(home))
        if given.fresh and (before := move_aside(home)) is not None:
            print(f"A new pretend clinic begins; the one before it is in {before}.", flush=True)
            held.enter_context(running(home))
        return _run_demo(given, home)


def _run_demo(given: argparse.Namespace, home: Path) -> int:
    """Make the world, start it, print the links once they open, watch; this process holds the home."""
    supervisor, lab_page = Supervisor(), ""
    if given.without_lab and is_demo(home):
        _open_again(home)
    else:
        phones = PHONES if given.phones == "all" else _chosen(given.phones)
        ports = _ports(home, any_ports=given.any_ports)
        world = _make_world(home, ports, phones, given.set)
        if not given.without_lab:
            lab_page = f"http://localhost:{ports.page}"
            supervisor.add("lab", "-m", "devicelab", "--world", str(world))
    product_children(supervisor, home, "demo")
    supervisor.start_all()
    return supervisor.run(lambda: _tell_when_open(home, lab_page))


def _open_again(home: Path) -> None:
    """A demo that was made or restored here; CannotStart: its making was broken off."""
    prepare(home, "demo")
    from pocketward.practice import api as practice_api

    if not practice_api.practices():
        raise CannotStart(f"The demo in {home} was never finished.", advice="Begin a new one: --fresh.")


def _tell_when_open(home: Path, lab_page: str) -> bool:
    """Print where to go, as soon as the pages answer: an address that is printed opens. Whether they do."""
    if not _pages_answer():
        return False
    print(demo_link(), flush=True)
    if lab_page:
        print(f"The lab, with the phones: {lab_page}", flush=True)
    print("Stop with Ctrl-C. Everything is in", home, flush=True)
    return True


def _pages_answer() -> bool:
    from django.conf import settings

    ours = settings.POCKETWARD
    asking = http.client.HTTPConnection(ours.web_host, ours.web_port, timeout=ANSWER_SECONDS)
    try:
        asking.request("GET", "/", headers={"Host": urlsplit(ours.people_url).netloc})
        return asking.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        asking.close()


def _chosen(text: str) -> tuple[DemoPhone, ...]:
    wanted = {label.strip() for label in text.split(",") if label.strip()}
    unknown = wanted - {phone.label for phone in PHONES}
    if unknown:
        raise CannotStart(
            f"There is no demo phone called {sorted(unknown)[0]}.", advice="Look in the README."
        )
    return tuple(phone for phone in PHONES if phone.label in wanted)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _ports(home: Path, *, any_ports: bool) -> Ports:
    """The ports of this home: kept from its first start, since passkeys know the address."""
    file = home / "ports.json"
    if file.exists():
        return Ports(**json.loads(file.read_text(encoding="ascii")))
    ports = WANTED
    if any_ports or not all(_is_free(port) for port in asdict(WANTED).values()):
        ports = Ports(**{item.name: _free_port() for item in fields(Ports)})
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    file.write_text(json.dumps(asdict(ports)), encoding="ascii")
    return ports


def _settings(home: Path, ports: Ports, extra: list[str]) -> str:
    lines = [
        f'people_url = "http://localhost:{ports.web}"',
        f'device_url = "https://localhost:{ports.device}"',
        f"web_port = {ports.web}",
        f"device_port = {ports.device}",
        f"gate_port = {ports.gate}",
        f'clock_offset_file = "{home / "clock-offset"}"',
        f'kill_switch_file = "{home.with_name(home.name + ".kill-switch")}"',
        'trusted_hosts = ["localhost", "127.0.0.1"]',
    ]
    own = [line for line in extra if "." not in line.partition("=")[0]]
    named = {line.partition("=")[0].strip() for line in own}
    lines = [line for line in lines if line.partition("=")[0].strip() not in named]
    lines += [
        *own,
        "[push]",
        'host = "localhost"',
        f"port = {ports.apns}",
        f'trust_file = "{home / "lab" / "push-root.pem"}"',
        "[mail]",
        'host = "127.0.0.1"',
        f"port = {ports.smtp}",
    ]
    tables: dict[str, list[str]] = {}
    for line in extra:
        table, dot, rest = line.partition(".")
        if dot and "=" not in table:
            tables.setdefault(table, []).append(rest)
    for table, rows in tables.items():
        lines += [f"[{table}]", *rows]
    return "\n".join(lines) + "\n"


def _make_world(home: Path, ports: Ports, phones: tuple[DemoPhone, ...], extra: list[str]) -> Path:
    lab = home / "lab"
    world = lab / "world.json"
    if world.exists():
        prepare(home, "demo")
        return world
    lab.mkdir(mode=0o700, parents=True, exist_ok=True)
    silent = any(phone.silent for phone in phones)
    clock.write_offset(home / "clock-offset", PAST_SECONDS if silent else 0)
    (home / "pocketward.toml").write_text(_settings(home, ports, extra), encoding="utf-8")
    # The lab plays Apple: its own authority makes the stand-in push certificate.
    subprocess.run([sys.executable, "-m", "devicelab.certificates", str(lab)], check=True)
    prepare(home, "demo")
    built = build_practice(home, f"https://localhost:{ports.device}", f"http://localhost:{ports.web}", phones)
    _device_listener(home, built)
    return write_lab_world(home, ports, built, phones, secrets.token_hex(16), f"http://localhost:{ports.web}")


def _device_listener(home: Path, built: Built) -> None:
    """A certificate of the practice's own authority for the phones' listener, and what phones trust."""
    from pocketward.pki import api as pki_api
    from pocketward.spine.api import practice_scope

    with practice_scope(built.practice_id):
        chain, key = pki_api.issue_server_certificate(
            practice_id=built.practice_id, hosts=("localhost", "127.0.0.1", "ehr.localhost")
        )
        anchors = pki_api.authority_pem_bundle(practice_id=built.practice_id)
        access_anchors = "".join(pki_api.trust_anchors(practice_id=built.practice_id))
    for name, content in (("keys/device-listener.pem", chain + key), ("lab/ehr-listener.pem", chain + key)):
        path = home / name
        path.touch(mode=0o600)
        path.write_bytes(content)
    (home / "lab" / "device-trust.pem").write_text(anchors, encoding="ascii")
    (home / "lab" / "access-trust.pem").write_text(access_anchors, encoding="ascii")
