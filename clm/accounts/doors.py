"""Through which door work came in: page, api, task or command. Audit entries name it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from celery.signals import task_postrun, task_prerun
from django.utils.translation import gettext_lazy as _

NAMES = {"page": _("Page"), "api": _("API"), "task": _("Task"), "command": _("Command")}
_door: ContextVar[str] = ContextVar("door", default="command")


def current() -> str:
    return _door.get()


@contextmanager
def through(door: str) -> Iterator[None]:
    token = _door.set(door)
    try:
        yield
    finally:
        _door.reset(token)


@task_prerun.connect
def enter_task_door(**_: object) -> None:
    _door.set("task")


@task_postrun.connect
def leave_task_door(**_: object) -> None:
    _door.set("command")
