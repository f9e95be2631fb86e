"""What customers can be tested for with the facts of this app."""

from customers.conditions.buckets import RandomBucket
from customers.conditions.consents import GaveConsent
from customers.conditions.events import DidEvent
from customers.conditions.first_seen import FirstSeen
from customers.conditions.leads import HasLead, HasOpenLead, LeadQualified
from customers.conditions.profile import FieldIs
from customers.conditions.purchases import (
    BoughtProduct,
    Lapsed,
    Ordered,
    PurchaseDays,
    PurchasedWithin,
    Spent,
)
from customers.conditions.score import HasScore
from customers.conditions.segments import InSegment
from customers.conditions.tickets import HasTicket

__all__ = [
    "BoughtProduct",
    "DidEvent",
    "FieldIs",
    "FirstSeen",
    "GaveConsent",
    "HasLead",
    "HasOpenLead",
    "HasScore",
    "HasTicket",
    "InSegment",
    "Lapsed",
    "LeadQualified",
    "Ordered",
    "PurchaseDays",
    "PurchasedWithin",
    "RandomBucket",
    "Spent",
]
