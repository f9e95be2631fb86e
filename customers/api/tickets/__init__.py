"""API: tickets, listed, opened, changed; each step is a resource below the ticket, by the same verbs as the pages."""

from customers.api.tickets.views import urlpatterns

__all__ = ["urlpatterns"]
