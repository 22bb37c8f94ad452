"""Second factors: codes of an authenticator app, passkeys, recovery codes. Nobody is ever left without one."""

import hmac
from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt
from allauth.mfa.webauthn.internal.auth import WebAuthn
from django.db import transaction

from upstander.web.accounts.models import Person

_STEP_S = 30
_REAL = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def has_factor(person: Person) -> bool:
    """Whether somebody can show a second factor. Recovery codes alone are none."""
    return bool(Authenticator.objects.filter(user=person, type__in=_REAL).exists())


def totp_step(secret: str, code: str, at: datetime) -> int | None:
    """The 30-second step a code belongs to: this one, or one to either side for a clock that is off. RFC 6238."""
    now = int(at.timestamp()) // _STEP_S
    typed = "".join(code.split())
    fits = (step for step in (now, now - 1, now + 1) if _is_same(format_hotp_value(hotp_value(secret, step)), typed))
    return next(fits, None)


def accept_code(person: Person, code: str, at: datetime, *, recovery: bool) -> Authenticator | None:
    """The authenticator whose code this is; None if it is nobody's. A code is good once, for every process.

    recovery: whether one of the ten codes on paper will do.
    """
    with transaction.atomic():
        found = Authenticator.objects.select_for_update().filter(user=person)
        totp = found.filter(type=Authenticator.Type.TOTP).first()
        if totp is not None:
            step = totp_step(decrypt(totp.data["secret"]), code, at)
            if step is not None and step > totp.data.get("last_step", -1):
                totp.data["last_step"] = step
                totp.save(update_fields=["data"])
                return totp
        paper = found.filter(type=Authenticator.Type.RECOVERY_CODES).first() if recovery else None
        return paper if paper is not None and RecoveryCodes(paper).validate_code("".join(code.split())) else None


def put_totp(person: Person, secret: str, step: int) -> Authenticator:
    """Make this app the person's app. The one before goes in the same breath; the code just shown counts as used."""
    with transaction.atomic():
        Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).delete()
        made = TOTP.activate(person, secret).instance
        made.data["last_step"] = step
        made.save(update_fields=["data"])
        return made


def put_passkey(person: Person, name: str, credential: dict[str, object]) -> Authenticator:
    """Add a passkey."""
    return WebAuthn.add(person, name, credential).instance


def new_recovery_codes(person: Person) -> list[str]:
    """Ten codes for paper; earlier ones no longer count."""
    with transaction.atomic():
        Authenticator.objects.filter(user=person, type=Authenticator.Type.RECOVERY_CODES).delete()
        codes: list[str] = RecoveryCodes.activate(person).generate_codes()
        return codes


def drop_passkey(person: Person, number: int) -> bool:
    """Remove one passkey, if it is theirs and another factor stays; whether it went."""
    with transaction.atomic():
        held = Authenticator.objects.select_for_update().filter(user=person, type__in=_REAL)
        wanted = [one for one in held if one.pk == number and one.type == Authenticator.Type.WEBAUTHN]
        if not wanted or len(held) < 2:
            return False
        wanted[0].delete()
        return True


def drop_all(person: Person) -> None:
    """Take every factor away: whoever does this closes the sessions and invites the person anew."""
    Authenticator.objects.filter(user=person).delete()


def _is_same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
