"""What the fleet refuses."""

from __future__ import annotations

from pocketward.kernel.errors import PocketwardError


class FleetError(PocketwardError):
    """Root of the fleet's errors."""

    code = "fleet.error"


class NoSuchDevice(FleetError):
    """No such device in this practice."""

    code = "fleet.no_such_device"
    sentence = "There is no such phone in this practice."


class NoSuchCommand(FleetError):
    """No such command in this practice."""

    code = "fleet.no_such_command"
    sentence = "There is no such command."


class TicketSpent(FleetError):
    """The enrollment link was used or has run out."""

    code = "fleet.ticket_spent"
    sentence = "This enrollment link was used or has run out. Ask for a new one."


class TicketMadeAlready(FleetError):
    """The same wish for a ticket was sent before."""

    code = "fleet.ticket_made_already"
    sentence = "This code was made already."


class TicketUsed(FleetError):
    """The ticket cannot be taken back: a phone has joined with it, or it has ended."""

    code = "fleet.ticket_used"
    sentence = "Nothing was removed: a phone has joined with this code, or it has ended already."


class NotEnrolled(FleetError):
    """The device has no live enrollment, so nothing can be said to it."""

    code = "fleet.not_enrolled"
    sentence = "This phone is not enrolled, so it cannot be told anything."
    advice = "Enroll it again, or close its records instead."


class CommandRefused(FleetError):
    """The guard, or the device's own kind, does not allow this command."""

    code = "fleet.command_refused"
    sentence = "This command is not allowed for this phone."

    def __init__(self, sentence: str | None = None, *, advice: str | None = None, reason: str = "") -> None:
        super().__init__(sentence, advice=advice)
        # The guard's own code of the refusal, for the ledger.
        self.reason = reason or type(self).code


class LabelTooLong(FleetError):
    """A phone's name that no page and no paper could show whole."""

    code = "fleet.label_too_long"
    sentence = "The name is too long: at most 80 letters."


class RemovalRefused(FleetError):
    """The record cannot be taken off the list, or put back, by this person or this way."""

    code = "fleet.removal_refused"
    sentence = "This phone stays on the list."


class PushCertificateRefused(FleetError):
    """The push certificate cannot be used."""

    code = "fleet.push_certificate_refused"
    sentence = "This push certificate cannot be used."
    advice = "Bring the certificate that Apple’s page made of a request from here, or its key along."


class PushUnavailable(FleetError):
    """Apple could not be reached, or asked us to come back later; the job tries again."""

    code = "fleet.push_unavailable"
    sentence = "Apple's push service cannot be reached now."


class HandoverRefused(FleetError):
    """The device cannot be given to this person."""

    code = "fleet.handover_refused"
    sentence = "This phone cannot be given to this person."
