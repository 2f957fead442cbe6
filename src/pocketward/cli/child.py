"""One child process of `serve`: web, gate or worker. It ends when its parent's pipe closes."""

from __future__ import annotations

import argparse
import importlib
import os
import signal
import sys
import threading
from pathlib import Path

ROLES = {
    "web": "pocketward.config.web_process",
    "gate": "pocketward.config.gate_process",
    "worker": "pocketward.config.worker_process",
}


def _watch(pipe: int, stop: threading.Event) -> None:
    """Wait for the parent's end of the pipe to close; give the process 6 seconds to end by itself."""
    while os.read(pipe, 1):
        pass
    stop.set()
    timer = threading.Timer(6.0, os._exit, (1,))
    timer.daemon = True
    timer.start()


def main() -> None:
    """Run one role: `python -m pocketward.cli.child web --home H --world demo --pipe 3`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("role", choices=sorted(ROLES))
    parser.add_argument("--home", required=True)
    parser.add_argument("--world", required=True)
    parser.add_argument("--pipe", type=int, default=-1)
    given = parser.parse_args()
    os.environ["POCKETWARD_HOME"] = str(Path(given.home).resolve())
    os.environ["POCKETWARD_WORLD"] = given.world
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if given.pipe >= 0:
        threading.Thread(target=_watch, args=(given.pipe, stop), daemon=True).start()
    from pocketward.cli.logs import set_up_logs
    from pocketward.cli.start import set_up_django
    from pocketward.config.settings import load_settings

    home = Path(given.home)
    if given.role != "gate":
        set_up_django(home, given.world)
    # A demo's terminal shows its links, and what goes wrong.
    level, quiet = load_settings(home, given.world).log_level, given.world == "demo"
    set_up_logs(level, home / "log", given.role, quiet=quiet)
    importlib.import_module(ROLES[given.role]).main(stop)
    sys.exit(0)


if __name__ == "__main__":
    main()
