"""Page models of sign-in."""

from dataclasses import dataclass

from pocketward.web.components.crumbs import PlainLine


@dataclass(frozen=True)
class SignInPage:
    """The passkey button. `options` is the browser's request as JSON; `next_url` where one goes after."""

    title: str
    action: str
    options: str
    next_url: str
    password: bool
    lost_url: str
    error: str = ""
    email: str = ""


@dataclass(frozen=True)
class OnwardPage:
    """A page that goes on to `url` by itself after `seconds`; `link` for a browser that does not."""

    title: str
    say: str
    text: str
    url: str
    link: str
    seconds: int = 0


@dataclass(frozen=True)
class PasskeyPage:
    """Registering a passkey; `first` right after an invitation."""

    title: str
    action: str
    options: str
    first: bool
    say: str
    error: str = ""
    name: str = ""


@dataclass(frozen=True)
class PasswordPage:
    """A password, which exists only together with a code app; `secret` and `qr_svg` are for that app."""

    title: str
    action: str
    secret: str
    qr_svg: str
    error: str = ""


@dataclass(frozen=True)
class LinkPage:
    """What a one-time link does, before it is spent by the button."""

    title: str
    action: str
    say: str
    text: str
    button: str
    error: str = ""


@dataclass(frozen=True)
class PasskeyLine:
    """One registered passkey."""

    name: str
    detail: str
    since: str


@dataclass(frozen=True)
class SessionLine:
    """One open session; the current one is not ended from here."""

    id: int
    browser: str
    detail: str
    here: bool


@dataclass(frozen=True)
class AccountPage:
    """One's own passkeys and sessions."""

    title: str
    email: str
    passkeys: tuple[PasskeyLine, ...]
    sessions: tuple[SessionLine, ...]
    add_url: str
    end_url: str
    sign_out_url: str
    password_url: str
    homes: tuple[PlainLine, ...]
    toast: str = ""
    recovery_url: str = ""


@dataclass(frozen=True)
class RecoveryPage:
    """Recovery codes: how many are left, and new ones once."""

    title: str
    action: str
    codes: tuple[str, ...]
    left: int
    back_url: str
