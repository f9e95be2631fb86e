"""What customers asked for, how it was handled, and how soon it is to be."""

from customers.models.tickets.state import TicketState, TicketStep
from customers.models.tickets.target import TicketTarget
from customers.models.tickets.ticket import Ticket
from customers.models.tickets.words import Priority, TicketStatus, TicketType

__all__ = [
    "Priority",
    "Ticket",
    "TicketState",
    "TicketStatus",
    "TicketStep",
    "TicketTarget",
    "TicketType",
]
