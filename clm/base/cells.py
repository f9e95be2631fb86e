"""What cells of lists often show. All of it is escaped."""

from datetime import datetime

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from clm.base.templatetags.formats import NONE, date_local, datetime_local


def moment(when: datetime | None) -> SafeString | str:
    """The day in the reader's zone; the minute is one hover away."""
    if when is None:
        return NONE
    return format_html(
        '<time class="whitespace-nowrap" datetime="{}" title="{}">{}</time>',
        timezone.localtime(when).isoformat(),
        datetime_local(when),
        date_local(when),
    )
