"""Proof drawn as a ladder: seven rungs from requested to corroborated, and clocks drawn as rulers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

Step = Literal["up", "now", "failed", "open"]

PROOFS: Final = ("requested", "authorized", "queued", "pushed", "delivered", "acknowledged", "corroborated")

PROOF_WORDS: Final = {
    "requested": gettext_lazy("Requested"),
    "authorized": gettext_lazy("Authorized"),
    "queued": gettext_lazy("Queued"),
    "pushed": gettext_lazy("Pushed"),
    "delivered": gettext_lazy("Delivered"),
    "acknowledged": gettext_lazy("Acknowledged"),
    "corroborated": gettext_lazy("Corroborated"),
}

END_WORDS: Final = {
    "failed": gettext_lazy("Failed"),
    "expired": gettext_lazy("Expired"),
    "overtaken": gettext_lazy("Overtaken"),
    "cancelled": gettext_lazy("Cancelled"),
    "refused": gettext_lazy("Refused"),
}


@dataclass(frozen=True)
class Rung:
    """One rung: filled (`up`), half (`now`, waiting), hatched (`failed`) or hollow (`open`)."""

    step: Step
    word: str
    time: str
    detail: str = ""


@dataclass(frozen=True)
class Ruler:
    """A span of time as a ruler. `done` is 0..1; `ticks` the number of marks; `label` says it in words."""

    done: float
    ticks: int
    label: str
    ends: tuple[str, ...]


def climb(
    *,
    reached: Mapping[str, str],
    details: Mapping[str, str] | None = None,
    ended: str = "",
    ended_at: str = "",
    ended_detail: str = "",
) -> tuple[Rung, ...]:
    """Rungs of a command from the proofs it has `reached` (proof -> time as text).

    A later proof stands for the earlier ones: a phone that acknowledged was reached, even if no push
    receipt came. `ended` is one of END_WORDS and hatches the first rung not reached.
    """
    explained = details or {}
    top = max((PROOFS.index(proof) for proof in reached), default=-1)
    rungs = [
        Rung(
            "up",
            str(PROOF_WORDS[proof]),
            reached.get(proof, _("shown by the next")),
            explained.get(proof, ""),
        )
        for proof in PROOFS[: top + 1]
    ]
    if top + 1 == len(PROOFS):
        return tuple(rungs)
    waiting = PROOFS[top + 1]
    if ended:
        rungs.append(Rung("failed", str(END_WORDS[ended]), ended_at, ended_detail))
    else:
        rungs.append(Rung("now", str(PROOF_WORDS[waiting]), _("waiting"), explained.get(waiting, "")))
    rungs.extend(
        Rung("open", str(PROOF_WORDS[proof]), _("not yet proven"), explained.get(proof, ""))
        for proof in PROOFS[top + 2 :]
    )
    return tuple(rungs)
