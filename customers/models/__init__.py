from customers.models.arrival import Arrival
from customers.models.brought import Brought, ExternalKey, Thing
from customers.models.channel import Channel, Touch
from customers.models.company import Company
from customers.models.consent import Consent
from customers.models.custom_field import CustomField
from customers.models.customer import Customer, CustomerQuerySet
from customers.models.event import Event
from customers.models.facts import CustomerFact, ImportedRow
from customers.models.ideal_profile import IdealProfile
from customers.models.identity import Identity
from customers.models.import_mapping import ImportMapping
from customers.models.import_run import Import, ImportProblem
from customers.models.interaction import Interaction
from customers.models.lead import Lead
from customers.models.lead_pipeline import LeadPipeline, PipelineStep
from customers.models.lead_rule import LeadAssignmentRule
from customers.models.lead_state import LeadState, LeadStep
from customers.models.lead_status import LeadStatus
from customers.models.likeness import Twins
from customers.models.merge import CustomerMerge, MergedRow
from customers.models.name_word import NameWord
from customers.models.order import Order, OrderLine
from customers.models.person_export import PersonExport
from customers.models.product import Product
from customers.models.profile_change import ProfileChange
from customers.models.purchase_summary import PurchaseSummary
from customers.models.refund import Refund
from customers.models.score import Score, ScoreCheck, Scoring
from customers.models.segment import Segment, SegmentCheck, SegmentDue, SegmentMember
from customers.models.task import Task
from customers.models.threshold import Threshold, ThresholdCrossing
from customers.models.tickets import (
    Priority,
    Ticket,
    TicketState,
    TicketStatus,
    TicketStep,
    TicketTarget,
    TicketType,
)

__all__ = [
    "Arrival",
    "Brought",
    "Channel",
    "Company",
    "Consent",
    "CustomField",
    "Customer",
    "CustomerFact",
    "CustomerMerge",
    "CustomerQuerySet",
    "Event",
    "ExternalKey",
    "IdealProfile",
    "Identity",
    "Import",
    "ImportMapping",
    "ImportProblem",
    "ImportedRow",
    "Interaction",
    "Lead",
    "LeadAssignmentRule",
    "LeadPipeline",
    "LeadState",
    "LeadStatus",
    "LeadStep",
    "MergedRow",
    "NameWord",
    "Order",
    "OrderLine",
    "PersonExport",
    "PipelineStep",
    "Priority",
    "Product",
    "ProfileChange",
    "PurchaseSummary",
    "Refund",
    "Score",
    "ScoreCheck",
    "Scoring",
    "Segment",
    "SegmentCheck",
    "SegmentDue",
    "SegmentMember",
    "Task",
    "Thing",
    "Threshold",
    "ThresholdCrossing",
    "Ticket",
    "TicketState",
    "TicketStatus",
    "TicketStep",
    "TicketTarget",
    "TicketType",
    "Touch",
    "Twins",
]
