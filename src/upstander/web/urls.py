"""Every address of the site, each with exactly one permission. A test walks this list; one without fails it.

The navigation stands in this order.
"""

from django.apps import apps

from upstander.web import home, pages
from upstander.web.accounts import permissions as may
from upstander.web.accounts.views import conflicts, own, people, signing_in
from upstander.web.agreements import addresses as agreements
from upstander.web.api import addresses as api
from upstander.web.audit import addresses as audit
from upstander.web.deliveries import addresses as deliveries
from upstander.web.findings import addresses as findings
from upstander.web.releases import addresses as releases
from upstander.web.routes import route
from upstander.web.surveillance import addresses as surveillance
from upstander.web.work import addresses as work

handler400 = pages.unreadable
handler403 = pages.forbidden
handler404 = pages.absent
handler500 = pages.broken

FORM = ("GET", "POST")
PUSH = ("POST",)

urlpatterns = [
    route("", home.home, name="home", needs=may.OWN_ACCOUNT, navigation="Home"),
    # ── Signing in ───────────────────────────────────────────────────────────────────────────────────────────────────
    route("sign-in/", signing_in.sign_in, name="account_login", needs=may.READ_PUBLIC, methods=FORM),
    route("sign-in/code/", signing_in.second_factor, name="mfa_authenticate", needs=may.READ_PUBLIC, methods=FORM),
    route("sign-in/not-open/", signing_in.not_open, name="account_inactive", needs=may.READ_PUBLIC),
    route("invitation/<str:token>/", signing_in.open_invitation, name="open_invitation", needs=may.READ_PUBLIC),
    route("invitation/", signing_in.invitation, name="invitation", needs=may.READ_PUBLIC, methods=FORM),
    route("set-up/", own.first_factor, name="first_factor", needs=may.FIRST_FACTOR, methods=FORM),
    route("set-up/passkey/", own.first_passkey, name="first_passkey", needs=may.FIRST_FACTOR, methods=PUSH),
    route("step-up/", signing_in.step_up, name="step_up", needs=may.OWN_ACCOUNT, methods=FORM),
    route("sign-out/", signing_in.sign_out, name="account_logout", needs=may.SIGN_OUT, methods=FORM),
    route("signed-out/", signing_in.signed_out, name="signed_out", needs=may.READ_PUBLIC),
    # ── Parts with addresses of their own ────────────────────────────────────────────────────────────────────────────
    *findings.routes,
    *surveillance.routes,
    *deliveries.routes,
    *releases.routes,
    *agreements.routes,
    *audit.routes,
    *work.routes,
    *api.routes,
    # ── People ───────────────────────────────────────────────────────────────────────────────────────────────────────
    route("people/", people.people, name="people", needs=may.READ_PEOPLE, navigation="People"),
    route("people/invite/", people.invite, name="invite", needs=may.CHANGE_PEOPLE, methods=FORM),
    route("people/agencies/", people.add_agency, name="add_agency", needs=may.CHANGE_PEOPLE, methods=FORM),
    route("people/<int:number>/", people.one_person, name="person", needs=may.READ_PEOPLE),
    route("people/<int:number>/change/", people.change, name="change_person", needs=may.CHANGE_PEOPLE, methods=FORM),
    route("people/<int:number>/close/", people.close, name="close_person", needs=may.CHANGE_PEOPLE, methods=FORM),
    route(
        "people/<int:number>/invite/", people.invite_again, name="invite_again", needs=may.CHANGE_PEOPLE, methods=FORM
    ),
    route("conflicts/", conflicts.conflicts, name="conflicts", needs=may.READ_CONFLICTS, navigation="Conflicts"),
    route("conflicts/<int:number>/end/", conflicts.end, name="end_conflict", needs=may.END_CONFLICTS, methods=FORM),
    # ── One's own account ────────────────────────────────────────────────────────────────────────────────────────────
    route("account/", own.account, name="account", needs=may.OWN_ACCOUNT, navigation="Your account"),
    route("account/app/", own.authenticator_app, name="authenticator_app", needs=may.OWN_FACTORS, methods=FORM),
    route("account/passkeys/", own.add_passkey, name="add_passkey", needs=may.OWN_FACTORS, methods=FORM),
    route(
        "account/passkeys/<int:number>/remove/", own.remove_passkey, name="remove_passkey", needs=may.OWN_FACTORS,
        methods=PUSH,
    ),
    route("account/recovery-codes/", own.recovery_codes, name="recovery_codes", needs=may.OWN_FACTORS, methods=FORM),
    route("account/devices/<int:number>/", own.end_device, name="end_device", needs=may.OWN_ACCOUNT, methods=PUSH),
    route("account/devices/", own.end_other_devices, name="end_other_devices", needs=may.OWN_ACCOUNT, methods=PUSH),
    route("account/conflict/", own.conflict, name="declare_conflict", needs=may.OWN_ACCOUNT, methods=FORM),
    # ── For everybody ────────────────────────────────────────────────────────────────────────────────────────────────
    route("help/", pages.help_page, name="help", needs=may.READ_PUBLIC),
    route("accessibility/", pages.accessibility, name="accessibility", needs=may.READ_PUBLIC),
    route("health", pages.health, name="health", needs=may.READ_PUBLIC),
    route("ready", pages.ready, name="ready", needs=may.READ_PUBLIC),
]  # fmt: skip

if apps.is_installed("allauth.socialaccount"):
    from upstander.web.accounts.single_sign_on import routes

    urlpatterns += routes()
