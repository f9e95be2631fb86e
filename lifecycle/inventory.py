"""How merge, export and erasure treat what this app keeps of customers."""

from clm.base.inventory import ALL, DROPPED, KEPT, NOTHING, STAYS, SUPERSEDED, cleared, register
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

register(StagePeriod, merge=SUPERSEDED, export=ALL, erase=cleared("reason"))
register(ComponentPeriod, merge=SUPERSEDED, export=ALL, erase=KEPT)
register(Refusal, merge=SUPERSEDED, export=ALL, erase=cleared("reason"))
register(CurrentStage, merge=DROPPED, export=NOTHING, erase=KEPT)
register(NextDue, merge=DROPPED, export=NOTHING, erase=KEPT)
register(Parking, merge=STAYS, export=ALL, erase=KEPT)
register(SimulatedMove, merge=STAYS, export=NOTHING, erase=KEPT)
register(SimulatedPeriod, merge=STAYS, export=NOTHING, erase=KEPT)
