"""What can be imported here; metrics adds its own."""

from customers.intake.companies import COMPANIES
from customers.intake.customers import CUSTOMERS
from customers.intake.factual import CONSENTS, EVENTS, ORDERS, REFUNDS, TOUCHES
from customers.intake.kinds import offer
from customers.intake.leads import LEADS
from customers.intake.order_lines import ORDER_LINES
from customers.intake.products import PRODUCTS
from customers.intake.rates import RATES
from customers.intake.tickets import TICKETS

for kind in (
    CUSTOMERS,
    COMPANIES,
    LEADS,
    PRODUCTS,
    ORDERS,
    ORDER_LINES,
    REFUNDS,
    EVENTS,
    TOUCHES,
    CONSENTS,
    RATES,
    TICKETS,
):
    offer(kind)
