"""Putting customers into a segment by hand, and taking them out: one by one, many at once, or as a job."""

from collections.abc import Iterator

from django.db import connection, transaction
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from clm.accounts.jobs import JobFailed, Progress, enqueue
from clm.accounts.models import AuditEntry, Job, User
from clm.base import clock
from clm.base.db import among
from customers.models import Customer, CustomerQuerySet, Segment

JOB_KIND = "segment-fill"
PORTION = 5_000


class KeptByConditions(ValueError):
    def __init__(self, segment: Segment) -> None:
        super().__init__(
            _("“%(segment)s” follows its conditions: nobody can be added or removed by hand.")
            % {"segment": segment}
        )


@transaction.atomic
def add(segment: Segment, customers: CustomerQuerySet, *, by: User) -> int:
    """Those among the customers who are not in it enter now. Returns how many. Raises KeptByConditions."""
    return _move(segment, customers, _ENTER, "segment.members_added", by)


@transaction.atomic
def take_out(segment: Segment, customers: CustomerQuerySet, *, by: User) -> int:
    """Those among the customers who are in it leave now. Returns how many. Raises KeptByConditions."""
    return _move(segment, customers, _LEAVE, "segment.members_removed", by)


def _move(segment: Segment, customers: CustomerQuerySet, statement: str, action: str, by: User) -> int:
    (segment,) = Segment.objects.filter(pk=segment.pk).lock()
    if segment.is_dynamic:
        raise KeptByConditions(segment)
    at = clock.now()
    chosen, parameters = customers.order_by().values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(statement.format(chosen=chosen), [*parameters, segment.pk, at, segment.pk, at])
        ((moved,),) = cursor.fetchall()
    if moved:
        change = moved if statement is _ENTER else -moved
        Segment.objects.filter(pk=segment.pk).update(count=segment.count + change, computed_at=at)
        AuditEntry.objects.record(action, segment, by=by, customers=moved)
    return int(moved)


# Whoever moves has the rules and segments that rest on this one looked at again.
_ENTER = """
WITH chosen (id) AS MATERIALIZED ({chosen}),
moved AS (
    INSERT INTO customers_segmentmember (segment_id, customer_id, original_customer_id, entered_at)
    SELECT %s, id, id, %s FROM chosen WHERE NOT EXISTS (
        SELECT FROM customers_segmentmember m WHERE m.segment_id = %s AND m.left_at IS NULL AND m.customer_id = chosen.id)
    RETURNING customer_id),
noted AS (INSERT INTO customers_arrival (customer_id, since) SELECT customer_id, %s FROM moved)
SELECT count(*) FROM moved
"""
_LEAVE = """
WITH chosen (id) AS MATERIALIZED ({chosen}),
moved AS (
    UPDATE customers_segmentmember SET left_at = greatest(at, entered_at)
    FROM (SELECT %s::bigint AS segment, %s::timestamptz AS at) x
    WHERE segment_id = %s AND left_at IS NULL AND customer_id IN (SELECT id FROM chosen)
    RETURNING customer_id),
noted AS (INSERT INTO customers_arrival (customer_id, since) SELECT customer_id, %s FROM moved)
SELECT count(*) FROM moved
"""


def fill(segment: Segment, query: str, *, by: User) -> Job:
    """All customers of a list, as its query string says, enter as a job."""
    if segment.is_dynamic:
        raise KeptByConditions(segment)
    title = gettext_noop("Add customers to the segment %(name)s")
    asked = {"segment": segment.pk, "name": segment.name, "query": query, "user": by.pk}
    return enqueue(JOB_KIND, title=title, owner=by, **asked)


def fill_job(job: Job) -> Iterator[Progress]:
    from customers.listing import Listing  # a list is a page's matter; only this job reads one

    segment = Segment.objects.filter(pk=job.parameters["segment"]).first()
    by = User.objects.filter(pk=job.parameters["user"], is_active=True).first()
    if segment is None or by is None:
        raise JobFailed(_("The segment was deleted meanwhile."))
    chosen = Listing(QueryDict(job.parameters["query"]), by, is_whole=True).narrowed
    total, done, entered = chosen.count(), job.done, job.cursor.get("entered", 0)
    after = job.cursor.get("after", 0)
    while ids := _portion(chosen, after):
        entered += add(segment, Customer.objects.filter(among("pk", ids)), by=by)
        done, after = done + len(ids), ids[-1]
        yield Progress(done, max(total, done), {"after": after, "entered": entered}, {"customers": entered})


def _portion(chosen: CustomerQuerySet, after: int) -> list[int]:
    following = chosen.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)
    return list(following[:PORTION])
