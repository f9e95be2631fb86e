"""What can be imported here; metrics adds its own."""

from customers.intake.customers import CUSTOMERS
from customers.intake.factual import CONSENTS, EVENTS, ORDERS, REFUNDS, TOUCHES
from customers.intake.kinds import offer
from customers.intake.order_lines import ORDER_LINES
from customers.intake.rates import RATES

for kind in (CUSTOMERS, ORDERS, ORDER_LINES, REFUNDS, EVENTS, TOUCHES, CONSENTS, RATES):
    offer(kind)
