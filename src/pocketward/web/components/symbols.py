"""Line icons and status glyphs: a page carries only the symbols it uses.

Templates write `{% icon "home" %}`; after rendering, `with_symbols` looks which references the page
holds and puts exactly those `<symbol>` elements where the layout left room for them.
"""

import re
from functools import cache
from importlib.resources import files

PLACE = "<!--symbols-->"
_SYMBOL = re.compile(r'<symbol id="(?P<id>[ig]-[a-z]+)".*?</symbol>', re.DOTALL)
_REFERENCE = re.compile(r'href="#(?P<id>[ig]-[a-z]+)"')
_DECLARED = re.compile(r'data-symbols="(?P<ids>[^"]*)"')


@cache
def symbols() -> dict[str, str]:
    """Every symbol of the subset by id (`i-…` 24-unit line drawings, `g-…` 16-unit status glyphs)."""
    text = files("pocketward.web.components").joinpath("symbols.svg").read_text(encoding="utf-8")
    return {match["id"]: match[0] for match in _SYMBOL.finditer(text)}


def with_symbols(html: str) -> str:
    """Return `html` with the symbols it refers to put in its place mark.

    A page whose fragments are swapped later names the icons those will need in `data-symbols="i-x g-ok"`.
    An unknown id is left out: the word beside the icon always says the same.
    """
    if PLACE not in html:
        return html
    wanted = {match["id"] for match in _REFERENCE.finditer(html)}
    for match in _DECLARED.finditer(html):
        wanted.update(match["ids"].split())
    known = symbols()
    used = "".join(known[name] for name in sorted(wanted) if name in known)
    sprite = f'<svg width="0" height="0" class="sprite" aria-hidden="true" focusable="false">{used}</svg>'
    return html.replace(PLACE, sprite, 1)
