"""What access refuses."""

from __future__ import annotations

from django.utils.translation import gettext_noop

from pocketward.kernel.errors import PocketwardError


class AccessError(PocketwardError):
    """Root of the access domain's errors."""

    code = "access.error"


class NoSuchApp(AccessError):
    """No such app in this practice."""

    code = "access.no_such_app"
    sentence = "There is no such app in this practice."


class AppRefused(AccessError):
    """A record system cannot be written down like that; `field` is the part that is wrong."""

    code = "access.app_refused"
    sentence = "This record system cannot be kept like that."

    def __init__(self, sentence: str = "", *, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


class RulesNotPlain(AccessError):
    """The access rules say more than a matrix of roles and resources can."""

    code = "access.rules_not_plain"
    sentence = "These rules have several conditions. Change them as a file."


class PermitRefused(AppRefused):
    """A permit for unchecked devices cannot be given like that."""

    code = "access.permit_refused"
    sentence = "This permit cannot be given."


class CodeSpent(AccessError):
    """The one-time code was used, has run out, or is for another host."""

    code = "access.code_spent"
    sentence = "This sign-in was used or took too long. Open the app again."


class NotOnTheWay(AccessError):
    """A browser is not led past this host: the way is not ours, too old, or somebody else's."""

    code = "access.not_on_the_way"
    sentence = "This way out counts no more. Sign out once more."


class NoSuchDecision(AccessError):
    """No such decision in this practice."""

    code = "access.no_such_decision"
    sentence = "There is no such decision in this practice."


class NetworkRefused(AppRefused):
    """The network cannot be named like that."""

    code = "access.network_refused"
    sentence = "Give the network a short name and the addresses it is seen from, such as 203.0.113.0/28."


class EmergencyRefused(AccessError):
    """Emergency access cannot be had here and now."""

    code = "access.emergency_refused"
    sentence = gettext_noop("Emergency access cannot be opened here.")
    advice = "It needs a fresh passkey, one of the listed reasons, and a device that is not held or lost."


class ReviewUnread(AccessError):
    """A review cannot be closed by somebody who has not read it."""

    code = "access.review_unread"
    sentence = "Read what was opened first. Then close the review."


class ReviewNotYours(AccessError):
    """This person may not review this grant."""

    code = "access.review_not_yours"
    sentence = "Another officer must look at this one."
