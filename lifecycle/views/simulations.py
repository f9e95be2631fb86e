from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from clm.accounts.permissions import Capability, requires
from clm.accounts.views.signed_in import me
from lifecycle.models import LifecycleModel, Simulation
from lifecycle.simulating.asking import CannotSimulate, simulate
from lifecycle.simulating.forms import SimulationForm
from lifecycle.simulating.telling import Told


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_MODELS)
def draft_simulation(request: HttpRequest, slug: str) -> HttpResponse:
    """The form, and the simulation named by `?simulation=`, else the model's latest; for htmx the latter alone."""
    model = get_object_or_404(LifecycleModel, slug=slug)
    told = _told(request, model)
    form = SimulationForm(model, request.POST or None, shown=told.simulation if told else None)
    status = 200
    if request.method == "POST":
        simulation = _simulate(request, form)
        if simulation:
            page = reverse("draft-simulation", args=[slug])
            return redirect(f"{page}?simulation={simulation.pk}#simulation")
        status = 422
    context = {"model": model, "form": form, "told": told}
    template = "_simulation.html" if request.headers.get("HX-Request") else "simulation.html"
    return render(request, f"lifecycle/{template}", context, status=status)


def _simulate(request: HttpRequest, form: SimulationForm) -> Simulation | None:
    if not form.is_valid():
        return None
    try:
        return simulate(form.cleaned_data["version"], form.question(), by=me(request))
    except CannotSimulate as refusal:
        form.add_error(refusal.field, str(refusal))
        return None


def _told(request: HttpRequest, model: LifecycleModel) -> Told | None:
    named = request.GET.get("simulation", "")
    found = Simulation.objects.for_page().filter(version__model=model)
    if named.isascii() and named.isdigit() and len(named) < 19:
        return Told(get_object_or_404(found, pk=int(named)), me(request))
    latest = found.first()
    return Told(latest, me(request)) if latest else None
