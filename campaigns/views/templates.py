"""Templates: the list, the editor with its blocks, copying and putting away."""

from collections.abc import Callable

from django.contrib import messages
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns import texts
from campaigns.forms import TemplateForm
from campaigns.models import Template, TemplateText
from campaigns.rendering import FIELDS, KINDS, sample_values, subject_of
from campaigns.taking_out import template_lines
from campaigns.text_form import TextForm, arranged, posted_blocks
from campaigns.views.framing import shows_frames
from campaigns.views.posting import posted
from clm.accounts.models import Organisation
from clm.accounts.permissions import Capability, may, requires
from clm.accounts.views.exports import also_as_file
from clm.accounts.views.signed_in import me
from clm.base import clock, keyset


@require_safe
@requires(Capability.VIEW_CAMPAIGNS)
@also_as_file("templates", lambda _request: template_lines(_usable(), _reader()))
def templates(request: HttpRequest) -> HttpResponse:
    page = keyset.page(_usable(), sort="-changed_at", cursor=request.GET.get("after", ""))
    read = _reader()
    lines = [(template, read(template)) for template in page.rows]
    context = {"page": page, "lines": lines, "may_edit": _may_edit(request)}
    return render(request, "campaigns/templates.html", context)


def _usable() -> QuerySet[Template]:
    texts = TemplateText.objects.defer("blocks").order_by("language")
    return Template.objects.usable().prefetch_related(Prefetch("texts", texts))


def _reader() -> Callable[[Template], str]:
    """Reads a template's subject: in the reader's language where there is one, as somebody would get it."""
    organisation = Organisation.objects.current()
    values = sample_values(organisation=organisation, today=clock.now().astimezone(organisation.tz).date())

    def subject(template: Template) -> str:
        there = {text.language: text for text in template.texts.all() if text.subject}
        text = there.get(get_language() or "") or next(iter(there.values()), None)
        return subject_of(text, values, currency=organisation.currency) if text else ""

    return subject


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_CAMPAIGNS)
def template_new(request: HttpRequest) -> HttpResponse:
    form = TemplateForm(posted(request))
    if request.method == "POST" and form.is_valid():
        made = texts.establish(**form.cleaned_data, by=me(request))
        return redirect("template", pk=made.pk)
    return render(
        request, "campaigns/template_new.html", {"form": form}, status=422 if form.is_bound else 200
    )


@shows_frames
@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_CAMPAIGNS)
def template(request: HttpRequest, pk: int) -> HttpResponse:
    """The editor of one language. `do` in the form adds, moves or deletes a block without saving."""
    found = get_object_or_404(Template.objects.usable(), pk=pk)
    text = _text(found, request.GET.get("language", ""))
    wish = request.POST.get("do", "")
    if request.method != "POST":
        return _editor(request, found, text, _form_of(text))
    blocks = posted_blocks(request.POST)
    if wish and wish != "save":
        initial = {name: request.POST.get(name, "") for name in ("read", "subject", "preheader")}
        form = TextForm(initial=initial, blocks=arranged(blocks, wish))
        return _editor(request, found, text, form, is_changed=True, wish=wish)
    form = TextForm(request.POST, blocks=blocks)
    return _saved(request, found, text, form)


def _saved(request: HttpRequest, found: Template, text: TemplateText, form: TextForm) -> HttpResponse:
    form.full_clean()
    status = 422
    if form.is_valid():
        try:
            texts.write(
                found,
                text.language,
                subject=form.cleaned_data["subject"],
                preheader=form.cleaned_data["preheader"],
                blocks=form.blocks,
                read=form.cleaned_data["read"],
                by=me(request),
            )
        except texts.UnusableText as refusal:
            form.mark(refusal.problems)
        except texts.TextChanged as refusal:
            form.add_error(None, str(refusal))
            status = 409
        else:
            messages.success(request, _("Saved."))
            return redirect(_address(found, text.language))
    return _editor(request, found, text, form, status=status, is_changed=True)


def _editor(
    request: HttpRequest,
    found: Template,
    text: TemplateText,
    form: TextForm,
    *,
    status: int = 200,
    is_changed: bool = False,
    wish: str = "",
) -> HttpResponse:
    verb, _colon, what = wish.partition(":")
    moved = {"up": -1, "down": 1}.get(verb)
    is_place = what.isdecimal() and len(what) < 5
    touched = len(form.blocks) - 1 if verb == "add" else int(what) + moved if moved and is_place else -1
    context = {
        "template": found,
        "text": text,
        "form": form,
        "kinds": KINDS.values(),
        "fields": FIELDS.values(),
        "languages": _languages(found, text.language),
        "is_changed": is_changed,
        "touched": touched,
    }
    name = "campaigns/_editor.html" if request.headers.get("HX-Request") else "campaigns/template.html"
    return render(request, name, context, status=status)


def _form_of(text: TemplateText) -> TextForm:
    initial = {"subject": text.subject, "preheader": text.preheader, "read": texts.fingerprint(text)}
    return TextForm(initial=initial, blocks=text.blocks)


def _text(found: Template, language: str) -> TemplateText:
    """The asked language's, else the first; 404 for a language that it does not have."""
    there = found.texts.order_by("pk")
    text = next((each for each in there if language in ("", each.language)), None)
    if text is None:
        raise Http404
    return text


def _languages(found: Template, current: str) -> dict[str, object]:
    names = dict(TemplateText._meta.get_field("language").flatchoices)
    there = list(found.texts.order_by("pk").values_list("language", flat=True))
    return {
        "there": [(code, names.get(code, code), code == current) for code in there],
        "missing": [(code, name) for code, name in names.items() if code not in there],
    }


def _address(found: Template, language: str) -> str:
    return f"{reverse('template', args=[found.pk])}?language={language}"


def _may_edit(request: HttpRequest) -> bool:
    return may(me(request), Capability.EDIT_CAMPAIGNS)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_CAMPAIGNS)
def template_naming(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Template.objects.usable(), pk=pk)
    form = TemplateForm(posted(request), instance=found)
    if request.method == "POST" and form.is_valid():
        before = Template.objects.get(pk=pk)
        texts.rename(before, **form.cleaned_data, by=me(request))
        return redirect("template", pk=pk)
    context = {"form": form, "template": Template.objects.get(pk=pk)}
    return render(request, "campaigns/template_naming.html", context, status=422 if form.is_bound else 200)


@require_POST
@requires(Capability.EDIT_CAMPAIGNS)
def template_language(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a language, or with `remove` take it away."""
    found = get_object_or_404(Template.objects.usable(), pk=pk)
    language = request.POST.get("language", "")
    if language not in texts.LANGUAGES:
        raise Http404
    if "remove" in request.POST:
        if not texts.remove_language(found, language, by=me(request)):
            messages.error(request, _("A template needs at least one language."))
        return redirect("template", pk=pk)
    texts.add_language(found, language, by=me(request))
    return redirect(_address(found, language))


@require_POST
@requires(Capability.EDIT_CAMPAIGNS)
def template_copy(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Template.objects.usable(), pk=pk)
    return redirect("template", pk=texts.copy(found, by=me(request)).pk)


@require_POST
@requires(Capability.EDIT_CAMPAIGNS)
def template_archiving(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Template.objects.usable(), pk=pk)
    try:
        texts.archive(found, by=me(request))
    except texts.InUse as refusal:
        messages.error(request, str(refusal))
        return redirect("template", pk=pk)
    messages.success(request, _("“%(name)s” is put away.") % {"name": found})
    return redirect("templates")
