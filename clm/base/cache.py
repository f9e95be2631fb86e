"""Redis while it answers, this process's memory while it does not.

What we keep in the cache are rate limits. Without Redis they hold for each process by itself, so that signing in
goes on and guessing passwords stays slow.
"""

import time
from collections.abc import Callable
from typing import Any, ClassVar

import structlog
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis import RedisError

logger = structlog.get_logger()

ASK_AGAIN_AFTER = 5.0  # seconds; until then nobody waits for a server that does not answer


def _either(name: str) -> Callable[..., Any]:
    asked = getattr(RedisCache, name)

    def operate(self: "RedisOrMemory", *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() >= RedisOrMemory.away_until:
            try:
                return asked(self, *args, **kwargs)
            except RedisError as error:
                RedisOrMemory.away_until = time.monotonic() + ASK_AGAIN_AFTER
                logger.warning("cache.redis_away", error=type(error).__name__)
        return getattr(self.memory, name)(*args, **kwargs)

    return operate


class _KeptClient(RedisCacheClient):
    """Makes no new client for each question; the connections are the pool's anyway."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._clients: dict[int, Any] = {}

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        index = self._get_connection_pool_index(write)  # type: ignore[attr-defined]  # the stubs do not know it
        if index not in self._clients:
            self._clients[index] = super().get_client(key, write=write)
        return self._clients[index]


class RedisOrMemory(RedisCache):
    away_until: ClassVar[float] = 0.0  # of the whole process: each thread has its own object

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = _KeptClient
        self.memory = LocMemCache("redis-is-away", {})

    add = _either("add")
    get = _either("get")
    set = _either("set")
    touch = _either("touch")
    delete = _either("delete")
    get_many = _either("get_many")
    set_many = _either("set_many")
    delete_many = _either("delete_many")
    has_key = _either("has_key")
    incr = _either("incr")
    clear = _either("clear")
