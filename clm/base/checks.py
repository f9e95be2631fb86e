"""What `check --deploy` says about settings that only an operator can judge."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register

CONSOLE = "django.core.mail.backends.console.EmailBackend"


@register(Tags.security, deploy=True)
def mail_reaches_people(app_configs: Sequence[Any] | None, **_: Any) -> list[CheckMessage]:
    if not (settings.HTTPS and settings.EMAIL_BACKEND == CONSOLE):
        return []
    return [
        Warning(
            "Mail goes to the log: nobody gets it, and who reads the log can set new passwords.",
            hint="Set EMAIL_URL, such as smtp+tls://user:password@host:587.",
            id="clm.W001",
        )
    ]
