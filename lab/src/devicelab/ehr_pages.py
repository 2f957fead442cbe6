"""The pages of the pretend record system. Every patient in them is invented."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from secrets import token_hex

OWN_COOKIE, STORED = "harbor_session", "harbor_last_page"
TITLES = {"/notes": "Notes", "/calendar": "Calendar", "/billing": "Billing"}
ROWS = {
    "/notes": (
        ("9:10", "P. Invented", "Follow-up, knee. Walks well."),
        ("10:00", "Q. Madeup", "First visit. History taken."),
        ("11:20", "R. Nobody", "Phone call. Result explained."),
    ),
    "/calendar": (
        ("Today 13:00", "Room 2", "Intake"),
        ("Today 14:30", "Room 1", "Therapy session"),
        ("Tomorrow 9:00", "Room 3", "Team meeting"),
    ),
    "/billing": (
        ("A-1041", "Insurer One", "sent"),
        ("A-1042", "Insurer Two", "paid"),
        ("A-1043", "Self-pay", "open"),
    ),
}
STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;margin:0;color:#1c2733;background:#f3f5f8}"
    "header{background:#24476b;color:#fff;padding:14px 24px;display:flex;gap:24px;align-items:baseline}"
    "header b{font-size:1.1rem}header a{color:#dbe7f3}main{max-width:860px;margin:24px auto;padding:0 16px}"
    "table{width:100%;border-collapse:collapse;background:#fff}"
    "td{padding:12px;border-bottom:1px solid #dfe5ec}"
    "@media(prefers-color-scheme:dark){body{background:#10161c;color:#e6edf3}table{background:#17202a}"
    "td{border-color:#2a3743}}"
)


@dataclass(frozen=True)
class Answered:
    """What goes back."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


def page(path: str, cookies: str = "") -> Answered:
    """One page, 404 for an unknown one; the root leads to the notes.

    As careless as record systems are: it keeps a sign-in of its own in a cookie, the last page in the
    browser's storage, and lets the page to print (`/notes/print`) be cached.
    """
    if path == "/":
        return Answered(302, (("location", "/notes"),))
    base = "/" + path.strip("/").partition("/")[0]
    if base not in TITLES:
        return Answered(404, (("content-type", "text/plain"),), b"no such page")
    links = " ".join(f'<a href="{name}">{title}</a>' for name, title in TITLES.items())
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in ROWS[base]
    )
    body = (
        f'<!doctype html><html lang="en"><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{TITLES[base]} · Harbor Records</title><style>{STYLE}</style>"
        f"<header><b>Harbor Records</b> {links}</header>"
        f'<script>localStorage.setItem("{STORED}", "{base}")</script>'
        f"<main><h1>{TITLES[base]}</h1><table>{rows}</table><p>Pretend records. No real patient.</p></main>"
    )
    cached = "private, max-age=600" if path.endswith("/print") else "no-store"
    headers: tuple[tuple[str, str], ...] = (
        ("content-type", "text/html; charset=utf-8"),
        ("cache-control", cached),
    )
    if f"{OWN_COOKIE}=" not in cookies:
        headers += (("set-cookie", f"{OWN_COOKIE}={token_hex(8)}; Path=/; HttpOnly; Secure; SameSite=Lax"),)
    return Answered(200, headers, body.encode())
