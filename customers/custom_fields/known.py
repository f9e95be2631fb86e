"""The definitions as they are, kept in the process until the organisation's row says that they were changed."""

from uuid import uuid4

from clm.accounts.models import Organisation, Role, User
from customers.models.custom_field import PREFIX, CustomField

# Of one stamp: whoever changes a definition gives the organisation another.
_kept: tuple[str, dict[str, CustomField]] = ("", {})


def definitions() -> dict[str, CustomField]:
    """All of them by key, in their order, archived ones too. No query while the organisation has been read."""
    global _kept
    stamp = Organisation.objects.current().fields_stamp
    if not stamp:
        return {}
    if _kept[0] != stamp:
        _kept = stamp, {one.key: one for one in CustomField.objects.all()}
    return _kept[1]


def restamp() -> None:
    """Let every process read the definitions anew once this transaction is through."""
    Organisation.objects.current()
    Organisation.objects.filter(pk=1).update(fields_stamp=uuid4().hex)


def in_use(user: User | None = None) -> list[CustomField]:
    """Those to show and to fill in, as far as the user may see them."""
    return [one for one in definitions().values() if one.archived_at is None and one.is_seen_by(user)]


def hidden_from(user: User) -> set[str]:
    """Keys whose values the user must not meet, archived or not. Only of a rep anything is asked."""
    if user.role != Role.REP:
        return set()
    return {one.key for one in definitions().values() if not one.is_seen_by(user)}


def named(name: str) -> CustomField | None:
    """By the name that conditions, columns and profile changes use: "fields.tier"."""
    return definitions().get(name.removeprefix(PREFIX)) if name.startswith(PREFIX) else None
