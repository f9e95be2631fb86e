"""Sessions as Django keeps them; the question that begins every request is written out and kept planned."""

from datetime import UTC, datetime
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from clm.base import prepared

_ASKED = "SELECT session_data FROM django_session WHERE session_key = %s AND expire_date > %s"


class SessionStore(DatabaseStore):
    def _get_session_from_db(self) -> Any:
        now = datetime.now(UTC)  # noqa: TID251  # the clock that wrote when it ends
        found = prepared.rows(_ASKED, [self.session_key, now])
        if not found:
            self._session_key = None
            return None
        return self.model(session_key=self.session_key or "", session_data=found[0][0])
