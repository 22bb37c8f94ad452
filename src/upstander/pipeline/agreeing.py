"""Signing agreements and deciding about them, each decision written in the audit log."""

from upstander.pipeline.desk import Desk
from upstander.pipeline.gate import note
from upstander.pipeline.recalling import recall_resting_on
from upstander.sharing import ActKind, Decision

_SAYS = {
    ActKind.ENDED: "is ended. Nothing is read under it from now on.",
    ActKind.SUSPENDED: "is suspended. Nothing is read under it until it is resumed.",
    ActKind.RESUMED: "is in force again.",
    ActKind.WITHDRAWN: "is withdrawn. Nothing is read under it from now on.",
}


def sign(desk: Desk, content: bytes) -> str:
    """Put a version in force, signed by the person at the desk. Says what is now in force."""
    signed = desk.register.sign(content, person=desk.who.person, at=desk.now())
    note(desk, action="sign", answer="done", dataset="", about=f"{signed.name} {signed.version}")
    ends = max(schedule.end for schedule in signed.schedules)
    return (
        f"{signed.name}, version {signed.version}, is signed and in force; its last schedule ends on {ends:%-d %B %Y}."
    )


def decide_about(desk: Desk, name: str, kind: ActKind, *, schedule: str = "", agency: str = "") -> str:
    """End, suspend, resume or withdraw, at once and for the reason the person at the desk gives. Says what was done."""
    decision = Decision(kind, name, desk.who.person, desk.now(), desk.who.why, schedule, agency)
    changed = desk.register.act(decision)
    about = f"schedule {schedule}" if schedule else f"what {agency} shares" if agency else ""
    note(
        desk,
        action=str(kind),
        answer="done",
        dataset="",
        about=f"{name} {changed.version} {schedule or agency}".strip(),
    )
    told = f"{name}, version {changed.version}{f', {about},' if about else ','} {_SAYS[kind]}"
    if kind is not ActKind.WITHDRAWN:
        return told
    concerned = [one.id for one in changed.schedules if schedule in ("", one.id) and agency in ("", one.provider)]
    gone = recall_resting_on(desk, name, concerned, f"{name} was withdrawn: {desk.who.why}")
    return f"{told} Recalled: {', '.join(f'{of_kind} {number}' for of_kind, number in gone) or 'no output'}."


def end(desk: Desk, name: str) -> str:
    """End an agreement from now on."""
    return decide_about(desk, name, ActKind.ENDED)
