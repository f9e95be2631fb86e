"""How merge, export and erasure treat what this app keeps of customers."""

from django.db.models import Q

from clm.accounts.models import BulkChange, BulkRow
from clm.base.inventory import (
    ALL,
    DELETED,
    DROPPED,
    EVERY_ROW,
    KEPT,
    MOVED,
    NOTHING,
    STAYS,
    Export,
    Person,
    all_but,
    cleared,
    moved_along,
    register,
    register_trace,
)
from clm.base.search import spelt
from customers.leads import sourcing
from customers.merging.consents import StrictestConsent
from customers.merging.memberships import Memberships
from customers.models import (
    Arrival,
    Brought,
    Consent,
    Customer,
    CustomerMerge,
    Event,
    Identity,
    ImportProblem,
    Interaction,
    Lead,
    LeadState,
    MergedRow,
    NameWord,
    Order,
    OrderLine,
    PersonExport,
    ProfileChange,
    PurchaseSummary,
    Refund,
    Score,
    ScoreCheck,
    SegmentCheck,
    SegmentDue,
    SegmentMember,
    Task,
    ThresholdCrossing,
    Ticket,
    TicketState,
    Touch,
    Twins,
    lead_status,
    task,
)
from customers.models.segment import SegmentKind
from customers.models.tickets import words
from customers.privacy.forgetting import (
    forget_brought,
    forget_changes,
    forget_customer,
    forget_imports,
    forget_lead,
)
from customers.privacy.theirs import TAKEN_BACK

register(Customer, merge=STAYS, export=all_but("search_text"), erase=forget_customer, path="pk")
register(Identity, merge=MOVED, export=ALL, erase=DELETED)
register(
    ProfileChange,
    merge=STAYS,
    export=Export(unless=TAKEN_BACK),
    erase=forget_changes,
    active_at="occurred_at",
)
register(Event, merge=MOVED, export=ALL, erase=cleared("properties"), active_at="occurred_at")
register(
    Touch,
    merge=MOVED,
    export=ALL,
    erase=cleared("detail"),
    active_at="occurred_at",
    worked_out=Q(source=sourcing.SOURCE, superseded_at__isnull=False),
)
register(Consent, merge=StrictestConsent(), export=ALL, erase=cleared("proof"), active_at="occurred_at")
register(Order, merge=MOVED, export=ALL, erase=KEPT, active_at="occurred_at")
register(OrderLine, merge=moved_along("order"), export=ALL, erase=KEPT)
register(Refund, merge=moved_along("order"), export=ALL, erase=cleared("reason"), active_at="occurred_at")
register(
    Lead, merge=MOVED, export=ALL, erase=forget_lead, active_at="opened_at", open_when=lead_status.IS_OPEN
)
register(Interaction, merge=MOVED, export=ALL, erase=cleared(text="–"), active_at="occurred_at")
register(Task, merge=MOVED, export=all_but("key"), erase=cleared(title="–"), open_when=task.IS_OPEN)
register(
    LeadState,
    merge=moved_along("lead"),
    export=ALL,
    erase=cleared("next_action", "note"),
    active_at="occurred_at",
)
register(
    Ticket,
    merge=MOVED,
    export=ALL,
    erase=cleared("text", "company", subject="–"),
    active_at="opened_at",
    open_when=words.IS_OPEN,
)
register(
    TicketState,
    merge=moved_along("ticket"),
    export=ALL,
    erase=cleared("note"),
    active_at="occurred_at",
)
register(PurchaseSummary, merge=DROPPED, export=NOTHING, erase=KEPT)
register(
    SegmentMember,
    merge=Memberships(),
    export=ALL,
    erase=KEPT,
    worked_out=Q(segment__kind=SegmentKind.DYNAMIC),
)
register(SegmentCheck, merge=DROPPED, export=NOTHING, erase=KEPT)
register(SegmentDue, merge=DROPPED, export=NOTHING, erase=KEPT)
register(Score, merge=DROPPED, export=all_but("profile"), erase=DELETED)
register(ThresholdCrossing, merge=STAYS, export=ALL, erase=KEPT, worked_out=EVERY_ROW)
register(ScoreCheck, merge=DROPPED, export=NOTHING, erase=KEPT)
register(Arrival, merge=DROPPED, export=NOTHING, erase=KEPT)
register(
    CustomerMerge,
    merge=STAYS,
    export=Export(unless=Q(undone_at__isnull=False)),
    erase=cleared("profile"),
    path=("loser_id", "winner_id"),
)
register(
    MergedRow,
    merge=STAYS,
    export=NOTHING,
    erase=cleared("before"),
    path=("merge__loser_id", "merge__winner_id"),
)
register(PersonExport, merge=STAYS, export=NOTHING, erase=DELETED)
register(
    Twins,
    merge=STAYS,
    export=NOTHING,
    erase=DELETED,
    path=("one_id", "other_id"),
    worked_out=Q(dismissed_at=None),
)
register_trace(ImportProblem, forget_imports)
register_trace(Brought, forget_brought)


def _forget_bulk_rows(person: Person) -> None:
    """What would undo a change of them, and what was searched for when many were chosen."""
    leads = Lead.objects.filter(customer__in=person.customers).values("pk")
    theirs = Q(change__page="customers", subject__in=person.customers)
    BulkRow.objects.filter(theirs | Q(change__page="leads", subject__in=leads)).delete()
    BulkChange.objects.filter(query__contains="q=", finished_at__isnull=False).update(query="")


register_trace(BulkRow, _forget_bulk_rows)


def _forget_name_words(person: Person) -> None:
    """Those whom others are called by too come back in the night."""
    NameWord.objects.filter(word__in={word for text in person.texts for word in spelt(text)}).delete()


register_trace(NameWord, _forget_name_words)
