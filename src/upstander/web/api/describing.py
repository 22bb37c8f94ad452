"""The OpenAPI 3.1 document, made from the declarations of the endpoints."""

from typing import Any

from upstander.web.api.endpoints import ENDPOINTS, ROOT, Endpoint, Parameter, Schema
from upstander.web.problems import CONTENT_TYPE

VERSION = "1.0"
_RELEASE_PARTS = (
    ("quarter", "The quarter of the release.", {"type": "string", "pattern": "^[0-9]{4}-Q[1-4]$"}),
    ("edition", "Its edition, from 1.", {"type": "integer", "minimum": 1, "maximum": 9999}),
)
_PROBLEMS = {
    "400": "Something that was sent cannot be read, or is no parameter of this address.",
    "401": "There is no token that is good now, and nobody is signed in.",
    "404": "There is nothing here, or nothing for you; the two cannot be told apart.",
    "405": "Only GET and HEAD are answered.",
    "406": "Answers are JSON.",
    "422": "No published figure answers that; it says which values go together.",
    "429": "Too many requests in a short time.",
}
_SENT_WITH = {
    "ETag": "Changes with the release, and with what you may see of it.",
    "Cache-Control": "Whether a copy may be kept for asking again.",
}


def document(network: str) -> dict[str, Any]:
    """The whole document. `network` is who publishes."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"Published figures of {network}",
            "version": VERSION,
            "description": "Read-only. Every figure is a cell of a published release, as it was released: small counts "
            "are suppressed, and so is what would give them away. Suppressed is not zero.",
        },
        "servers": [{"url": f"/{ROOT}"}],
        "security": [{"token": []}, {"session": []}],
        "paths": {f"/{one.path}": {"get": _operation(one)} for one in ENDPOINTS} | {"/openapi.json": _own()},
        "components": {
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "__Host-session"},
            },
            "schemas": {"Problem": _problem(), **{one.name.title(): one.shape for one in ENDPOINTS}},
            "responses": {status: _response(status) for status in _PROBLEMS},
        },
    }


def _operation(one: Endpoint) -> dict[str, Any]:
    parts = [
        {"name": name, "in": "path", "required": True, "description": means, "schema": schema}
        for name, means, schema in _RELEASE_PARTS
    ]
    return {
        "operationId": one.name,
        "summary": one.says,
        "parameters": [*(parts if one.of_release else ()), *map(_parameter, one.parameters)],
        "responses": {
            "200": {
                "description": one.says,
                "headers": {name: _header(says) for name, says in _SENT_WITH.items()},
                "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{one.name.title()}"}}},
            },
            "304": {"description": "Nothing has changed since the answer with that ETag."},
            **_problems_of(one),
        },
    }


def _own() -> dict[str, Any]:
    return {
        "get": {
            "operationId": "openapi",
            "summary": "This document.",
            "responses": {
                "200": {
                    "description": "This document.",
                    "headers": {name: _header(says) for name, says in _SENT_WITH.items()},
                    "content": {"application/json": {"schema": {"type": "object"}}},
                },
                "304": {"description": "Nothing has changed since the answer with that ETag."},
                **{status: {"$ref": f"#/components/responses/{status}"} for status in _PROBLEMS if status != "422"},
            },
        }
    }


def _problems_of(one: Endpoint) -> dict[str, Any]:
    told = [status for status in _PROBLEMS if status != "422" or one.parameters]
    return {status: {"$ref": f"#/components/responses/{status}"} for status in told}


def _parameter(one: Parameter) -> dict[str, Any]:
    said = {"name": one.name, "in": "query", "required": one.is_required, "description": one.means}
    shown = {"example": [one.example] if one.many else one.example} if one.example else {}
    return {**said, "schema": one.schema, **({"style": "form", "explode": True} if one.many else {}), **shown}


def _header(says: str) -> dict[str, Any]:
    return {"description": says, "schema": {"type": "string"}, "required": True}


def _response(status: str) -> dict[str, Any]:
    said: dict[str, Any] = {
        "description": _PROBLEMS[status],
        "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    named = {"401": ("WWW-Authenticate", "How to prove who asks."), "405": ("Allow", "What is answered."),
             "429": ("Retry-After", "Seconds to wait.")}  # fmt: skip
    return {**said, "headers": {named[status][0]: _header(named[status][1])}} if status in named else said


def _problem() -> Schema:
    text = {"type": "string"}
    return {
        "type": "object",
        "description": "Problem details (RFC 9457), with where it went wrong, what was found and what would be right.",
        "properties": {
            "type": text, "title": text, "status": {"type": "integer"}, "detail": text,
            "where": text, "found": text, "expected": text, "state": text,
        },
        "required": ["type", "title", "status", "detail"],
        "additionalProperties": False,
    }  # fmt: skip
