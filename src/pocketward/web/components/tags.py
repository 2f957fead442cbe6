"""Template tags that every page may use without loading them (registered as built-ins)."""

from typing import Any

from django import template
from django.templatetags import i18n, static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from pocketward.web.components.words import word

register = template.Library()
# Translating and static addresses are needed on every page: no template loads them by hand.
for _library in (i18n.register, static.register):
    register.tags.update(_library.tags)
    register.filters.update(_library.filters)


@register.simple_tag
def icon(name: str, size: str = "") -> SafeString:
    """A line icon, hidden from screen readers: the word stands beside it. `size` "s" is the small one."""
    css = "i i-s" if size == "s" else "i"
    return format_html('<svg class="{}" aria-hidden="true"><use href="#i-{}"/></svg>', css, name)


@register.simple_tag
def glyph(status: str, meaning: str = "") -> SafeString:
    """A status shape in its colour; `meaning` is read out when no word stands beside it."""
    spoken = format_html('<span class="vh">{}</span>', meaning) if meaning else mark_safe("")
    return format_html(
        '<span data-s="{}"><svg class="g" aria-hidden="true"><use href="#g-{}"/></svg>{}</span>',
        status,
        status,
        spoken,
    )


@register.simple_tag
def chip(status: str, ground: str = "", vocabulary: str = "phone") -> SafeString:
    """Shape, word and colour of a status. `ground` "box" sets it on its wash; "decision" words a decision."""
    css = "pw-chip box" if ground == "box" else "pw-chip"
    return format_html(
        '<span class="{}" data-s="{}"><svg class="g" aria-hidden="true"><use href="#g-{}"/></svg>{}</span>',
        css,
        status,
        status,
        word(status, vocabulary),
    )


@register.inclusion_tag("components/parts/ladder.html")
def ladder(rungs: Any) -> dict[str, Any]:
    """The seven rungs of a command, each with its time and a line of explanation (`components.ladder`)."""
    return {"rungs": rungs}


@register.inclusion_tag("components/parts/rungs.html")
def rungs(steps: Any, text: str) -> dict[str, Any]:
    """The short form of a ladder, for lists: marks and the word beside them."""
    return {"rungs": steps, "text": text}


@register.inclusion_tag("components/parts/ruler.html")
def ruler(clock: Any) -> dict[str, Any]:
    """A plain ruler under a clock's words (`components.ladder.Ruler`); drawn without any style attribute."""
    step = 100 / clock.ticks
    return {
        "clock": clock,
        "percent": round(clock.done * 100, 1),
        "ticks": [round(step * n, 2) for n in range(clock.ticks)],
    }


@register.inclusion_tag("components/parts/fact.html")
def fact(line: Any) -> dict[str, Any]:
    """One fact: what, value, age, and how we know (`components.facts.FactLine`)."""
    return {"fact": line}
