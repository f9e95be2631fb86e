"""How merge, export and erasure treat what this app keeps of customers."""

from django.db.models import Q

from clm.base.inventory import (
    ALL,
    DROPPED,
    EVERY_ROW,
    KEPT,
    NOTHING,
    STAYS,
    SUPERSEDED,
    cleared,
    register,
)
from lifecycle.models import (
    ComponentPeriod,
    CurrentStage,
    NextDue,
    Parking,
    Refusal,
    SimulatedMove,
    SimulatedPeriod,
    StagePeriod,
)
from lifecycle.models.period import Cause

register(
    StagePeriod,
    merge=SUPERSEDED,
    export=ALL,
    erase=cleared("reason"),
    worked_out=Q(cause__in=[Cause.RULE, Cause.INITIAL]),
)
register(ComponentPeriod, merge=SUPERSEDED, export=ALL, erase=KEPT, worked_out=EVERY_ROW)
register(Refusal, merge=SUPERSEDED, export=ALL, erase=cleared("reason"), worked_out=Q(source=Cause.RULE))
register(CurrentStage, merge=DROPPED, export=NOTHING, erase=KEPT)
register(NextDue, merge=DROPPED, export=NOTHING, erase=KEPT)
register(Parking, merge=STAYS, export=ALL, erase=KEPT, worked_out=Q(released_at=None))
register(SimulatedMove, merge=STAYS, export=NOTHING, erase=KEPT, worked_out=EVERY_ROW)
register(SimulatedPeriod, merge=STAYS, export=NOTHING, erase=KEPT, worked_out=EVERY_ROW)
