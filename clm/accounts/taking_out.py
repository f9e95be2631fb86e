"""Who may sign in, what was done and what ran, as rows for a file, the heading first."""

import json
from collections.abc import Iterable, Iterator

from django.db.models import QuerySet

from clm.accounts.models import AuditEntry, Job, User
from clm.base.downloads import Columns, table

Rows = Iterator[list[object]]
PORTION = 2000


def audit_lines(entries: QuerySet[AuditEntry]) -> Rows:
    columns: Columns = {
        "id": "pk",
        "at": "at",
        "who": "actor.email",
        "action": "action",
        "object": "subject_label",
        "object_type": "subject_type",
        "object_id": "subject_id",
        "door": "door",
        "details": lambda entry: json.dumps(entry.details, ensure_ascii=False) if entry.details else "",
    }
    return table(entries.iterator(chunk_size=PORTION), columns)


def user_lines(users: Iterable[User]) -> Rows:
    columns: Columns = {
        "id": "pk",
        "name": "name",
        "email": "email",
        "role": "role",
        "team": "team.name",
        "sees": lambda user: user.sees if user.role == "rep" else "all",
        "may_sign_in": "is_active",
        "has_two_factor": "has_two_factor",
        "last_login": "last_login",
    }
    return table(users, columns)


def job_lines(jobs: QuerySet[Job]) -> Rows:
    columns: Columns = {
        "id": "pk",
        "job": str,
        "kind": "kind",
        "status": "status",
        "done": "done",
        "total": "total",
        "error": "error",
        "owner": "owner.email",
        "created_at": "created_at",
        "started_at": "started_at",
        "finished_at": "finished_at",
    }
    return table(jobs.iterator(chunk_size=PORTION), columns)
