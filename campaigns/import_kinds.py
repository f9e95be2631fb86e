"""What can be imported of this app."""

from campaigns.surveys.intake import RESPONSES
from customers.intake.kinds import offer

offer(RESPONSES)
