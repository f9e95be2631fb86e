"""How often something may be done from one place: counted in the cache, by whole windows."""

from dataclasses import dataclass

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest


@dataclass(frozen=True)
class Limit:
    """At most so many times in so many seconds, for each `whom`."""

    name: str
    most: int
    seconds: int = 60

    def is_over(self, whom: str) -> bool:
        """Counts this time too."""
        key = f"limit:{self.name}:{whom}"
        cache.add(key, 0, self.seconds)
        try:
            return int(cache.incr(key)) > self.most
        except ValueError:  # the window ended in between
            return False


def sender(request: HttpRequest) -> str:
    """The address that a request came from, also behind a proxy."""
    return str(get_adapter().get_client_ip(request))
