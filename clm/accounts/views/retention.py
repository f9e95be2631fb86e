from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clm.accounts.keeping.forms import RetentionForm
from clm.accounts.keeping.lengths import COUNTED_UP_TO, Going, going, keep_for, lengths
from clm.accounts.keeping.purging import JOB_KIND
from clm.accounts.models import Job, Organisation
from clm.accounts.permissions import Capability, requires
from clm.accounts.stale import Stale
from clm.accounts.views.signed_in import me
from clm.base.kept import Kept, all_kept


@dataclass(frozen=True)
class Line:
    kept: Kept
    field: BoundField
    is_for_ever: bool
    going: Going | None


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.ADMINISTER)
def retention(request: HttpRequest) -> HttpResponse:
    """GET with numbers in the address counts what would go with them, and changes nothing."""
    given = request.POST if request.method == "POST" else request.GET or None
    form = RetentionForm(given, Organisation.objects.current())
    if request.method == "POST" and form.is_valid():
        try:
            years = form.cleaned_data["bookkeeping_years"]
            keep_for(form.wanted(), bookkeeping_years=years, by=me(request), read=form.read())
        except ValidationError as refusal:
            form.take(refusal)
        except Stale:
            text = _("Somebody changed this after you opened the page. This is how it is now; choose anew.")
            messages.warning(request, text)
            return redirect("retention")
        else:
            messages.success(request, _("Saved. It holds from the next night on."))
            return redirect("retention")
    return _shown(request, form)


def _shown(request: HttpRequest, form: RetentionForm) -> HttpResponse:
    is_wrong = form.is_bound and not form.is_valid()
    is_tried = form.is_bound and not is_wrong
    chosen = form.wanted() if is_tried else lengths(Organisation.objects.current())
    found = going(chosen) if is_tried else {}
    context = {
        "form": form,
        "lines": [
            Line(kept, form[kept.name], chosen[kept.name] is None, (found or {}).get(kept.name))
            for kept in all_kept()
        ],
        "is_tried": is_tried,
        "is_slow": found is None,
        "most": COUNTED_UP_TO,
        "last": Job.objects.filter(kind=JOB_KIND).order_by("-pk").first(),
    }
    return render(request, "accounts/retention.html", context, status=422 if is_wrong else 200)
