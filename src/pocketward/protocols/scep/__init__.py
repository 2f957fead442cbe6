"""Simple Certificate Enrollment Protocol (RFC 8894), the side of the authority and the side of the device.

How an iPhone gets its certificates: it asks for the authority's certificates, encrypts a certificate request
for them, signs the whole, and gets its certificate back encrypted for itself. Bytes to records and back;
who may have a certificate is decided in `pocketward.pki`.
"""

from __future__ import annotations

from pocketward.protocols.scep.client import (
    CaCertificates,
    ClientTransaction,
    EnrollmentAnswer,
    OldHabits,
    begin_enrollment,
    begin_renewal,
    operation_url,
    parse_ca_certificates,
    parse_capabilities,
    read_answer,
)
from pocketward.protocols.scep.csr import Csr
from pocketward.protocols.scep.errors import MessageHeader, ScepError
from pocketward.protocols.scep.server import (
    EnrollmentRequest,
    RegistrationAuthority,
    ca_certificates,
    failure,
    pending,
    read_request,
    success,
)
from pocketward.protocols.scep.vocabulary import (
    CA_CERT_TYPE,
    CA_RA_CERT_TYPE,
    CAPABILITIES,
    CAPS_TYPE,
    MAX_MESSAGE_BYTES,
    MESSAGE_TYPE_HEADER,
    Digest,
    Encryption,
    FailInfo,
    MessageType,
    PkiStatus,
)

__all__ = [
    "CAPABILITIES",
    "CAPS_TYPE",
    "CA_CERT_TYPE",
    "CA_RA_CERT_TYPE",
    "MAX_MESSAGE_BYTES",
    "MESSAGE_TYPE_HEADER",
    "CaCertificates",
    "ClientTransaction",
    "Csr",
    "Digest",
    "Encryption",
    "EnrollmentAnswer",
    "EnrollmentRequest",
    "FailInfo",
    "MessageHeader",
    "MessageType",
    "OldHabits",
    "PkiStatus",
    "RegistrationAuthority",
    "ScepError",
    "begin_enrollment",
    "begin_renewal",
    "ca_certificates",
    "failure",
    "operation_url",
    "parse_ca_certificates",
    "parse_capabilities",
    "pending",
    "read_answer",
    "read_request",
    "success",
]
