"""What the customer's page shows of stages: badges beside the name, and the Stage panel."""

from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.utils.timezone import get_current_timezone_name

from clm.accounts.permissions import Capability, may
from clm.accounts.views.signed_in import me
from clm.base.panels import Panel, register
from customers.models import Company, Customer, Lead
from lifecycle import timeline as _timeline  # noqa: F401  # registers stage moves on the timeline
from lifecycle.clocks import ClocksForm
from lifecycle.company_stage import standing_of
from lifecycle.journey import current_periods, stage_panel, told_of
from lifecycle.parking import parked_of


def badges(request: HttpRequest, customer: Customer) -> dict[str, Any] | None:
    periods = current_periods(customer)
    return {"periods": periods, "names_model": len(periods) > 1} if periods else None


def parked(request: HttpRequest, customer: Customer) -> dict[str, Any] | None:
    """Costs no query while nobody is parked: the periods tell."""
    found = parked_of(told_of(customer).parked.values())
    if not found:
        return None
    user = me(request)
    may_release = may(user, Capability.EDIT_CUSTOMERS) and not customer.merged_into_id
    stays = {period.model_id: period for period in current_periods(customer)}
    return {
        "customer": customer,
        "parked": [(each, stays.get(each.parking.model_id)) for each in found],
        "may_release": may_release,
        "may_edit": may(user, Capability.EDIT_MODELS),
    }


def panel(request: HttpRequest, customer: Customer) -> dict[str, Any] | None:
    """Of the model named by `?model=`, else the primary one; as of `?as_of=`, else now; as known on `?known_at=`."""
    form = ClocksForm(request.GET)
    facts = stage_panel(
        customer,
        model=request.GET.get("model", ""),
        as_of=form.instant() if form.day() or form.known_day() else None,
        known_at=form.known(),
        zone=ZoneInfo(get_current_timezone_name()),
    )
    if facts is None:
        return None
    return {
        "panel": facts,
        "form": form,
        "day": form.day(),
        "known_day": form.known_day(),
        "may_move": may(me(request), Capability.EDIT_CUSTOMERS),
    }


def stage_of_company(request: HttpRequest, company: Company) -> dict[str, Any] | None:
    found = standing_of(company, me(request))
    return {"company": company, "standing": found} if found else None


register("company", Panel("stage", "lifecycle/company/_stage.html", stage_of_company, order=10))
register("customer", Panel("stage-badges", "lifecycle/_badges.html", badges, place="header", order=10))
register("customer", Panel("parked", "lifecycle/_parked.html", parked, place="top", order=5))
register("customer", Panel("stage", "lifecycle/_panel.html", panel, place="main", order=10))


def playbook(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    """Asked for once the page is there."""
    return {"customer": customer.pk}


def playbook_of_lead(request: HttpRequest, lead: Lead) -> dict[str, Any]:
    return {"customer": lead.customer_id}


register("customer", Panel("playbook", "lifecycle/journey/_late.html", playbook, place="side", order=5))
register("lead", Panel("playbook", "lifecycle/journey/_late.html", playbook_of_lead, place="side", order=5))
