"""What a phone says when it connects: that it is idle, or how a command went."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from pocketward.protocols.apple_mdm.checkin import checkin_of, sender_of
from pocketward.protocols.apple_mdm.errors import MessageError
from pocketward.protocols.apple_mdm.fields import Fields
from pocketward.protocols.apple_mdm.messages import CheckIn, Sender
from pocketward.protocols.apple_mdm.plists import DEFAULT_LIMITS, PlistLimits, read_plist, write_plist

CONNECT_CONTENT_TYPE: Final = "application/x-apple-aspen-mdm"
MAX_ERRORS: Final = 32


class ReportStatus(StrEnum):
    """The five answers of the protocol (Apple, "Handling command responses")."""

    IDLE = "Idle"
    ACKNOWLEDGED = "Acknowledged"
    ERROR = "Error"
    COMMAND_FORMAT_ERROR = "CommandFormatError"
    NOT_NOW = "NotNow"


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorItem:
    """One link of a phone's chain of errors, outermost first."""

    code: int
    domain: str
    localized: str = ""
    us_english: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandReport(Sender):
    """One report; `payload` is everything outside the envelope, `command_uuid` is None only when idle."""

    status: ReportStatus
    command_uuid: str | None = None
    error_chain: tuple[ErrorItem, ...] = ()
    payload: dict[str, Any] = field(default_factory=dict, repr=False)
    raw: bytes = field(default=b"", repr=False, compare=False)


def parse_report(data: bytes, limits: PlistLimits = DEFAULT_LIMITS) -> CommandReport:
    """The report in a PUT to the server address. PlistError or MessageError when it is none."""
    return _report_of(read_plist(data, limits), data)


def parse_message(data: bytes, limits: PlistLimits = DEFAULT_LIMITS) -> CheckIn | CommandReport:
    """Either kind: a profile without CheckInURL sends both to one address, told apart by MessageType."""
    content = read_plist(data, limits)
    return checkin_of(content, data) if "MessageType" in content else _report_of(content, data)


def _report_of(content: dict[str, Any], raw: bytes) -> CommandReport:
    fields = Fields(content, "Report")
    sender = sender_of(fields)
    for key in ("EnrollmentUserID", "UserLongName", "NotOnConsole"):
        fields.ignore(key)
    try:
        status = ReportStatus(fields.text("Status"))
    except ValueError as error:
        raise MessageError("The report has a status the protocol does not know.") from error
    command_uuid = fields.optional_text("CommandUUID")
    if command_uuid is None and status is not ReportStatus.IDLE:
        raise MessageError("The report does not say which command it answers.")
    chain = tuple(_error(item) for item in fields.dictionaries("ErrorChain")[:MAX_ERRORS])
    return CommandReport(
        **sender, status=status, command_uuid=command_uuid, error_chain=chain, payload=fields.rest(), raw=raw
    )


def _error(item: dict[str, Any]) -> ErrorItem:
    fields = Fields(item, "ErrorChain")
    return ErrorItem(
        code=fields.integer("ErrorCode"),
        domain=fields.optional_text("ErrorDomain") or "",
        localized=fields.optional_text("LocalizedDescription") or "",
        us_english=fields.optional_text("USEnglishDescription") or "",
    )


def report_plist(report: CommandReport) -> bytes:
    """The bytes a phone sends for this report."""
    content: dict[str, Any] = {"Status": str(report.status)}
    envelope = {
        "UDID": report.udid,
        "EnrollmentID": report.enrollment_id,
        "UserID": report.user_id,
        "UserShortName": report.user_short_name,
        "CommandUUID": report.command_uuid,
    }
    content.update({key: value for key, value in envelope.items() if value is not None})
    if report.error_chain:
        content["ErrorChain"] = [_error_plist(item) for item in report.error_chain]
    return write_plist(content | report.payload)


def _error_plist(item: ErrorItem) -> dict[str, Any]:
    content: dict[str, Any] = {"ErrorCode": item.code, "ErrorDomain": item.domain}
    if item.localized:
        content["LocalizedDescription"] = item.localized
    if item.us_english:
        content["USEnglishDescription"] = item.us_english
    return content
