"""Which facts the lists follow; all of it as jobs, one a unit of work, that look the truth up again."""

from __future__ import annotations

from typing import Any, Final

from pocketward.access import events as access
from pocketward.fleet import events as fleet
from pocketward.incidents import events as incidents
from pocketward.overview.refreshing import REFRESH
from pocketward.posture import events as posture
from pocketward.practice import events as practice
from pocketward.response import events as response
from pocketward.spine.api import Event, Gathered


def _device(event: Any) -> tuple[str, ...]:
    return (f"device:{event.device_id}",)


def _device_that_answered(event: fleet.CommandProofAdvanced) -> tuple[str, ...]:
    """When it was last heard from has moved; the rungs before an answer move nothing on a list."""
    return _device(event) if event.proof == "acknowledged" else ()


def _member(event: Any) -> tuple[str, ...]:
    return (f"member:{event.member_id}",)


def _case(event: Event) -> tuple[str, ...]:
    return (f"case:{event.case_ref}",)


def _leaver(event: practice.MemberLeft) -> tuple[str, ...]:
    """The person, and every phone that is still given to them."""
    return (f"member:{event.member_id}", f"leaver:{event.member_id}")


def _of_erase(
    event: fleet.EraseProven | fleet.EraseContradicted | fleet.DeviceAuthenticated,
) -> tuple[str, ...]:
    """The phone, and every case that names it: whether they call it erased may have changed."""
    is_new = isinstance(event, fleet.DeviceAuthenticated) and not event.returned
    return _device(event) if is_new else (*_device(event), f"cases_of:{event.device_id}")


def _practice(event: Event) -> tuple[str, ...]:
    return (f"practice:{event.practice_id}",)


def _moved(event: practice.PracticeChanged) -> tuple[str, ...]:
    """The practice's name and, since day 60 of a case is a day where the practice is, every case."""
    return (*_practice(event), *(("every:case",) if "zone" in event.changed else ()))


_DEVICE: Final = Gathered(REFRESH, _device)
_ERASED: Final = Gathered(REFRESH, _of_erase)
_MEMBER: Final = Gathered(REFRESH, _member)
_CASE: Final = Gathered(REFRESH, _case)
_PRACTICE: Final = Gathered(REFRESH, _practice)

REACTIONS = {
    practice.PracticeCreated: (_PRACTICE,),
    practice.PracticeChanged: (Gathered(REFRESH, _moved),),
    practice.MemberJoined: (_MEMBER,),
    practice.MemberLeft: (Gathered(REFRESH, _leaver),),
    practice.RoleGiven: (_MEMBER,),
    practice.RoleEnded: (_MEMBER,),
    practice.AccountJoined: (_MEMBER,),
    fleet.PushCertificateAdded: (_PRACTICE,),
    fleet.DeviceAuthenticated: (_ERASED,),
    fleet.EraseProven: (_ERASED,),
    fleet.EraseContradicted: (_ERASED,),
    fleet.DeviceEnrolled: (_DEVICE,),
    fleet.EnrollmentCheckedOut: (_DEVICE,),
    fleet.DeviceAssigned: (_DEVICE,),
    fleet.DeviceRemoved: (_DEVICE,),
    fleet.DeviceRestored: (_DEVICE,),
    fleet.DeviceMarkedLost: (_DEVICE,),
    fleet.DeviceFound: (_DEVICE,),
    fleet.DeviceHeardAgain: (_DEVICE,),
    fleet.DeviceStateReported: (_DEVICE,),
    fleet.DeviceStateConfirmed: (_DEVICE,),
    fleet.CommandProofAdvanced: (Gathered(REFRESH, _device_that_answered),),
    posture.PostureChanged: (_DEVICE,),
    access.HoldPlaced: (_DEVICE,),
    access.HoldLifted: (_DEVICE,),
    access.AccessRulesChanged: (_PRACTICE,),
    access.EmergencyAccessEnded: (_PRACTICE,),
    access.EmergencyAccessReviewed: (_PRACTICE,),
    response.LossConfirmed: (_CASE,),
    response.LossReversed: (_CASE,),
    response.FoundReported: (_CASE,),
    response.OfficerAlerted: (_CASE,),
    response.AlertAnswered: (_CASE,),
    incidents.CaseIdentified: (_CASE,),
    incidents.CaseLed: (_CASE,),
    incidents.CaseOpened: (_CASE,),
    incidents.DiscoveryChanged: (_CASE,),
    incidents.BreachDecided: (_CASE,),
    incidents.CaseClosed: (_CASE,),
}
