"""The public answer page: reached by a signed link, without signing in, in the customer's language.

Looking changes nothing, since mail programs and their guards open links by themselves. What is saved is said to be
saved only after the database has it.
"""

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_not_required
from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from campaigns.models import Invitation, Response, Survey
from campaigns.models.response import HIGHEST
from campaigns.surveys.answering import LinkClosed, NotAnswered, answer, answer_to, explain
from campaigns.surveys.forms import CommentForm, ScoreForm
from campaigns.surveys.links import UnknownLink, opened
from campaigns.surveys.wording import USUAL, known_language
from clm.accounts.models import Organisation
from clm.base import clock
from clm.base.limits import Limit, sender

BY_LINK, BY_SENDER = Limit("answer-link", 10), Limit("answer-sender", 60)
View = Callable[[HttpRequest, str], HttpResponse]


def public(view: View) -> View:
    """Never kept in a cache, never told to the next site; without the database it says that nothing was saved."""

    @wraps(view)
    def guarded(request: HttpRequest, token: str) -> HttpResponse:
        try:
            response = view(request, token)
        except DatabaseError:
            response = _away(request)
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cache-Control"] = "private, no-store"
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    return guarded


# The signed link is what lets one in, not a cookie; so a page that cookies don't reach can be answered too.
@csrf_exempt
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@public
def survey_answer(request: HttpRequest, token: str) -> HttpResponse:
    try:
        found = opened(token)
    except UnknownLink:
        return _closed(request, 404, is_over=False)
    if not isinstance(found, Invitation):
        survey, language = found
        return _Page(request, survey, language).preview()
    page = _AnswerPage(request, found)
    with translation.override(page.language):
        if clock.now() >= found.open_until:
            return _closed(request, 410, is_over=True)
        if request.method != "POST":
            return page.show()
        if BY_LINK.is_over(str(found.pk)) or BY_SENDER.is_over(sender(request)):
            return _sentence(
                request,
                429,
                _("That was too quick"),
                _("Nothing was saved. Wait a minute and send it again."),
            )
        return page.save()


class _Page:
    """The survey in one language."""

    def __init__(self, request: HttpRequest, survey: Survey, language: str) -> None:
        asked = known_language(request.POST.get("language") or request.GET.get("language", ""))
        self.request, self.survey = request, survey
        self.language = asked or known_language(language) or _language_of(request)

    def preview(self) -> HttpResponse:
        """Shows everything and takes nothing."""
        with translation.override(self.language):
            return self.render("question", {"chosen": self.score, "is_preview": True})

    @property
    def score(self) -> int | None:
        """The number that was clicked in the message."""
        said = self.request.GET.get("score", "")
        is_one = said.isascii() and said.isdecimal() and len(said) <= 2
        return int(said) if is_one and int(said) <= HIGHEST else None

    def render(self, name: str, context: dict[str, object], status: int = 200) -> HttpResponse:
        frame = {
            "words": self.survey.wording(self.language),
            "company": Organisation.objects.current().name,
            "scores": range(HIGHEST + 1),
            "address": self.request.path,
            "languages": [(code, _OWN_NAMES[code]) for code in USUAL],
        }
        return render(self.request, f"campaigns/survey/{name}.html", frame | context, status=status)


class _AnswerPage(_Page):
    """What a customer's own link shows and takes."""

    def __init__(self, request: HttpRequest, invitation: Invitation) -> None:
        super().__init__(request, invitation.survey, invitation.whom().language)
        self.invitation = invitation

    def show(self, form: ScoreForm | None = None, *, status: int = 200) -> HttpResponse:
        """The question; or what became of the answer, unless another one is about to be given."""
        given = answer_to(self.invitation)
        is_asked = form is not None or "change" in self.request.GET
        if given and not is_asked and self.score in (None, given.score):
            return self._answered(given)
        chosen = self.score if self.score is not None else given and given.score
        return self.render("question", {"form": form, "chosen": chosen, "given": given}, status)

    def save(self) -> HttpResponse:
        try:
            return self._save_comment() if "text" in self.request.POST else self._save_score()
        except LinkClosed:
            return _closed(self.request, 410, is_over=True)
        except NotAnswered:
            return self.show(status=409)

    def _save_score(self) -> HttpResponse:
        form = ScoreForm(self.request.POST)
        if not form.is_valid():
            return self.show(form, status=422)
        return self._answered(
            answer(self.invitation, score=form.cleaned_data["score"], language=self.language)
        )

    def _save_comment(self) -> HttpResponse:
        form = CommentForm(self.request.POST)
        given = answer_to(self.invitation)
        if not form.is_valid() and given:
            return self.render("answered", {"given": given, "form": form}, 422)
        given = explain(self.invitation, text=form.cleaned_data.get("text", ""))
        return self._answered(given, has_said=True)

    def _answered(self, given: Response, *, has_said: bool = False) -> HttpResponse:
        form = CommentForm(initial={"text": given.text})
        return self.render("answered", {"given": given, "form": form, "has_said": has_said})


_OWN_NAMES = {"en": "English", "da": "Dansk", "sv": "Svenska", "nl": "Nederlands", "de": "Deutsch"}


def _language_of(request: HttpRequest) -> str:
    """Of a customer whose language nobody knows: what their browser asks for, else the company's first."""
    if request.headers.get("Accept-Language"):
        return known_language(translation.get_language_from_request(request))
    return next(filter(None, map(known_language, Organisation.objects.current().languages)), "en")


def _closed(request: HttpRequest, status: int, *, is_over: bool) -> HttpResponse:
    if is_over:
        title = _("This survey is closed")
        sentence = _("The link was open for 90 days. Thank you for wanting to tell us what you think.")
    else:
        title = _("This link does not work")
        sentence = _(
            "It may have been cut off on its way. Open it from the message again, or copy the whole address."
        )
    return _sentence(request, status, title, sentence)


def _away(request: HttpRequest) -> HttpResponse:
    """Nothing here may ask the database, also not for the language."""
    if request.method == "POST":
        title, sentence = _("Not saved"), _("Your answer could not be saved. Try again in a minute.")
    else:
        title, sentence = (
            _("Back in a moment"),
            _("The page can't be shown right now. Try again in a minute."),
        )
    response = _sentence(request, 503, title, sentence)
    response.headers["Retry-After"] = "30"
    return response


def _sentence(request: HttpRequest, status: int, title: str, sentence: str) -> HttpResponse:
    context = {"title": title, "sentence": sentence, "again": request.path if status in (429, 503) else ""}
    return HttpResponse(render_to_string("campaigns/survey/sentence.html", context), status=status)
