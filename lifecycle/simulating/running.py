"""Walking everybody with the version that is tried: the walk is that of publishing and of a replay, what it writes is not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from django.db import connection
from django.utils.translation import gettext as _

from clm.accounts.jobs import JobFailed, Progress
from clm.accounts.models import Job
from clm.base.lanes import in_lanes
from customers.models import Customer
from lifecycle.evaluation import customer_chunks, waiting_since
from lifecycle.isolating import MOST_POISONED, Isolation
from lifecycle.models import LifecycleModel, ModelVersion, Simulation, Span
from lifecycle.simulating.asking import reading
from lifecycle.simulating.summing import sum_up
from lifecycle.simulating.writing import Sink
from lifecycle.walking.walk import CHUNK, Route, walk
from lifecycle.walking.writing import Written

BATCH = 2_500


def simulation_job(job: Job) -> Iterator[Progress]:
    simulation = Simulation.objects.for_page().get(pk=job.parameters["simulation"])
    _refuse_another_version(simulation)
    total, done, aside = Customer.objects.present().count(), job.done, job.cursor.get("aside", 0)
    yield Progress(done, total)
    for ids, failed in run(simulation, after=job.cursor.get("after", 0)):
        done, aside = min(done + len(ids), total), aside + failed
        yield Progress(done, total, {"after": ids[-1], "aside": aside}, {"customers": done})
    _refuse_another_version(simulation)
    sum_up(simulation, aside=aside)


def run(
    simulation: Simulation, *, after: int = 0, batch: int | None = None
) -> Iterator[tuple[list[int], int]]:
    """Chunk by chunk, each its own transaction and safe to repeat: the customers, and how many could not be walked.

    Trying what publishing does now takes the chunks of publishing: how many of one don't fit their rules decides where
    those begin.
    """
    size = batch or (CHUNK if simulation.span == Span.NOW else BATCH)

    def work(ids: list[int]) -> tuple[list[int], int]:
        return ids, walk_aside(simulation, ids)

    yield from in_lanes(work, customer_chunks(after=after, size=size))


def walk_aside(simulation: Simulation, ids: list[int]) -> int:
    """Walk these customers into the simulation's own tables. Returns how many the rules can't be applied to."""
    model, sink = simulation.version.model, Sink(simulation)

    def work(some: Sequence[int], models: Sequence[LifecycleModel]) -> Written:
        _look_once()
        sink.clear(some)
        for _model in models:
            waiting = waiting_since(model, some, simulation.since)
            walkers = [(pk, waiting.get(pk, simulation.since)) for pk in some]
            walk(_route(simulation), walkers, until=simulation.until, write=sink.write)
        sink.tally(some)
        return Written()

    isolation = SettingAside()
    isolation.run(ids, work, [model])
    return len(isolation.aside)


def _look_once() -> None:
    """The whole chunk sees one state of the tables, and locks nobody."""
    if not connection.savepoint_ids:
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")


def _route(simulation: Simulation) -> Route:
    """The versions as they governed, and from `since` on the one that is tried."""
    model, since = simulation.version.model, simulation.since
    tried = ModelVersion.objects.select_related("model").get(pk=simulation.version_id)
    tried.governs_from = since  # here alone: it is not saved
    if simulation.span == Span.HISTORY:
        return Route.along(model, [tried])
    governed = model.versions.filter(governs_from__lt=since).order_by("governs_from")
    return Route.along(model, [*governed.select_related("model"), tried])


@dataclass
class SettingAside(Isolation):
    """Parks nobody: who can't be walked is counted, and stays where they are."""

    aside: list[int] = field(default_factory=list)

    def _park(self, customer: int, failing: dict[LifecycleModel, Exception]) -> None:
        self.aside.append(customer)
        if len(self.aside) > MOST_POISONED:
            error = next(iter(failing.values()))
            raise JobFailed(_("The rules could not be applied: %(error)s") % {"error": error}) from error


def _refuse_another_version(simulation: Simulation) -> None:
    if reading(simulation.version) != simulation.read:
        raise JobFailed(_("The version was changed or published meanwhile. Simulate it again."))
