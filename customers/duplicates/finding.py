"""Customers who may be one, over everybody: set-based, one way of being alike after the other.

Only who shares a key (an address, a number, a company, the beginnings of a name) is compared, and a key that more than
a few share tells nothing. What somebody has called different stays so.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import LiteralString

from django.db import transaction
from django.utils.translation import gettext_noop

from clm.accounts.jobs import Progress, enqueue
from clm.accounts.models import AuditEntry, Job, User
from clm.base import clock
from customers.intake import statements
from customers.intake.statements import fragment
from customers.models import Twins
from customers.models.likeness import Likeness

JOB_KIND = "find-duplicates"
MOST_ALIKE = 12  # who share a key: more have an office's number, or a name like thousands
LEAST_SCORE = 50
# (likeness, points, key). Of two customers with the same key.
_KEYS: tuple[tuple[Likeness, int, LiteralString], ...] = (
    (
        Likeness.EMAIL,
        90,
        "CASE WHEN c.email <> '' THEN regexp_replace(lower(c.email), '\\+[^@]*@', '@') END",
    ),
    (Likeness.PHONE, 75, "nullif(c.phone, '')"),
    (
        Likeness.NAME_AND_COMPANY,
        70,
        "CASE WHEN c.name <> '' AND c.company_id IS NOT NULL THEN lower(c.name) || '|' || c.company_id END",
    ),
    (Likeness.NAME, 50, "CASE WHEN c.name LIKE '%% %%' THEN lower(c.name) || '|' || c.country END"),
)
# Names are compared within a company, and among those whose addresses begin alike.
_BLOCKS: tuple[LiteralString, ...] = (
    "'c' || c.company_id",
    "CASE WHEN c.email <> '' THEN 'e' || regexp_replace(split_part(lower(c.email), '@', 1), '[^a-z]', '', 'g') END",
)
_SIMILAR = 0.5


def search(*, by: User | None) -> Job:
    """Look through everybody, as a job; the one that is under way when there is one."""
    under_way = Job.objects.open().filter(kind=JOB_KIND).first()
    return under_way or enqueue(JOB_KIND, title=gettext_noop("Find duplicates"), owner=by)


def search_job(job: Job) -> Iterator[Progress]:
    began = datetime.fromisoformat(job.cursor.get("began") or clock.now().isoformat())
    steps = len(_WAYS)
    for step in range(job.cursor.get("step", 0), steps):
        look(step, began)
        yield Progress(step + 1, steps, {"step": step + 1, "began": began.isoformat()})
    Twins.objects.filter(found_at__lt=began, dismissed_at=None).delete()
    yield Progress(steps, steps, None, {})  # how many there are depends on whom one sees: the page tells


def look_through() -> None:
    """All of it at once, for few customers."""
    began = clock.now()
    for step in range(len(_WAYS)):
        look(step, began)


@transaction.atomic
def look(step: int, began: datetime) -> None:
    """One way of being alike."""
    statements.run("DROP TABLE IF EXISTS likeness")
    statements.run(
        "CREATE TEMP TABLE likeness (one bigint, other bigint, points int, likeness text) ON COMMIT DROP"
    )
    _WAYS[step]()
    _keep(began)


@transaction.atomic
def dismiss(twins: Twins, *, by: User) -> None:
    """They are not the same, and are not shown again."""
    open_ones = Twins.objects.filter(pk=twins.pk, dismissed_at=None)
    if open_ones.update(dismissed_at=clock.now(), dismissed_by=by):
        AuditEntry.objects.record("duplicates.dismissed", twins.one, by=by, other=twins.other_id)


def _same_key(likeness: Likeness, points: int, key: LiteralString) -> None:
    statements.run(
        "WITH keyed AS MATERIALIZED (SELECT c.id, {key} AS key FROM customers_customer c WHERE c.merged_into_id IS NULL),"
        " few AS (SELECT key FROM keyed WHERE key IS NOT NULL GROUP BY key HAVING count(*) BETWEEN 2 AND %(most)s)"
        " INSERT INTO likeness SELECT a.id, b.id, %(points)s, %(likeness)s"
        " FROM few JOIN keyed a USING (key) JOIN keyed b USING (key) WHERE a.id < b.id",
        {"most": MOST_ALIKE, "points": points, "likeness": likeness.value},
        key=fragment(key),
    )


def _similar_names(block: LiteralString) -> None:
    """Not equal names: those are told already."""
    statements.run(
        "WITH keyed AS MATERIALIZED (SELECT c.id, lower(c.name) AS name, {block} AS key FROM customers_customer c"
        "   WHERE c.merged_into_id IS NULL AND length(c.name) > 4),"
        " few AS (SELECT key FROM keyed WHERE length(key) > 4 OR key ~ '^c' GROUP BY key HAVING count(*) BETWEEN 2 AND 200)"
        " INSERT INTO likeness SELECT a.id, b.id, (20 + 55 * similarity(a.name, b.name))::int, %(likeness)s"
        " FROM few JOIN keyed a USING (key) JOIN keyed b USING (key)"
        " WHERE a.id < b.id AND a.name <> b.name AND similarity(a.name, b.name) >= %(similar)s",
        {"similar": _SIMILAR, "likeness": Likeness.SIMILAR_NAME.value},
        block=fragment(block),
    )


def _keep(began: datetime) -> None:
    """Several likenesses make a pair surer; what was found in an earlier search counts no more."""
    statements.run(
        "INSERT INTO customers_twins AS t (one_id, other_id, score, likenesses, found_at)"
        " SELECT one, other, max(points), array_agg(DISTINCT likeness), clock_timestamp() FROM likeness"
        " GROUP BY one, other HAVING max(points) >= %(least)s ORDER BY one, other"
        " ON CONFLICT (one_id, other_id) DO UPDATE SET found_at = excluded.found_at,"
        "   score = CASE WHEN t.found_at < %(began)s THEN excluded.score"
        "     WHEN t.likenesses @> excluded.likenesses THEN t.score"
        "     ELSE least(99, greatest(t.score, excluded.score) + 8) END,"
        "   likenesses = CASE WHEN t.found_at < %(began)s THEN excluded.likenesses"
        "     ELSE ARRAY(SELECT DISTINCT unnest(t.likenesses || excluded.likenesses) ORDER BY 1) END",
        {"least": LEAST_SCORE, "began": began},
    )


_WAYS: tuple[Callable[[], None], ...] = (
    *(partial(_same_key, *key) for key in _KEYS),
    *(partial(_similar_names, block) for block in _BLOCKS),
)
