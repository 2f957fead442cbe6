"""The roles of a practice, and which of them make an officer."""

from __future__ import annotations

OWNER = "owner"
PRIVACY_OFFICER = "privacy_officer"
SECURITY_OFFICER = "security_officer"
IT_LEAD = "it_lead"
COMPLIANCE_LEAD = "compliance_lead"
CLINICIAN = "clinician"
SCHEDULER = "scheduler"
BILLING = "billing"
AUDITOR = "auditor"
SERVICE_TECHNICIAN = "service_technician"

ROLES = (
    OWNER, PRIVACY_OFFICER, SECURITY_OFFICER, IT_LEAD, COMPLIANCE_LEAD,
    CLINICIAN, SCHEDULER, BILLING, AUDITOR, SERVICE_TECHNICIAN,
)  # fmt: skip

# What a person of the practice can hold. A technician comes from outside, by a grant for a time.
ASSIGNABLE = tuple(role for role in ROLES if role != SERVICE_TECHNICIAN)

# The law's word for the people who answer for privacy and security is "official".
OFFICERS = frozenset({OWNER, PRIVACY_OFFICER, SECURITY_OFFICER, IT_LEAD})
# A vacancy of one of these is a finding.
NEEDED = (OWNER, PRIVACY_OFFICER, SECURITY_OFFICER, IT_LEAD)
