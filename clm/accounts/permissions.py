"""Who may do what: one table of roles and capabilities, one decorator for pages, one class for the API.

Every route carries its decision (`capability` on the view); a route without one fails the permission test.
"""

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from rest_framework.exceptions import PermissionDenied as NotYet
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from clm.accounts.models import ApiKey, Organisation, Role, User
from clm.accounts.two_factor import must_set_up


class Capability(StrEnum):
    USE = "use"  # anybody who is signed in
    VIEW_CUSTOMERS = "view_customers"
    EDIT_CUSTOMERS = "edit_customers"
    IMPORT = "import"
    EXPORT = "export"
    VIEW_METRICS = "view_metrics"
    VIEW_COSTS = "view_costs"
    EDIT_MODELS = "edit_models"
    EDIT_SEGMENTS = "edit_segments"
    EDIT_SCORING = "edit_scoring"
    VIEW_CAMPAIGNS = "view_campaigns"
    EDIT_CAMPAIGNS = "edit_campaigns"
    ADMINISTER = "administer"


_EVERYDAY = {Capability.USE, Capability.VIEW_CUSTOMERS}
_MARKETING = _EVERYDAY | {
    Capability.EDIT_CUSTOMERS,
    Capability.IMPORT,
    Capability.EXPORT,
    Capability.VIEW_METRICS,
    Capability.VIEW_COSTS,
    Capability.EDIT_MODELS,
    Capability.EDIT_SEGMENTS,
    Capability.EDIT_SCORING,
    Capability.VIEW_CAMPAIGNS,
    Capability.EDIT_CAMPAIGNS,
}
# The usual; see `allowed_to` for what a role may do here.
CAPABILITIES: dict[str, set[Capability]] = {
    Role.ADMINISTRATOR: set(Capability),
    Role.MANAGER: _MARKETING,
    Role.MARKETER: _MARKETING,
    Role.REP: _EVERYDAY | {Capability.EDIT_CUSTOMERS},
    Role.ANALYST: _EVERYDAY
    | {
        Capability.VIEW_METRICS,
        Capability.VIEW_COSTS,
        Capability.EXPORT,
        Capability.VIEW_CAMPAIGNS,
    },
}


def allowed_to(role: str, organisation: Organisation) -> set[Capability]:
    """The usual of the role, and what an administrator gave it or took from it."""
    changes = organisation.role_changes.get(role, {})
    return (CAPABILITIES[role] | set(changes.get("given", ()))) - set(changes.get("taken", ()))


def may(user: User, capability: Capability) -> bool:
    """Asked of the database once for each user that was read, so that a change holds from the next request on."""
    if not user.is_active:
        return False
    known: dict[str, set[Capability]] = user.__dict__.setdefault("_allowed", {})
    if user.role not in known:
        known[user.role] = allowed_to(user.role, Organisation.objects.current())
    return capability in known[user.role]


View = Callable[..., HttpResponseBase]


def requires(capability: Capability) -> Callable[[View], View]:
    """Let only roles with the capability in; others get 403."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not may(request.user, capability):  # type: ignore[arg-type]
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.capability = capability  # type: ignore[attr-defined]
        return guarded

    return decorate


class RoleAllows(BasePermission):
    """API: the role must have `view.capability` for reading, `view.write_capability` for the rest; so must the key."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not isinstance(request.user, User):
            return False
        if not isinstance(request.auth, ApiKey) and must_set_up(request.user):
            raise NotYet(_("Administrators of this organisation need two-factor sign-in. Set it up first."))
        writes = request.method not in SAFE_METHODS and not getattr(view, "reads_by_post", False)
        if writes and isinstance(request.auth, ApiKey) and not request.auth.may_write():
            return False
        return may(request.user, view.write_capability if writes else view.capability)
