from typing import cast

from django.http import HttpRequest

from clm.accounts.models import User


def me(request: HttpRequest) -> User:
    """The user of a view that `requires` a capability."""
    return cast(User, request.user)
