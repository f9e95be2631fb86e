"""The stage engine over two years, and at ten times the customers. Comes last: it builds other companies."""

import time
from statistics import median

from bench.figures import Measured, figure
from bench.lifecycle import full_pass, passes
from bench.lifecycle_company import build
from lifecycle.models import LifecycleModel, ModelVersion


@figure("replay_ratio", topic="lifecycle", unit="full passes", bar=40.0)
def replay_ratio(size: int) -> Measured:
    """All 24 months of everybody's history, exact to the day."""
    from lifecycle.models import StagePeriod
    from lifecycle.replay import replay

    full = passes(size).ours
    model = LifecycleModel.objects.get()
    started = time.perf_counter()
    batches = sum(1 for _last in replay(ModelVersion.objects.get(model=model)))
    seconds = time.perf_counter() - started
    stays = StagePeriod.objects.live().filter(model=model).count()
    return Measured(seconds / full, note=f"{stays:,} stays in {seconds:.0f} s, {batches} batches")


@figure("growth_full_pass", topic="lifecycle", unit="x", bar=11.0)
def growth_full_pass(size: int) -> Measured:
    """The full pass over that of a tenth of the customers, which is short: the middle one of three."""
    whole, model = passes(size).ours, build(size // 10)
    tenths = [full_pass(model)[0] for _time in range(3)]
    tenth = median(tenths)
    told = ", ".join(f"{seconds:.1f}" for seconds in tenths)
    return Measured(whole / tenth, note=f"{size:,} in {whole:.1f} s, {size // 10:,} in {told} s")
