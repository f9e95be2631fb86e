import time

import pytest

from clm.base import cache
from clm.base.cache import RedisOrMemory

NOBODY = "redis://127.0.0.1:1/0"


@pytest.fixture(autouse=True)
def at_first_redis_is_asked(monkeypatch):
    monkeypatch.setattr(RedisOrMemory, "away_until", 0.0)


def test_without_redis_this_process_remembers():
    kept = RedisOrMemory(NOBODY, {})

    kept.set("attempts", 1)

    assert (kept.incr("attempts"), kept.get("attempts"), kept.add("attempts", 9), kept.get("other")) == (
        2,
        2,
        False,
        None,
    )
    kept.delete("attempts")
    assert kept.get("attempts") is None


def test_a_server_that_does_not_answer_is_not_asked_again_at_once(monkeypatch):
    kept = RedisOrMemory(NOBODY, {})
    kept.get("a")

    began = time.monotonic()
    for _ in range(100):
        kept.get("a")

    assert time.monotonic() - began < 0.5
    assert RedisOrMemory.away_until > time.monotonic()


def test_when_redis_is_back_it_is_used_again(settings, monkeypatch):
    monkeypatch.setattr(cache, "ASK_AGAIN_AFTER", 0.0)
    RedisOrMemory(NOBODY, {}).set("from-memory", 1)

    there = RedisOrMemory(settings.REDIS_URL, {})
    there.set("test-of-the-cache", 7, timeout=5)

    assert there.get("test-of-the-cache") == 7
    assert there.get("from-memory") is None


def test_signing_in_works_and_guessing_stays_slow_without_redis(client, owner, settings):
    settings.CACHES = {"default": {"BACKEND": "clm.base.cache.RedisOrMemory", "LOCATION": NOBODY}}
    RedisOrMemory(NOBODY, {}).memory.clear()
    form = {"login": owner.email, "password": "wrong"}

    for _ in range(5):
        assert client.post("/account/login/", form).status_code == 200

    assert "Too many failed" in client.post("/account/login/", form).content.decode()
    RedisOrMemory(NOBODY, {}).memory.clear()
    signed_in = client.post("/account/login/", {"login": owner.email, "password": "correct horse battery"})
    assert signed_in.status_code == 302


def test_one_client_asks_all_questions():
    kept = RedisOrMemory(NOBODY, {})._cache

    assert kept.get_client("a") is kept.get_client("b", write=True)
