"""Mails shown inside our pages: in a frame without scripts, under a policy of its own.

A mail carries its styles inline and its images come from anywhere; our pages allow neither. So a mail is a document of
its own, sandboxed, that only our own pages may frame.
"""

from collections.abc import Callable

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp_replace, csp_update
from django.http import HttpResponse, HttpResponseBase
from django.views.decorators.clickjacking import xframe_options_sameorigin

View = Callable[..., HttpResponseBase]
OF_A_MAIL = {
    "default-src": [NONE],
    "script-src": [NONE],
    "connect-src": [NONE],
    "font-src": [NONE],
    "style-src": [UNSAFE_INLINE],
    "img-src": ["https:", "http:", "data:"],
    "form-action": [NONE],
    "base-uri": [NONE],
    "frame-ancestors": [SELF],
    "sandbox": True,
}


def shows_frames(view: View) -> View:
    """A page that shows such a document."""
    framing: View = csp_update({"frame-src": [SELF]})(view)
    return _named_as(view, framing)


def is_framed(view: View) -> View:
    """The document itself; see `mail_document`."""
    framed: View = csp_replace(OF_A_MAIL)(xframe_options_sameorigin(view))
    return _named_as(view, framed)


def _named_as(view: View, wrapped: View) -> View:
    wrapped.capability = getattr(view, "capability", None)  # type: ignore[attr-defined]
    return wrapped


def mail_document(html: str) -> HttpResponse:
    return HttpResponse(html, headers={"Referrer-Policy": "no-referrer"})
