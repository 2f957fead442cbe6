"""The pages of the URL table and the states in which axe reads each: two or more, one narrow and dark.

A state is the walk in which the page is met and words that it shows there and in none of its other states (a
form that came back may show them as well); empty words: what the other states say is not there. A new page
stands here or among NO_PAGE, else tests/contracts fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

# Walks of tests/browser/test_url_table.py. The first is wide and light, the others are narrow and dark.
FULL = "full"  # a clinic in which much has happened
OTHER = "other"  # the same clinic: the thing beside the first one
EMPTY = "empty"  # a practice in which nothing has happened, or an address of nothing
SENT = "sent"  # its form sent empty, or its only button pressed

USED_UP = "This link is used up."
WRONG, WRONG_NAME = "This needs putting right", "Write a name, a work e-mail, or the label on the tablet."

STATES: Final[Mapping[str, Mapping[str, str]]] = {
    "sign-in": {FULL: "", EMPTY: "", SENT: "did not work"},
    "account": {FULL: "Dana’s key ring", EMPTY: "None yet."},
    "passkey": {FULL: "Add a passkey.", EMPTY: "Make your passkey."},
    "password": {FULL: "", EMPTY: "", SENT: "The code does not match."},
    "recovery": {FULL: "0 codes are left.", EMPTY: "0 codes are left.", SENT: "They are shown only once."},
    "refused": {FULL: "Records are closed on this phone.", EMPTY: "Records are closed here."},
    "refused-in": {FULL: "Records are closed on this phone.", EMPTY: "Records are closed here."},
    "lost": {FULL: "", EMPTY: "No practice has this code."},
    "lost-here": {FULL: "No sign-in. Under a minute.", EMPTY: "No practice has this code.",
                  SENT: WRONG_NAME},
    "start": {FULL: "Become an owner of Harbor Street Clinic.", EMPTY: USED_UP},
    "join": {FULL: "Erin, join Harbor Street Clinic.", EMPTY: USED_UP},
    "stop": {FULL: "Stop this order?", EMPTY: "There is nothing to stop here."},
    "demo": {FULL: "This is Harbor Street Clinic, a pretend clinic.", EMPTY: USED_UP},
    "home": {FULL: "is lost; the doors we control are closed.", EMPTY: "No phone is protected yet."},
    "tasks": {FULL: "A lost phone fits nobody here", EMPTY: "Nobody can open records"},
    "phones": {FULL: "Exam 4 iPad", EMPTY: "No phone has joined yet."},
    "phones-removed": {FULL: "1 phone is off the list.", EMPTY: "No phone is off the list."},
    "phone-add": {FULL: "Rounds iPad 8", EMPTY: "", SENT: WRONG},
    "phone-ticket": {FULL: "Rounds iPad 8 can join now.", OTHER: "Dana’s iPhone 13 is in."},
    "phone": {FULL: "We cannot tell how Phone F2LX9001 is.", OTHER: "Taken off the list."},
    "phone-history": {FULL: "needs a fix", OTHER: "asked for the erase of Dana’s iPhone 16"},
    "phone-acts": {FULL: "Report it as lost", OTHER: "Ordered, and not gone yet"},
    "incidents": {FULL: "Dana’s iPhone 16 is lost", EMPTY: "No incidents so far."},
    "playbook": {FULL: "Call 555-0143", EMPTY: ""},
    "case": {FULL: "without sign-in", OTHER: "by Dana Example. Last had it earlier that day."},
    "case-exposure": {FULL: "We know 5 of 11 answers.", OTHER: "Low probability of compromise."},
    "people": {FULL: "6 people work here.", EMPTY: "1 person works here."},
    "person-add": {FULL: "", EMPTY: "", SENT: WRONG},
    "people-roles": {FULL: "Every needed role is held.", EMPTY: "3 needed roles are vacant."},
    "people-import": {FULL: "", EMPTY: "", SENT: WRONG},
    "provider": {FULL: "1 person from outside is let in.", EMPTY: "Nobody from outside is let in."},
    "person": {FULL: "Passkey lost: make a new sign-in", OTHER: "Make an invitation"},
    "ledger": {FULL: "", EMPTY: "No entry fits this."},
    "ledger-entry": {FULL: "gave Dana Example the role of", OTHER: "reported a phone lost: Dana’s"},
    "me": {FULL: "Records are closed on your phone.", EMPTY: "No phone of yours has joined yet."},
    "my-phone": {FULL: "Records are closed on your phone.", OTHER: "Nothing to do. Records open on it.",
                 EMPTY: "No phone of yours has joined yet."},
    "my-phone-lost": {FULL: "The label on the tablet", EMPTY: "No phone of yours has joined, and"},
    "my-phone-reported": {FULL: "The lock is on its way.", OTHER: "Dana’s spare iPhone is settled."},
    "vouch": {FULL: "", EMPTY: "", SENT: "Say these 8 digits to them"},
    "fix": {FULL: "This phone has no passcode.", OTHER: "The passcode is too short or too simple."},
    "emergency": {FULL: "Harbor EHR is open until", EMPTY: "No app of this practice can be opened this way."},
    "held": {FULL: "Dana’s iPhone 16", EMPTY: "Lee Starter"},
    "emergency-reviews": {FULL: "1 use of emergency access waits for you.", EMPTY: "Nobody has used it."},
    "emergency-review": {FULL: "Another officer must look at this one.", OTHER: "Olga Second looked at it"},
    "decisions": {FULL: "Erin Testwell", EMPTY: "Nothing has been asked of the gate yet."},
    "decision": {FULL: "Failed: Encryption, Passcode.", OTHER: "Erin Testwell opened Harbor EHR."},
    "setup": {FULL: "5 steps are left.", EMPTY: "10 steps are left."},
    "records": {FULL: "2 of 3 doors close by themselves.", EMPTY: "No record system is known yet."},
    "record-add": {FULL: "", EMPTY: "", SENT: WRONG},
    "record": {FULL: "Harbor EHR. Behind our gate.", OTHER: "An account that a person suspends."},
    "networks": {FULL: "1 permit lets in devices", EMPTY: "Only checked phones and tablets", SENT: WRONG},
    "rules": {FULL: "Version 1 of the rules is in force.", EMPTY: "The rules that every practice starts"},
    "rules-edit": {FULL: "", EMPTY: "", SENT: "Nothing would change."},
    "role-matrix": {FULL: "3 of 6 people may open", EMPTY: "0 of 1 person may open", SENT: WRONG},
    "guard": {FULL: "Ward phone 7: Erase it", EMPTY: "None. There is one officer"},
    "practice": {FULL: "Harbor Street Clinic", EMPTY: "Lakeview Counseling", SENT: WRONG},
    "push-certificate": {FULL: "waits for its certificate.", EMPTY: "No request is waiting for a",
                         SENT: WRONG},
    "card": {FULL: "Harbor Street Clinic", EMPTY: "Lakeview Counseling"},
    "search": {FULL: "Grace’s iPhone 16", EMPTY: ""},
    # It asks one question, of whom and wherever it is asked: seen in both walks, with the same words.
    "sign-out": {FULL: "Hand this tablet over?", EMPTY: "Hand this tablet over?"},
}  # fmt: skip
ALIKE: Final = ("sign-out",)

# What answers a GET with no page of its own: it leads on, is a file, a part of a page, or only takes a form.
# The words of the start before there is an owner are a notice, as those of a link that is used up are.
NO_PAGE: Final = (
    "root", "end-session", "open-app", "phones-csv", "phones-bulk", "phone-progress", "phone-check",
    "phone-remove-ticket",
    "phone-approve", "phone-stop", "playbook-pdf", "case-known", "case-place", "case-lost-mode",
    "case-without", "case-replace", "case-whose", "case-management", "case-body", "case-decide",
    "case-close", "case-pdf", "case-take", "case-confirm", "case-reverse", "case-locate", "case-erase",
    "case-doors", "case-approve", "case-stop", "case-door", "provider-end", "provider-invite",
    "person-invite", "person-site", "practice-sites", "person-roles", "person-leave", "ledger-verify",
    "ledger-export", "my-phone-check", "my-phone-restore", "my-phone-confirm", "access-authority",
    "record-mode", "record-remove", "network-forget", "permit", "permit-end", "role-matrix-csv",
    "guard-propose", "guard-approve", "guard-cancel", "order-approve", "change-approve", "change-cancel",
    "practice-on-call", "practice-legacy", "push-request", "push-request-file",
)  # fmt: skip
