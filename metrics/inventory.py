"""How merge, export and erasure treat what this app keeps of customers: roll-ups, made anew where orders change."""

from clm.base.inventory import EVERY_ROW, KEPT, NOTHING, STAYS, register
from metrics.models import ChangedPurchases, Purchase

register(Purchase, merge=STAYS, export=NOTHING, erase=KEPT, worked_out=EVERY_ROW)
register(ChangedPurchases, merge=STAYS, export=NOTHING, erase=KEPT, worked_out=EVERY_ROW)
