"""How merge, export and erasure treat what this app keeps of customers."""

from clm.base.inventory import ALL, DELETED, DROPPED, KEPT, MOVED, NOTHING, STAYS, all_but, cleared, register
from customers.models import (
    Arrival,
    Consent,
    Customer,
    CustomerMerge,
    Event,
    Identity,
    Interaction,
    Lead,
    LeadState,
    Order,
    OrderLine,
    ProfileChange,
    PurchaseSummary,
    Refund,
    SegmentCheck,
    SegmentDue,
    SegmentMember,
    Touch,
)

register(Customer, merge=STAYS, export=all_but("search_text"), erase=KEPT, path="pk")
register(Identity, merge=MOVED, export=ALL, erase=DELETED)
register(ProfileChange, merge=STAYS, export=ALL, erase=KEPT)
register(Event, merge=MOVED, export=ALL, erase=cleared("properties"))
register(Touch, merge=MOVED, export=ALL, erase=cleared("detail"))
register(Consent, merge=MOVED, export=ALL, erase=cleared("proof"))
register(Order, merge=MOVED, export=ALL, erase=KEPT)
register(OrderLine, merge=MOVED, export=ALL, erase=KEPT)
register(Refund, merge=MOVED, export=ALL, erase=cleared("reason"))
register(Lead, merge=MOVED, export=ALL, erase=cleared("title", "next_action", "enquiry"))
register(LeadState, merge=MOVED, export=ALL, erase=cleared("next_action", "note"))
register(Interaction, merge=MOVED, export=ALL, erase=cleared(text="–"))
register(PurchaseSummary, merge=DROPPED, export=NOTHING, erase=KEPT)
register(SegmentMember, merge=STAYS, export=ALL, erase=KEPT)
register(SegmentCheck, merge=DROPPED, export=NOTHING, erase=KEPT)
register(SegmentDue, merge=DROPPED, export=NOTHING, erase=KEPT)
register(Arrival, merge=DROPPED, export=NOTHING, erase=KEPT)
register(CustomerMerge, merge=STAYS, export=ALL, erase=KEPT, path=("loser_id", "winner_id"))
