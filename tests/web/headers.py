"""The headers that every answer of the site carries, whatever it says."""

from collections.abc import Iterator, Mapping

EVERYWHERE = {
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Strict-Transport-Security": "max-age=31536000",
}


def bare(headers: Mapping[str, str]) -> Iterator[str]:
    """What an answer over HTTPS lacks, or has otherwise than it should."""
    for name, value in EVERYWHERE.items():
        if headers.get(name) != value:
            yield f"{name}: {headers.get(name)}"
    kept = headers.get("Cache-Control", "")
    if "no-store" not in kept and kept != "private, no-cache":  # the API: a program keeps it, and asks each time
        yield f"Cache-Control: {kept}"
    policy = headers.get("Content-Security-Policy", "")
    if "default-src 'none'" not in policy or "unsafe" in policy or "http" in policy or "*" in policy:
        yield f"Content-Security-Policy: {policy}"
    if "camera=()" not in headers.get("Permissions-Policy", ""):
        yield f"Permissions-Policy: {headers.get('Permissions-Policy')}"
