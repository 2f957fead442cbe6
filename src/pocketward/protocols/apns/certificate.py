"""Reads the topic out of a push certificate."""

from __future__ import annotations

from cryptography.x509.oid import NameOID

from pocketward.protocols.apns.errors import PushError
from pocketward.protocols.certificates import UNREADABLE, CertificateError, read_der

TOPIC_PREFIX = "com.apple.mgmt."


def topic_of_certificate(der: bytes) -> str:
    """The topic phones are enrolled with: the UID in the subject, "com.apple.mgmt.External.…".

    It ties every enrolled phone to this certificate: one with another topic reaches none of them.
    """
    try:
        names = read_der(der).subject.get_attributes_for_oid(NameOID.USER_ID)
    except (CertificateError, *UNREADABLE) as error:
        raise PushError("The push certificate cannot be read.") from error
    topics = [str(name.value) for name in names if str(name.value).startswith(TOPIC_PREFIX)]
    if len(topics) != 1:
        raise PushError("The certificate is no push certificate for device management.", reason="BadTopic")
    return topics[0]
