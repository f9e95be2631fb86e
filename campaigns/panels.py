"""What this app shows on the customer's page."""

from campaigns.surveys import panels  # registers itself

__all__ = ["panels"]
