"""How many reminders wait for a person: the figure at the bell of every page, kept in the cache for a minute.

The rows tell the truth; a lost or late figure is worked out anew.
"""

from collections.abc import Iterable

from django.core.cache import cache
from django.db import transaction

from clm.accounts.models import User
from customers.models import Task

KEPT_FOR = 60  # seconds
MOST = 100


def known(user: User) -> int | None:
    """The figure as it was kept; None when it is to be asked for."""
    kept: int | None = cache.get(key_of(user))
    return kept


def key_of(user: User) -> str:
    """Where pages find the figure, together with what else they look up."""
    return _key(user.pk)


def waiting(user: User) -> int:
    """Open tasks that the person was reminded of; at most MOST."""
    kept = known(user)
    if kept is None:
        mine = Task.objects.open().filter(owner=user, reminded_at__isnull=False).visible_to(user)
        kept = mine[:MOST].count()
        cache.set(_key(user.pk), kept, KEPT_FOR)
    return int(kept)


def changed(owners: Iterable[int | None]) -> None:
    """Forget the figures once what is written now holds."""
    keys = [_key(pk) for pk in owners if pk]
    if keys:
        transaction.on_commit(lambda: cache.delete_many(keys))


def _key(pk: int) -> str:
    return f"bell:{pk}"
