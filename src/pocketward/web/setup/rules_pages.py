"""Page models of the rules for phones: in sentences, as a file, and what a change would do."""

from dataclasses import dataclass

from pocketward.web.components.crumbs import Choice, Crumb, FieldError, PlainLine, Tab


@dataclass(frozen=True)
class VersionLine:
    """One version: who, when, why."""

    number: str
    who: str
    when: str
    why: str
    url: str


@dataclass(frozen=True)
class RulesPage:
    """The rules in force."""

    title: str
    tabs: tuple[Tab, ...]
    say: str
    follow: str
    sentences: tuple[str, ...]
    text: str
    versions: tuple[VersionLine, ...]
    edit_url: str
    templates: tuple[Choice, ...]
    toast: str = ""


@dataclass(frozen=True)
class ChangeLine:
    """A rule that would change."""

    before: str
    after: str


@dataclass(frozen=True)
class Preview:
    """What the written rules would do: `felt` says which kinds of phones, `closes` which would be closed,
    `left_out` what is asked although they do not name it.
    """

    changes: tuple[ChangeLine, ...]
    felt: tuple[PlainLine, ...]
    closes: tuple[PlainLine, ...]
    say: str
    needs_second: str = ""
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class EditRulesPage:
    """The file, to be changed; once looked at, what it would do stands beside it."""

    title: str
    crumbs: tuple[Crumb, ...]
    say: str
    follow: str
    text: str
    based_on: str
    reason: str
    line: int = 0
    preview: Preview | None = None
    prove_url: str = ""
    errors: tuple[FieldError, ...] = ()
    toast: str = ""
