"""API: templates and their texts, by the same verbs as the editor."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns import texts
from campaigns.api import shapes
from campaigns.models import Template
from clm.accounts.api import caller
from clm.accounts.idempotency import AnswersOnce
from clm.accounts.permissions import Capability
from clm.base.rest.errors import Conflict, Stale
from clm.base.rest.views import ApiView, ListView, required_version

BLOCKS = [
    {"kind": "heading", "text": "Welcome"},
    {"kind": "text", "text": 'Dear {{ customer.first_name | default: "friend" }}, **good** to have you.'},
    {"kind": "button", "label": "To the shop", "url": "https://shop.example/"},
]


class TemplatesView(AnswersOnce, ListView):
    capability = Capability.VIEW_CAMPAIGNS
    write_capability = Capability.EDIT_CAMPAIGNS
    tag = "Templates"
    serializer_class = shapes.TemplateShape
    queryset = Template.objects.none()
    columns = shapes.same_names(shapes.TemplateShape)
    orderings: ClassVar = {"id": "id", "changed_at": "changed_at"}

    @extend_schema(
        operation_id="templates_list", summary="Templates", responses=shapes.TemplateShape(many=True)
    )
    def get(self, request: Request) -> Response:
        return self.answer()

    @extend_schema(
        operation_id="templates_create",
        summary="Make a template",
        description="It begins with an empty text in the organisation's first language.",
        request=shapes.NewTemplate,
        responses={201: shapes.TemplateDetail},
        examples=[OpenApiExample("new", {"name": "Welcome", "message_class": "value"}, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        body = shapes.NewTemplate(data=request.data)
        body.is_valid(raise_exception=True)
        made = texts.establish(**body.validated_data, by=caller(request))
        return Response(shapes.template_told(made), status=201)

    def rows_for(self, request: Request) -> QuerySet[Any, Any]:
        return Template.objects.usable()


class TemplateView(ApiView):
    capability = Capability.VIEW_CAMPAIGNS
    tag = "Templates"

    @extend_schema(
        operation_id="templates_read",
        summary="One template with its texts",
        responses=shapes.TemplateDetail,
    )
    def get(self, request: Request, pk: int) -> Response:
        return Response(shapes.template_told(get_object_or_404(Template.objects.usable(), pk=pk)))


class TemplateTextView(ApiView):
    capability = Capability.VIEW_CAMPAIGNS
    write_capability = Capability.EDIT_CAMPAIGNS
    tag = "Templates"
    errors: ClassVar = {"put": (412, 428), "delete": (409,)}

    @extend_schema(
        operation_id="templates_text_read", summary="The text in one language", responses=shapes.TextShape
    )
    def get(self, request: Request, pk: int, language: str) -> Response:
        text = get_object_or_404(_template(pk).texts, language=language)
        return Response(shapes.text_told(text), headers={"ETag": f'"{texts.fingerprint(text)}"'})

    @extend_schema(
        operation_id="templates_text_write",
        summary="Write the text in one language",
        description="Send as If-Match the version you read, or an asterisk for whatever is there, or nothing yet.",
        request=shapes.NewText,
        responses=shapes.TextShape,
        examples=[OpenApiExample("text", {"subject": "Welcome", "blocks": BLOCKS}, request_only=True)],
    )
    def put(self, request: Request, pk: int, language: str) -> Response:
        template, version = _template(pk), required_version(request)
        body = shapes.NewText(data=request.data)
        body.is_valid(raise_exception=True)
        read = None if version == "*" else version
        try:
            text = texts.write(template, language, **body.validated_data, by=caller(request), read=read)
        except texts.UnusableText as refusal:
            raise ValidationError(_by_place(refusal)) from refusal
        except texts.TextChanged as refusal:
            raise Stale(shapes.text_told(template.texts.get(language=language))) from refusal
        return Response(shapes.text_told(text))

    @extend_schema(
        operation_id="templates_text_delete",
        summary="Remove a language",
        description="409 for the only one.",
        responses={204: None},
    )
    def delete(self, request: Request, pk: int, language: str) -> Response:
        template = _template(pk)
        if not template.texts.filter(language=language).exists():
            raise Http404
        if not texts.remove_language(template, language, by=caller(request)):
            raise Conflict(_("A template needs at least one language."))
        return Response(status=204)


def _template(pk: int) -> Template:
    return get_object_or_404(Template.objects.usable(), pk=pk)


def _by_place(refusal: texts.UnusableText) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for problem in refusal.problems:
        found.setdefault(problem.where, []).append(problem.sentence)
    return found


urlpatterns = [
    path("templates/", TemplatesView.as_view(), name="api-templates"),
    path("templates/<int:pk>/", TemplateView.as_view(), name="api-template"),
    path("templates/<int:pk>/texts/<slug:language>/", TemplateTextView.as_view(), name="api-template-text"),
]
