from typing import cast

from allauth.account.decorators import reauthentication_required
from django.http import HttpRequest

from clm.accounts.models import User
from clm.accounts.permissions import View


def me(request: HttpRequest) -> User:
    """The user of a view that `requires` a capability."""
    return cast(User, request.user)


def confirmed_lately(view: View) -> View:
    """Whoever signed in more than five minutes ago gives the password again; then what they sent is done.

    The same as before a change of one's own two-factor sign-in.
    """
    return cast(View, reauthentication_required(app="allauth.mfa")(view))
