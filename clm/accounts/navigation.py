"""The side menu shows an entry to whoever may use its page."""

from clm.accounts.models import User
from clm.accounts.permissions import Capability, may
from clm.base.navigation import decide_with


def may_see(user: object, capability: str) -> bool:
    return isinstance(user, User) and may(user, Capability(capability))


decide_with(may_see)
