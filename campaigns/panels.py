"""What this app shows on the customer's page."""

from campaigns import customer_page  # registers itself
from campaigns.surveys import panels  # registers itself

__all__ = ["customer_page", "panels"]
