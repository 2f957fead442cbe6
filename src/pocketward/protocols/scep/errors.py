"""What can be wrong with an enrollment message."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

from pocketward.kernel.errors import PocketwardError
from pocketward.protocols.cms import CmsError
from pocketward.protocols.scep.vocabulary import FailInfo, MessageType


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageHeader:
    """What an answer must repeat: the transaction (printable text) and the sender's nonce."""

    message_type: MessageType
    transaction_id: str
    sender_nonce: bytes


class ScepError(PocketwardError):
    """The message is malformed, altered, not for us, or uses something we refuse.

    `fail_info` is the reason for the answer; `header` is None when too little was readable to answer with
    a CertRep at all.
    """

    code = "protocols.scep"
    sentence = "This certificate request cannot be accepted."
    advice = "Enroll the device again with a fresh profile; if it repeats, look which algorithms it uses."

    def __init__(
        self,
        sentence: str | None = None,
        *,
        fail_info: FailInfo = FailInfo.BAD_MESSAGE_CHECK,
        header: MessageHeader | None = None,
    ) -> None:
        super().__init__(sentence)
        self.fail_info = fail_info
        self.header = header

    def about(self, header: MessageHeader) -> ScepError:
        """The same error, answerable to this message."""
        return ScepError(self.sentence, fail_info=self.fail_info, header=header)


@contextmanager
def refusing(sentence: str, fail_info: FailInfo = FailInfo.BAD_MESSAGE_CHECK) -> Iterator[None]:
    """Turns whatever a reader of foreign bytes raises into a ScepError with this sentence."""
    try:
        yield
    except (CmsError, InvalidSignature, UnsupportedAlgorithm) as error:
        raise ScepError(sentence, fail_info=fail_info) from error
    except (ValueError, TypeError, OverflowError) as error:
        raise ScepError(sentence, fail_info=fail_info) from error
