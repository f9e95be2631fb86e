"""Which imports and kept mappings somebody sees and may bring: one that tells costs only who may see costs."""

from django.core.exceptions import PermissionDenied

from clm.accounts.models import User
from clm.accounts.permissions import Capability, may
from customers.intake.kinds import Kind, all_kinds
from customers.models import Import, ImportMapping
from customers.models.import_mapping import ImportMappingQuerySet
from customers.models.import_run import ImportQuerySet


def kinds_for(user: User) -> list[Kind]:
    return [kind for kind in all_kinds() if _is_for(kind, user)]


def imports_seen_by(user: User) -> ImportQuerySet:
    """Queries the organisation at most, and only where a kind asks for more than importing."""
    return Import.objects.exclude(kind__in=_kinds_not_for(user))


def mappings_seen_by(user: User) -> ImportMappingQuerySet:
    """Of those kept, the shared ones and the own, as far as the user may bring such files."""
    return ImportMapping.objects.visible_to(user).exclude(kind__in=_kinds_not_for(user))


def check_may_bring(kind: Kind, by: User | None) -> None:
    """Raises PermissionDenied; whoever works at the server may bring anything."""
    if by is not None and not _is_for(kind, by):
        raise PermissionDenied


def _kinds_not_for(user: User) -> list[str]:
    return [kind.name for kind in all_kinds() if not _is_for(kind, user)]


def _is_for(kind: Kind, user: User) -> bool:
    return not kind.needs or may(user, Capability(kind.needs))
