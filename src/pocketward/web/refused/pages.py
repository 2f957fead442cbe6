"""Page models of a refusal, for the person in front of a closed door."""

from dataclasses import dataclass

from pocketward.web.components.words import Status


@dataclass(frozen=True)
class OtherWay:
    """Another way to the records."""

    icon: str
    title: str
    text: str
    url: str = ""


@dataclass(frozen=True)
class RefusedPage:
    """Why records are closed here, and the shortest way to open them. `decision` is its number."""

    title: str
    mark: Status
    say: str
    text: str
    steps: tuple[str, ...]
    how_long: str
    check_url: str
    emergency_url: str
    others: tuple[OtherWay, ...]
    why: str
    wrong: str
    decision: str
    enroll: bool = False
    enroll_steps: tuple[str, ...] = ()
    # Where a device is added; for who may add one.
    add_url: str = ""
    sign_in_url: str = ""


@dataclass(frozen=True)
class SignInAgainPage:
    """Records ask for the passkey once more."""

    title: str
    say: str
    text: str
    sign_in_url: str
