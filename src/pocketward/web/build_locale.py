"""Extracts and compiles translations: `python -m pocketward.web.build_locale`.

Django's `templatize` turns templates into text that Babel's extractors read, so no gettext tools are
needed. The Spanish catalogue is updated in place and compiled beside it. A text of a staff page (and of
what staff read elsewhere) that is missing or fuzzy fails; console texts may still be English.
`--check` changes nothing and fails also when the catalogue on disk is not what extraction gives.
"""

import ast
import io
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PACKAGE: Final = Path(__file__).resolve().parent.parent
CATALOG: Final = PACKAGE / "locale" / "es" / "LC_MESSAGES" / "django.po"
BORN: Final = datetime(2026, 11, 24, tzinfo=UTC)
KEYWORDS: Final = {
    "_": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None, "translate": None,
    "ngettext": (1, 2), "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3),
}  # fmt: skip
# What staff, patients' neighbours and thieves' finders read: never half in English.
STAFF: Final = (
    "web/lost/", "web/my_phone/", "web/refused/", "web/sign_in/", "web/emergency/", "web/notices",
    "web/stop/", "fleet/stop_links",
    "web/surroundings", "web/setup/start_views", "web/setup/templates/setup/start", "web/form_addresses",
    "web/too_large",
    "web/components/clock",
    "web/components/words",
    "web/phones/check_words", "web/phones/app_lines", "web/phones/asking", "web/phones/standing",
    "web/components/roles",
    "access/sign_in/", "access/emergency", "access/errors", "practice/", "response/colleague",
    "web/components/templates/components/staff", "web/components/templates/components/notice",
)  # fmt: skip
CONSOLE: Final = ("web/emergency/templates/emergency/review", "web/emergency/review")
# Errors whose sentence a person reads: class attributes, marked by their place and not by a call.
ERRORS: Final = ("access/sign_in/errors.py",)


def main(arguments: list[str]) -> int:
    """Update and compile the catalogue; 1 with a list of what is missing when staff texts are not whole."""
    found = extracted()
    kept = read_catalog()
    updated = read_catalog()
    updated.update(found, no_fuzzy_matching=True)
    updated.obsolete.clear()
    if "--check" in arguments:
        return report(missing(updated)) or report(drifted(kept, updated))
    if differs(kept, updated):
        write_catalog(updated)
    compile_catalog(updated)
    return report(missing(updated))


def extracted() -> Catalog:
    """Every marked text of the package, with where it stands."""
    catalog = Catalog(project="pocketward", charset="utf-8")
    for place, line, message, comments, context in found_texts():
        catalog.add(message, None, [(place, line)], auto_comments=comments, context=context)
    return catalog


def found_texts() -> Iterator[tuple[str, int, str | tuple[str, ...], list[str], str | None]]:
    """(file relative to the package, line, text or (one, many), comments, context)."""
    for place, line, message, comments, context in extract_from_dir(
        PACKAGE, [("**.py", "python")], {}, KEYWORDS, ("Translators:",)
    ):
        yield place, line, message, comments, context
    for place in ERRORS:
        yield from ((place, line, text, [], None) for line, text in error_texts(PACKAGE / place))
    for template in sorted(PACKAGE.glob("web/**/*.html")):
        for line, message, comments, context in template_texts(template):
            yield template.relative_to(PACKAGE).as_posix(), line, message, comments, context


def error_texts(module: Path) -> Iterator[tuple[int, str]]:
    """The sentences and advice of a module of errors."""
    if not module.is_file():
        return
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Constant):
            continue
        names = {target.id for target in node.targets if isinstance(target, ast.Name)}
        if names & {"sentence", "advice"} and isinstance(node.value.value, str) and node.value.value:
            yield node.lineno, node.value.value


def template_texts(template: Path) -> Iterator[tuple[int, str | tuple[str, ...], list[str], str | None]]:
    """Texts of one Django template, read as the Python that `templatize` makes of it."""
    from django.utils.translation.template import templatize

    source = templatize(template.read_text(encoding="utf-8"), origin=str(template))
    # Babel's reader minds indentation, which a template has no reason to keep.
    flat = "\n".join(line.lstrip() for line in source.splitlines())
    yield from extract("python", io.BytesIO(flat.encode("utf-8")), KEYWORDS, ("Translators:",))


def read_catalog() -> Catalog:
    """The Spanish catalogue on disk, or an empty one."""
    if not CATALOG.is_file():
        return Catalog(locale="es", project="pocketward", charset="utf-8", fuzzy=False)
    with CATALOG.open("rb") as source:
        return read_po(source, locale="es")


def write_catalog(catalog: Catalog) -> None:
    """Write the catalogue without dates, so that only texts change the file."""
    CATALOG.parent.mkdir(parents=True, exist_ok=True)
    catalog.header_comment = "# Spanish texts of Pocketward. A native reader is owed before release."
    catalog.project, catalog.version, catalog.fuzzy = "pocketward", "1", False
    catalog.creation_date = catalog.revision_date = BORN
    catalog.last_translator = catalog.language_team = catalog.msgid_bugs_address = "Pocketward"
    with CATALOG.open("wb") as target:
        write_po(target, catalog, width=100, sort_by_file=True, omit_header=False, include_lineno=False)


def compile_catalog(catalog: Catalog) -> None:
    """Write django.mo; fuzzy texts are left out, so that nobody reads a guess."""
    with CATALOG.with_suffix(".mo").open("wb") as target:
        write_mo(target, catalog, use_fuzzy=False)


def missing(catalog: Catalog) -> list[str]:
    """Staff texts without a sound Spanish text, as lines for a person."""
    return [
        f"{places(message)}: {message.id!r}"
        for message in catalog
        if is_staff(message) and not is_whole(message)
    ]


def is_staff(message: Message) -> bool:
    """Whether a person who is not an officer may read this text."""
    return any(place.startswith(STAFF) and not place.startswith(CONSOLE) for place, _ in message.locations)


def is_whole(message: Message) -> bool:
    """Whether every form of the text is translated and none is a guess."""
    forms = message.string if isinstance(message.string, tuple | list) else (message.string,)
    return bool(message.id) and not message.fuzzy and all(forms)


def places(message: Message) -> str:
    """The files a text stands in."""
    return ", ".join(sorted({place for place, _ in message.locations}))


def differs(kept: Catalog, updated: Catalog) -> bool:
    """Whether the set of texts or their places changed."""
    return texts(kept) != texts(updated) or bool(kept.obsolete)


def drifted(kept: Catalog, updated: Catalog) -> list[str]:
    """Texts extraction finds that the file on disk lacks, or that it has beyond them."""
    return [
        f"catalogue is out of date: {text!r}" for text, _ in sorted(texts(kept) ^ texts(updated), key=str)
    ]


def texts(catalog: Catalog) -> set[tuple[object, str]]:
    """Identity of each text: its id with context, and the files it stands in."""
    return {(f"{message.context}|{message.id!r}", places(message)) for message in catalog if message.id}


def report(lines: list[str]) -> int:
    """Print each line to standard error; 1 when there was any."""
    for line in lines:
        print(f"translation: {line}", file=sys.stderr)
    return 1 if lines else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
