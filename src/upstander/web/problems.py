"""Errors as a program reads them (RFC 9457): everything under /api/ is answered so, and nothing else is.

What is forbidden and what is not there are one problem, as they are one page for people.
"""

from http import HTTPStatus

from django.http import HttpRequest, JsonResponse

FOR_PROGRAMS = "/api/"
CONTENT_TYPE = "application/problem+json"


def is_for_programs(request: HttpRequest) -> bool:
    """Whether the answer is for a program."""
    return request.path_info.startswith(FOR_PROGRAMS)


def problem(status: int, detail: str, **facts: str) -> JsonResponse:
    """What went wrong. `facts` are where, found, expected and state; empty ones are left out."""
    told = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return JsonResponse({**told, **{name: text for name, text in facts.items() if text}}, status=status,
                        content_type=CONTENT_TYPE, json_dumps_params={"ensure_ascii": False})  # fmt: skip


def not_signed_in() -> JsonResponse:
    """Nobody known asks: no token, or none that is good at this moment."""
    told = problem(
        401, "There is no token here that is good now, and nobody is signed in.",
        where="the header Authorization", expected="Bearer, then a token; it may have ended or been revoked",
    )  # fmt: skip
    told.headers["WWW-Authenticate"] = 'Bearer realm="Upstander"'
    return told


def too_often(seconds: int) -> JsonResponse:
    """Too many requests in a short time."""
    told = problem(429, "Too many requests in a short time.", expected=f"the next one in {seconds} seconds")
    told.headers["Retry-After"] = str(seconds)
    return told
