"""How many things want a look: the counts beside Phones and Incidents."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class Attention:
    """Phones that are not protected, and open incidents."""

    phones: int = 0
    incidents: int = 0


def attention(practice_id: UUID) -> Attention:
    """The counts of a practice in scope."""
    return Attention()


def phone_count(practice_id: UUID) -> int:
    """How many phones and tablets the practice in scope has."""
    return 0
