"""Signing and ending agreements, each written in the audit log."""

from upstander.pipeline.desk import Desk
from upstander.pipeline.gate import note
from upstander.sharing import FileAgreements


def sign(desk: Desk, content: bytes) -> str:
    """Put a version in force, signed by the person at the desk. Says what is now in force."""
    signed = FileAgreements(desk.home.root).sign(content, person=desk.who.person, at=desk.now())
    note(desk, action="sign", answer="done", dataset="", about=f"{signed.name} {signed.version}")
    ends = max(schedule.end for schedule in signed.schedules)
    return (
        f"{signed.name}, version {signed.version}, is signed and in force; its last schedule ends on {ends:%-d %B %Y}."
    )


def end(desk: Desk, name: str) -> str:
    """End an agreement from now on."""
    ended = FileAgreements(desk.home.root).end(name, person=desk.who.person, at=desk.now(), why=desk.who.why)
    note(desk, action="end", answer="done", dataset="", about=f"{ended.name} {ended.version}")
    return f"{ended.name}, version {ended.version}, is ended. Nothing is read under it from now on."
