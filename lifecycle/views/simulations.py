from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from clm.accounts.permissions import Capability, requires
from clm.accounts.views.signed_in import me
from clm.base import clock
from lifecycle.designing.checking import Faulty
from lifecycle.models import LifecycleModel, ModelVersion, Simulation, VersionStatus
from lifecycle.simulating.asking import CannotSimulate, simulate
from lifecycle.simulating.forms import SimulationForm
from lifecycle.simulating.rehearsing import Rehearsal, rehearse
from lifecycle.simulating.telling import Told


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_MODELS)
def draft_simulation(request: HttpRequest, slug: str) -> HttpResponse:
    """The form, and the simulation named by `?simulation=`, else the model's latest; for htmx the latter alone."""
    model = get_object_or_404(LifecycleModel, slug=slug)
    told = _told(request, model)
    form = SimulationForm(model, request.POST or None, shown=told.simulation if told else None)
    status, faulty = 200, list[Faulty]()
    if request.method == "POST":
        simulation = _simulate(request, form, faulty)
        if simulation:
            page = reverse("draft-simulation", args=[slug])
            return redirect(f"{page}?simulation={simulation.pk}#simulation")
        status = 422
    context = {"model": model, "form": form, "told": told, "faulty": faulty}
    template = "_simulation.html" if request.headers.get("HX-Request") else "simulation.html"
    return render(request, f"lifecycle/{template}", context, status=status)


def _simulate(request: HttpRequest, form: SimulationForm, faulty: list[Faulty]) -> Simulation | None:
    if not form.is_valid():
        return None
    try:
        return simulate(form.cleaned_data["version"], form.question(), by=me(request))
    except CannotSimulate as refusal:
        faulty += refusal.faulty
        for told in refusal.told():
            form.add_error(refusal.field, told)
        return None


def _told(request: HttpRequest, model: LifecycleModel) -> Told | None:
    named = request.GET.get("simulation", "")
    found = Simulation.objects.for_page().filter(version__model=model)
    if named.isascii() and named.isdigit() and len(named) < 19:
        return Told(get_object_or_404(found, pk=int(named)), me(request))
    latest = found.first()
    return Told(latest, me(request)) if latest else None


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_MODELS)
def draft_rehearsal(request: HttpRequest, slug: str) -> HttpResponse:
    """What publishing the draft would do, beside its buttons: the latest simulations. Posted with heirs, new ones.

    Asked with heirs, it says whether the simulations are for others than these. Where they can be had at once, what is
    read asks for them by a post of its own.
    """
    model = get_object_or_404(LifecycleModel, slug=slug)
    draft = get_object_or_404(model.versions.select_related("model"), status=VersionStatus.DRAFT)
    faulty = list[Faulty]()
    refusal = _rehearse(request, draft, faulty) if request.method == "POST" else ""
    if request.method == "POST" and not request.headers.get("HX-Request") and not refusal:
        return redirect("lifecycle-publication", slug=slug)
    heirs, now = heirs_in(request.POST if request.method == "POST" else request.GET), clock.now()
    rehearsal = Rehearsal.of(draft, heirs=heirs, as_of=now, seen_by=me(request))
    told = rehearsal.main
    context: dict[str, object] = {
        "model": model,
        "rehearsal": rehearsal,
        "told": told,
        "begins": request.method != "POST" and rehearsal.begins_by_itself,
        "refusal": refusal,
        "faulty": faulty,
    }
    if told:
        context |= {
            "is_stale": told.is_stale,
            "is_for_others": told.is_for_others(heirs),
            "is_old": told.is_old(now),
        }
    return render(request, "lifecycle/_rehearsal.html", context, status=422 if refusal else 200)


def _rehearse(request: HttpRequest, draft: ModelVersion, faulty: list[Faulty]) -> str:
    """Why it can't be simulated; empty when it was."""
    used = set(draft.stage_uses.values_list("stage__slug", flat=True))
    heirs = {old: heir for old, heir in heirs_in(request.POST).items() if heir in used}
    try:
        rehearse(draft, heirs=heirs, by=me(request))
    except CannotSimulate as refusal:
        faulty += refusal.faulty
        return str(refusal)
    return ""


def heirs_in(posted: QueryDict) -> dict[str, str]:
    """The stages chosen for the people of those that vanish, slug by slug."""
    return {
        name.removeprefix("heir-"): str(heir) for name, heir in posted.items() if name.startswith("heir-")
    }
