"""What runs when CLM runs: web, worker and beat. docker-compose.yml names the same three."""

import sys
from dataclasses import dataclass

from clm.local import ports
from clm.local.places import Places

# Every queue of the routes in clm/settings.py.
QUEUES = ("default", "rules", "delivery", "imports", "metrics")


@dataclass(frozen=True)
class Program:
    name: str
    command: list[str]


def programs(places: Places, port: int) -> list[Program]:
    return [
        Program("web", [*_module("gunicorn"), "clm.wsgi:application", *_web_options(port)]),
        Program("worker", [*_celery(), "worker", *_worker_options()]),
        Program("beat", [*_celery(), "beat", *_beat_options(places)]),
    ]


def _module(name: str) -> list[str]:
    return [sys.executable, "-m", name]


def _celery() -> list[str]:
    return [*_module("celery"), "--quiet", "-A", "clm.celery"]


def _web_options(port: int) -> list[str]:
    bind = ["--bind", f"{ports.LOOPBACK}:{port}"]
    shape = ["--worker-class", "gthread", "--workers", "2", "--threads", "4", "--preload"]
    recycled = ["--max-requests", "2000", "--max-requests-jitter", "200"]
    wide = ["--limit-request-line", "8190"]  # a list narrowed by many conditions has a long address
    quiet = ["--log-level", "warning", "--no-control-socket"]
    return [*bind, *shape, *recycled, *wide, *quiet]


def _worker_options() -> list[str]:
    shape = ["--concurrency", "2", "--queues", ",".join(QUEUES)]
    return [*shape, "--loglevel", "INFO", "--without-gossip", "--without-mingle"]


def _beat_options(places: Places) -> list[str]:
    return ["--schedule", str(places.root / "beat-schedule"), "--loglevel", "INFO"]
