"""Who is signed in, and whether the organisation is still as we know it: what every request asks first."""

from allauth.account.auth_backends import AuthenticationBackend
from django.db.models import QuerySet

from clm.accounts.models import User
from clm.accounts.models.organisation import VERSION
from clm.base import compiled


class Backend(AuthenticationBackend):  # type: ignore[misc]  # allauth has no types
    """Signs in as allauth does."""

    def get_user(self, user_id: int) -> User | None:
        found: list[User] = compiled.rows("signed in", _with_version, user_id)
        return found[0] if found and self.user_can_authenticate(found[0]) else None


def _with_version(pk: int) -> QuerySet[User]:
    return User.objects.filter(pk=pk).order_by().annotate(organisation_version=VERSION)
