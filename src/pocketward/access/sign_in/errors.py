"""What sign-in refuses."""

from __future__ import annotations

from pocketward.kernel.errors import PocketwardError


class SignInRefused(PocketwardError):
    """The proof was not accepted. The sentence never says which part was wrong."""

    code = "access.sign_in_refused"
    sentence = "That did not work. Try again, or ask an officer for a new invitation."


class TooManyTries(SignInRefused):
    """More failed tries than a sender, or a password, gets in a minute."""

    code = "access.too_many_tries"
    sentence = "Too many tries. Wait a minute, then try again."


class AccountElsewhere(SignInRefused):
    """A link would open an account that somebody else, or another practice, relies on."""

    code = "access.account_elsewhere"
    sentence = "This e-mail has an account here. Sign in with its passkey first, then open this link again."


class AlreadySignsIn(PocketwardError):
    """An invitation for somebody who can sign in: it would be a way into their account."""

    code = "access.already_signs_in"
    sentence = "This person signs in here already. Only a new sign-in can be made, and all officers are told."


class OwnerComesBackOnTheServer(PocketwardError):
    """A new sign-in for an owner is made with the server's shell only."""

    code = "access.owner_comes_back_on_the_server"
    sentence = "An owner who lost their passkey comes back with `pocketward owner-link` on the server."
    advice = "For one of several owners: end the owner role first, and give it again afterwards."


class FreshSignInNeeded(PocketwardError):
    """The session is too old for this step."""

    code = "access.fresh_sign_in_needed"
    sentence = "Use your passkey again for this step."


class InsecureTransport(PocketwardError):
    """A secret link was opened over plain HTTP from another machine."""

    code = "access.insecure_transport"
    sentence = "This link works over https only, or on the server itself."
    advice = "Put nginx or Caddy with a certificate in front, or open the link on the server."


class PasskeyWanted(PocketwardError):
    """A password with a code came after this person's phone was reported lost, and they have a passkey."""

    code = "access.passkey_wanted"
    sentence = (
        "Your phone was reported lost, so this sign-in needs a passkey. Is it on that phone? Ask an officer."
    )
    advice = "An officer makes a new sign-in on the person's page."


class PasswordRefused(PocketwardError):
    """No password can be had here, or this one will not do."""

    code = "access.password_refused"
    sentence = "Your practice has people sign in with passkeys only."
