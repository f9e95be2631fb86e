"""Trying a draft out on everybody: what publishing it now would do."""

import resource
import time
from functools import cache
from typing import NamedTuple

from bench.figures import Measured, figure
from bench.lifecycle import passes
from lifecycle.models import LifecycleModel


class Simulated(NamedTuple):
    seconds: float
    peak_mb: float
    changed: int


@figure("simulation_ratio", topic="lifecycle", unit="full passes", bar=3.0)
def simulation_ratio(size: int) -> Measured:
    """A draft without one of the rules, tried on today's customers."""
    found = simulated(size)
    note = f"{found.changed:,} customers elsewhere, {found.seconds:.1f} s"
    return Measured(found.seconds / passes(size).ours, note=note)


@figure("simulation_peak_mb", topic="lifecycle", unit="MB", bar=300.0)
def simulation_peak_mb(size: int) -> Measured:
    return Measured(simulated(size).peak_mb, note="resident memory of the process so far, at its highest")


@cache
def simulated(size: int) -> Simulated:
    from clm.accounts.jobs import drive
    from clm.accounts.models.job import Job, JobStatus
    from lifecycle.publishing import open_draft
    from lifecycle.simulating.asking import Question, simulate

    passes(size)
    draft = open_draft(LifecycleModel.objects.get(), by=None)
    draft.rules.filter(priority=1).delete()
    started = time.perf_counter()
    simulation = simulate(draft, Question(), by=None)
    job = Job.objects.latest("pk")
    while drive(job):
        job.refresh_from_db()
    seconds = time.perf_counter() - started
    job.refresh_from_db()
    changed = simulation.moves.count()
    if job.status != JobStatus.DONE or not changed:
        raise RuntimeError(f"The simulation is {job.status} and moves {changed}.")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    draft.delete()
    return Simulated(seconds, peak, changed)
