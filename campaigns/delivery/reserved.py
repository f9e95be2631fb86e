"""Addresses that can be nobody's: their domains are kept for examples and tests (RFC 2606, RFC 6761).

The people of the demo company have such ones. A real mail server is not to be bothered with them: too many of them, and
it takes our mails for spam.
"""

from django.conf import settings

DOMAINS = ("example.com", "example.net", "example.org", "example", "invalid", "localhost", "test")
# Where the usual catchers of mail listen, and no real server.
CATCHER_PORT = 1025


def is_nobody(address: str) -> bool:
    """Always False where mail is caught instead of sent."""
    domain = address.rpartition("@")[2].rstrip(".").lower()
    return reaches_people() and any(domain == each or domain.endswith(f".{each}") for each in DOMAINS)


def reaches_people() -> bool:
    is_smtp = settings.EMAIL_BACKEND.endswith("smtp.EmailBackend")
    return is_smtp and not settings.CAUGHT_MAIL_DIR and settings.EMAIL_PORT != CATCHER_PORT
