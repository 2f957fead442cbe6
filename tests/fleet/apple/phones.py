"""A phone at the wire: it signs its messages and speaks to the endpoints' own functions."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from pocketward.fleet.apple import endpoints
from pocketward.fleet.apple.answers import Answer
from pocketward.protocols.apple_mdm import (
    Authenticate,
    CheckIn,
    CheckOut,
    Command,
    CommandReport,
    ErrorItem,
    ReportStatus,
    TokenUpdate,
    checkin_plist,
    parse_command,
    report_plist,
)
from pocketward.protocols.cms import mdm_signature

TOPIC = "com.apple.mgmt.External.test"
NETWORK = "net"


class WirePhone:
    """One phone with one identity, known to the server by its serial and UDID."""

    def __init__(
        self,
        practice_id: UUID,
        identity: tuple[x509.Certificate, ec.EllipticCurvePrivateKey],
        serial: str = "F2LSERIAL1",
    ) -> None:
        self.practice_id, self.serial = practice_id, serial
        self.certificate, self.key = identity
        self.udid = f"UDID-{serial}"
        self.sent: list[bytes] = []

    @property
    def der(self) -> bytes:
        """The identity certificate."""
        return self.certificate.public_bytes(Encoding.DER)

    def put(self, kind: str, body: bytes, *, signed: bytes | None = None) -> Answer:
        """Send a body; `signed` is what the signature is made over, where that shall differ."""
        self.sent.append(body)
        signature = mdm_signature(body if signed is None else signed, self.certificate, self.key)
        headers = [
            (b"Mdm-Signature", signature.encode()),
            (b"content-type", b"application/x-apple-aspen-mdm"),
        ]
        return endpoints.serve_message(self.practice_id, kind, headers, body, NETWORK)

    def check_in(self, message: CheckIn) -> Answer:
        """Send a check-in message."""
        return self.put("checkin", checkin_plist(message))

    def authenticate(self) -> Answer:
        """Ask to be let in."""
        return self.check_in(
            Authenticate(
                udid=self.udid,
                topic=TOPIC,
                serial_number=self.serial,
                os_version="18.1",
                build_version="22B83",
                product_name="iPhone15,4",
            )
        )

    def update_token(self, **changes: Any) -> Answer:
        """Say how to be reached."""
        values: dict[str, Any] = {"token": b"\x0a" * 32, "push_magic": "magic", "unlock_token": b"unlock"}
        return self.check_in(TokenUpdate(udid=self.udid, topic=TOPIC, **(values | changes)))

    def check_out(self) -> Answer:
        """Say that management was removed."""
        return self.check_in(CheckOut(udid=self.udid, topic=TOPIC))

    def report(self, status: str = "Idle", command: Command | str | None = None, **payload: Any) -> Answer:
        """Send a report on a command; `errors` in the payload becomes the chain of errors."""
        errors: tuple[ErrorItem, ...] = payload.pop("errors", ())
        uuid = command.command_uuid if isinstance(command, Command) else command
        report = CommandReport(
            status=ReportStatus(status),
            udid=self.udid,
            command_uuid=uuid,
            error_chain=errors,
            payload=payload,
        )
        return self.put("connect", report_plist(report))

    def next(
        self, status: str = "Idle", command: Command | str | None = None, **payload: Any
    ) -> Command | None:
        """Send a report and read the command that comes back; None when the session ends."""
        answer = self.report(status, command, **payload)
        assert answer.status == 200, answer
        return parse_command(answer.body) if answer.body else None

    def work_through(self, answers: dict[str, dict[str, Any]] | None = None) -> list[str]:
        """Acknowledge everything that is offered, with these payloads; the request types in order."""
        done: list[str] = []
        command = self.next()
        while command is not None and len(done) < 60:
            done.append(command.request_type)
            payload = (answers or {}).get(command.request_type, {})
            if command.request_type == "CertificateList":
                own = {"CommonName": "device identity", "IsIdentity": True, "Data": self.der}
                payload = {"CertificateList": [*payload.get("CertificateList", ()), own]}
            command = self.next("Acknowledged", command, **payload)
        return done


HEALTHY: dict[str, dict[str, Any]] = {
    "DeviceInformation": {
        "QueryResponses": {
            "OSVersion": "18.1",
            "BuildVersion": "22B83",
            "ProductName": "iPhone15,4",
            "ModelName": "iPhone 15",
            "SerialNumber": "F2LSERIAL1",
            "IsSupervised": True,
            "IsMDMLostModeEnabled": False,
            "IMEI": "35 123456 789012 3",
        }
    },
    "SecurityInfo": {
        "SecurityInfo": {
            "HardwareEncryptionCaps": 3,
            "PasscodePresent": True,
            "PasscodeCompliant": True,
            "PasscodeCompliantWithProfiles": True,
        }
    },
    "InstalledApplicationList": {
        "InstalledApplicationList": [
            {"Identifier": "org.example.notes", "Name": "Notes", "ShortVersion": "2.1", "Version": "2101"},
            {"Identifier": "com.example.dating", "Name": "Dating", "ShortVersion": "9"},
        ]
    },
    "ManagedApplicationList": {
        "ManagedApplicationList": {
            "org.example.notes": {
                "Status": "Managed",
                "ManagementFlags": 5,
                "UnusedRedemptionCode": "",
                "HasConfiguration": False,
                "HasFeedback": False,
                "IsValidated": True,
                "ExternalVersionIdentifier": 1,
            }
        }
    },
    "ProfileList": {
        "ProfileList": [
            {"PayloadIdentifier": "com.example.vpn", "PayloadUUID": "u2", "IsManaged": False},
        ]
    },
    "CertificateList": {
        "CertificateList": [{"CommonName": "My mail", "IsIdentity": True, "Data": b"certificate"}]
    },
}
