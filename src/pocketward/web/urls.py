"""Every address of a person's page, in one table."""

from django.urls import path

from pocketward.web.card import views as card
from pocketward.web.decisions import views as decisions
from pocketward.web.emergency import review_views as emergency_review
from pocketward.web.emergency import views as emergency
from pocketward.web.guard import views as guard
from pocketward.web.home import views as home
from pocketward.web.incidents import act_views as case_acts
from pocketward.web.incidents import exposure_views as exposure
from pocketward.web.incidents import playbook_views as playbook
from pocketward.web.incidents import views as incidents
from pocketward.web.incidents import whose_views as whose
from pocketward.web.ledger import views as ledger
from pocketward.web.lost import views as lost
from pocketward.web.my_phone import losing, restoring, vouching
from pocketward.web.my_phone import views as me
from pocketward.web.people import provider_views as provider
from pocketward.web.people import views as people
from pocketward.web.phones import add_views as add_phone
from pocketward.web.phones import one_views as phone
from pocketward.web.phones import removed_views as removed
from pocketward.web.phones import views as phones
from pocketward.web.refused import views as refused
from pocketward.web.search import views as search
from pocketward.web.setup import access_views as matrix
from pocketward.web.setup import networks_views as networks
from pocketward.web.setup import practice_views as details
from pocketward.web.setup import push_views as push
from pocketward.web.setup import records_views as records
from pocketward.web.setup import rules_views as rules
from pocketward.web.setup import start_views as start
from pocketward.web.setup import views as setup
from pocketward.web.sign_in import opening
from pocketward.web.sign_in import password_views as password
from pocketward.web.sign_in import recovery_views as recovery
from pocketward.web.sign_in import views as sign_in
from pocketward.web.stop import views as stop

handler404 = "pocketward.web.notices.not_found"
handler500 = "pocketward.web.notices.broken"

urlpatterns = [
    path("", sign_in.root, name="root"),
    path("sign-in/", sign_in.sign_in, name="sign-in"),
    path("sign-out/", sign_in.sign_out, name="sign-out"),
    path("account/", sign_in.account, name="account"),
    path("account/passkey/", sign_in.passkey, name="passkey"),
    path("account/password/", password.password, name="password"),
    path("account/recovery/", recovery.recovery, name="recovery"),
    path("account/sessions/", sign_in.end_session, name="end-session"),
    path("open/<uuid:app_id>", opening.open_app, name="open-app"),
    path("refused/<str:decision_id>", refused.refused, name="refused"),
    path("refused/<str:practice_id>/<str:decision_id>", refused.refused, name="refused-in"),
    path("lost", lost.lost, name="lost"),
    path("l/<str:code>", lost.lost_here, name="lost-here"),
    path("start/<str:secret>", start.start, name="start"),
    path("join/<str:secret>", sign_in.join, name="join"),
    path("stop/<str:secret>", stop.stop, name="stop"),
    path("demo/<str:secret>", sign_in.demo, name="demo"),
    path("p/<slug:slug>/", home.home, name="home"),
    path("p/<slug:slug>/tasks/", home.all_tasks, name="tasks"),
    path("p/<slug:slug>/phones/", phones.phone_list, name="phones"),
    path("p/<slug:slug>/phones/phones.csv", phones.phones_csv, name="phones-csv"),
    path("p/<slug:slug>/phones/removed/", removed.removed_phones, name="phones-removed"),
    path("p/<slug:slug>/phones/bulk/", phones.bulk, name="phones-bulk"),
    path("p/<slug:slug>/phones/add/", add_phone.add, name="phone-add"),
    path("p/<slug:slug>/phones/add/<str:enrollment_id>/", add_phone.ticket, name="phone-ticket"),
    path("p/<slug:slug>/phones/add/<str:enrollment_id>/progress/", add_phone.progress, name="phone-progress"),
    path(
        "p/<slug:slug>/phones/add/<str:enrollment_id>/remove/", add_phone.remove, name="phone-remove-ticket"
    ),
    path("p/<slug:slug>/phones/<str:device_id>/", phone.phone, name="phone"),
    path("p/<slug:slug>/phones/<str:device_id>/check/", phone.check, name="phone-check"),
    path("p/<slug:slug>/phones/<str:device_id>/history/", phone.history, name="phone-history"),
    path("p/<slug:slug>/phones/<str:device_id>/acts/", phone.acts, name="phone-acts"),
    path(
        "p/<slug:slug>/phones/<str:device_id>/acts/approve/<uuid:command_id>/",
        phone.approve,
        name="phone-approve",
    ),
    path("p/<slug:slug>/phones/<str:device_id>/acts/stop/<uuid:command_id>/", phone.stop, name="phone-stop"),
    path("p/<slug:slug>/incidents/", incidents.incidents, name="incidents"),
    path("p/<slug:slug>/incidents/steps/<slug:name>/", playbook.playbook, name="playbook"),
    path("p/<slug:slug>/incidents/steps/<slug:name>.pdf", playbook.playbook_pdf, name="playbook-pdf"),
    path("p/<slug:slug>/incidents/<str:case_ref>/", incidents.case, name="case"),
    path("p/<slug:slug>/incidents/<str:case_ref>/discovery/", case_acts.change_discovery, name="case-known"),
    path("p/<slug:slug>/incidents/<str:case_ref>/place/<uuid:ask_id>/", case_acts.place, name="case-place"),
    path("p/<slug:slug>/incidents/<str:case_ref>/lost-mode/", case_acts.end_lost_mode, name="case-lost-mode"),
    path(
        "p/<slug:slug>/incidents/<str:case_ref>/step/without/", case_acts.decide_without, name="case-without"
    ),
    path(
        "p/<slug:slug>/incidents/<str:case_ref>/step/replace/", case_acts.no_replacement, name="case-replace"
    ),
    path("p/<slug:slug>/incidents/<str:case_ref>/whose/", whose.whose, name="case-whose"),
    path(
        "p/<slug:slug>/incidents/<str:case_ref>/management/",
        case_acts.revoke_management,
        name="case-management",
    ),
    path("p/<slug:slug>/incidents/<str:case_ref>/body/", incidents.case_body, name="case-body"),
    path("p/<slug:slug>/incidents/<str:case_ref>/exposure/", exposure.exposure, name="case-exposure"),
    path("p/<slug:slug>/incidents/<str:case_ref>/decide/", exposure.decide, name="case-decide"),
    path("p/<slug:slug>/incidents/<str:case_ref>/close/", exposure.close, name="case-close"),
    path("p/<slug:slug>/incidents/<str:case_ref>/report.pdf", exposure.report_pdf, name="case-pdf"),
    path("p/<slug:slug>/incidents/<str:case_ref>/take/", incidents.take, name="case-take"),
    path("p/<slug:slug>/incidents/<str:case_ref>/confirm/", incidents.confirm, name="case-confirm"),
    path("p/<slug:slug>/incidents/<str:case_ref>/reverse/", incidents.reverse, name="case-reverse"),
    path("p/<slug:slug>/incidents/<str:case_ref>/locate/", incidents.locate, name="case-locate"),
    path("p/<slug:slug>/incidents/<str:case_ref>/erase/", incidents.order_erase, name="case-erase"),
    path("p/<slug:slug>/incidents/<str:case_ref>/step/doors/", incidents.finish_doors, name="case-doors"),
    path(
        "p/<slug:slug>/incidents/<str:case_ref>/approve/<uuid:command_id>/",
        incidents.approve,
        name="case-approve",
    ),
    path("p/<slug:slug>/incidents/<str:case_ref>/stop/<uuid:command_id>/", incidents.stop, name="case-stop"),
    path("p/<slug:slug>/incidents/<str:case_ref>/door/<uuid:app_id>/", incidents.tick_door, name="case-door"),
    path("p/<slug:slug>/people/", people.people, name="people"),
    path("p/<slug:slug>/people/add/", people.add_person, name="person-add"),
    path("p/<slug:slug>/people/roles/", people.roles, name="people-roles"),
    path("p/<slug:slug>/people/import/", people.import_people, name="people-import"),
    path("p/<slug:slug>/people/provider/", provider.provider, name="provider"),
    path("p/<slug:slug>/people/provider/<uuid:grant_id>/end/", provider.end, name="provider-end"),
    path("p/<slug:slug>/people/provider/<uuid:grant_id>/invite/", provider.invite, name="provider-invite"),
    path("p/<slug:slug>/people/<str:member_id>/", people.person, name="person"),
    path("p/<slug:slug>/people/<str:member_id>/invite/", people.invite, name="person-invite"),
    path("p/<slug:slug>/people/<str:member_id>/roles/", people.change_roles, name="person-roles"),
    path("p/<slug:slug>/people/<str:member_id>/site/", people.change_site, name="person-site"),
    path("p/<slug:slug>/people/<str:member_id>/leave/", people.leave, name="person-leave"),
    path("p/<slug:slug>/proof/ledger/", ledger.ledger, name="ledger"),
    path("p/<slug:slug>/proof/ledger/verify/", ledger.verify, name="ledger-verify"),
    path("p/<slug:slug>/proof/ledger/export/", ledger.export, name="ledger-export"),
    path("p/<slug:slug>/proof/ledger/<int:number>/", ledger.entry, name="ledger-entry"),
    path("p/<slug:slug>/me/", me.staff_home, name="me"),
    path("p/<slug:slug>/me/phone/", me.my_phone, name="my-phone"),
    path("p/<slug:slug>/me/phone/check/", me.check_my_phone, name="my-phone-check"),
    path("p/<slug:slug>/me/phone/restore/", restoring.restore, name="my-phone-restore"),
    path("p/<slug:slug>/me/phone/confirm/", restoring.confirm, name="my-phone-confirm"),
    path("p/<slug:slug>/me/lost/", losing.lose, name="my-phone-lost"),
    path("p/<slug:slug>/me/lost/<str:case_ref>/", losing.reported, name="my-phone-reported"),
    path("p/<slug:slug>/me/vouch/", vouching.vouch, name="vouch"),
    path("p/<slug:slug>/me/fix/<slug:check>/", me.fix, name="fix"),
    path("p/<slug:slug>/me/emergency/", emergency.ask, name="emergency"),
    path("p/<slug:slug>/me/held/", me.held, name="held"),
    path("p/<slug:slug>/emergency/reviews/", emergency_review.reviews, name="emergency-reviews"),
    path("p/<slug:slug>/emergency/<uuid:grant_id>/", emergency_review.review, name="emergency-review"),
    path("p/<slug:slug>/decisions/", decisions.decisions, name="decisions"),
    path("p/<slug:slug>/decisions/<str:decision_id>/", decisions.decision, name="decision"),
    path("p/<slug:slug>/setup/", setup.checklist, name="setup"),
    path("p/<slug:slug>/setup/records/", records.records, name="records"),
    path("p/<slug:slug>/setup/records/add/", records.add, name="record-add"),
    path("p/<slug:slug>/setup/records/access-authority.pem", records.authority, name="access-authority"),
    path("p/<slug:slug>/setup/records/<uuid:app_id>/", records.record, name="record"),
    path("p/<slug:slug>/setup/records/<uuid:app_id>/mode/", records.mode, name="record-mode"),
    path("p/<slug:slug>/setup/records/<uuid:app_id>/remove/", records.remove, name="record-remove"),
    path("p/<slug:slug>/setup/networks/", networks.networks, name="networks"),
    path("p/<slug:slug>/setup/networks/forget/", networks.forget, name="network-forget"),
    path("p/<slug:slug>/setup/networks/permit/", networks.permit, name="permit"),
    path("p/<slug:slug>/setup/networks/permit/<uuid:permit_id>/end/", networks.end_permit, name="permit-end"),
    path("p/<slug:slug>/setup/rules/", rules.rules, name="rules"),
    path("p/<slug:slug>/setup/rules/edit/", rules.edit_rules, name="rules-edit"),
    path("p/<slug:slug>/setup/access/", matrix.access, name="role-matrix"),
    path("p/<slug:slug>/setup/access/matrix.csv", matrix.matrix_csv, name="role-matrix-csv"),
    path("p/<slug:slug>/setup/guard/", guard.guard, name="guard"),
    path("p/<slug:slug>/setup/guard/propose/", guard.propose, name="guard-propose"),
    path(
        "p/<slug:slug>/setup/guard/proposals/<uuid:proposal_id>/approve/",
        guard.approve_proposal,
        name="guard-approve",
    ),
    path(
        "p/<slug:slug>/setup/guard/proposals/<uuid:proposal_id>/cancel/",
        guard.cancel_proposal,
        name="guard-cancel",
    ),
    path(
        "p/<slug:slug>/setup/guard/orders/<uuid:command_id>/approve/",
        guard.approve_order,
        name="order-approve",
    ),
    path(
        "p/<slug:slug>/setup/guard/changes/<uuid:change_id>/approve/",
        guard.approve_change,
        name="change-approve",
    ),
    path(
        "p/<slug:slug>/setup/guard/changes/<uuid:change_id>/cancel/",
        guard.cancel_change,
        name="change-cancel",
    ),
    path("p/<slug:slug>/setup/practice/", details.practice, name="practice"),
    path("p/<slug:slug>/setup/practice/on-call/", details.on_call, name="practice-on-call"),
    path("p/<slug:slug>/setup/practice/sites/", details.sites, name="practice-sites"),
    path("p/<slug:slug>/setup/practice/legacy/", details.legacy, name="practice-legacy"),
    path("p/<slug:slug>/setup/push-certificate/", push.push_certificate, name="push-certificate"),
    path("p/<slug:slug>/setup/push-certificate/request/", push.make_request, name="push-request"),
    path("p/<slug:slug>/setup/push-certificate/request.csr", push.request_file, name="push-request-file"),
    path("p/<slug:slug>/card/", card.card, name="card"),
    path("p/<slug:slug>/search/", search.search, name="search"),
]
