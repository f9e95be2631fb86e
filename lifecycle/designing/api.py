"""API: models made, drafts read and written as the same document that files hold, versions compared and published."""

from typing import Any, ClassVar

from django.db import IntegrityError, transaction
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from clm.accounts.api import caller
from clm.accounts.idempotency import AnswersOnce
from clm.accounts.permissions import Capability
from clm.base.rest.errors import Conflict, Stale
from clm.base.rest.serializers import StrictSerializer, TextField, WholeNumberField
from clm.base.rest.views import ApiView, required_version
from customers.api.condition_shapes import TreeField
from lifecycle.designing import file
from lifecycle.designing.blueprint import blueprint_of, for_model, keyed
from lifecycle.designing.chases import chases
from lifecycle.designing.checking import LONGEST_NAME, LONGEST_SLUG, BadBlueprint, Path
from lifecycle.designing.difference import difference
from lifecycle.designing.editing import DraftChanged, edit, fingerprint_of, in_work
from lifecycle.designing.forms import RESERVED
from lifecycle.designing.founding import begin
from lifecycle.designing.restoring import CannotRestore, restore
from lifecycle.designing.versions import Versions
from lifecycle.drafting import NoDraft, discard, publish_as_read
from lifecycle.models import LifecycleModel, ModelVersion
from lifecycle.publishing import CannotPublish

VERSION = OpenApiParameter(
    "version", OpenApiTypes.STR, description="Its number, or `draft`. Default: the one in force."
)


EXAMPLE = {
    "format": 1,
    "slug": "ours",
    "name": {"en": "Ours"},
    "description": {},
    "stages": [
        {"slug": "new", "name": {"en": "New"}, "kinds": ["aware"], "is_initial": True},
        {"slug": "buys", "name": {"en": "Buys"}, "kinds": ["active", "loyal"], "minimum_stay_days": 7},
    ],
    "rules": [
        {
            "stage": "buys",
            "name": {"en": "Still buys"},
            "condition": {"condition": "purchased_within", "parameters": {"days": 180}},
        }
    ],
    "components": [],
    "moves": [{"from": "buys", "to": "new", "source": "person", "policy": "with_reason"}],
}


class RuleInDocument(serializers.Serializer[Any]):
    stage = serializers.CharField()
    name = serializers.DictField(child=serializers.CharField(), required=False, help_text="By language.")
    condition = TreeField()


class ComponentInDocument(serializers.Serializer[Any]):
    slug = serializers.CharField()
    name = serializers.DictField(child=serializers.CharField(), help_text="By language.")
    condition = TreeField()


class Document(serializers.Serializer[Any]):
    """A version as a whole: the same as in a file."""

    format = serializers.IntegerField(help_text="1.")
    slug = serializers.CharField(help_text="The model's key.")
    name = serializers.DictField(child=serializers.CharField(), help_text="By language.")
    description = serializers.DictField(child=serializers.CharField(), required=False)
    stages = serializers.ListField(
        child=serializers.DictField(),
        help_text="In order: slug, name, kinds (the main one first), colour, icon, is_initial, minimum_stay_days.",
    )
    rules = RuleInDocument(many=True, required=False, help_text="The first that holds decides.")
    components = ComponentInDocument(many=True, required=False)
    moves = serializers.ListField(
        required=False, child=serializers.DictField(), help_text="Exceptions only: from, to, source, policy."
    )


class ChangeShape(serializers.Serializer[Any]):
    name = serializers.CharField()
    before = serializers.CharField(help_text="Empty for what is new.")
    after = serializers.CharField(help_text="Empty for what is gone.")


class ChangeList(serializers.Serializer[Any]):
    results = ChangeShape(many=True)
    warnings = serializers.ListField(
        child=serializers.CharField(), help_text="Of `after`: rules that may send customers back and forth."
    )


class NewModel(StrictSerializer):
    name = TextField(max_length=LONGEST_NAME)
    slug = TextField(max_length=LONGEST_SLUG, help_text="Never changes.")
    start = TextField(
        max_length=60,
        required=False,
        allow_blank=True,
        default="",
        help_text="`preset:swedish-six` or `model:<slug>` for a copy. Default: one empty stage.",
    )


class NewPublication(StrictSerializer):
    history = serializers.BooleanField(
        default=False, help_text="Work out all history again with it. A model's first version always does."
    )
    heirs = serializers.DictField(
        child=serializers.CharField(max_length=LONGEST_SLUG),
        required=False,
        help_text="For each stage that has vanished, the stage where its customers go when no rule claims them.",
    )


class EarlierVersion(StrictSerializer):
    version = WholeNumberField(min_value=1, help_text="Its number.")


class Published(serializers.Serializer[Any]):
    version = serializers.IntegerField()
    heirs = serializers.DictField(child=serializers.CharField())


def _model(slug: str) -> LifecycleModel:
    return get_object_or_404(LifecycleModel, slug=slug)


def _asked(request: Request, model: LifecycleModel, name: str) -> ModelVersion:
    version = Versions.of_model(model).named(request.query_params.get(name, ""))
    if version is None:
        raise ValidationError({name: [_("There is no such version.")]})
    return version


def _answer(version: ModelVersion, *, status: int = 200) -> Response:
    plan = blueprint_of(version)
    return Response(file.document(plan), status=status, headers={"ETag": f'"{fingerprint_of(plan)}"'})


def _field(path: Path) -> str:
    return ".".join(str(step) for step in path) or "non_field_errors"


def _invalid(error: BadBlueprint) -> ValidationError:
    first = {_field(fault.path): [fault.reason] for fault in reversed(error.faults)}
    return ValidationError(first)


def _cannot(refusal: CannotPublish) -> Conflict:
    """With `faults`, each by its place in the document, as a write of the draft tells them."""
    conflict = Conflict(str(refusal))
    faults = [{"attr": _field(one.path), "name": one.name, "detail": one.reason} for one in refusal.faulty]
    conflict.extra = {"faults": faults} if faults else {}
    return conflict


class FileView(ApiView):
    capability = Capability.VIEW_CUSTOMERS
    tag = "Lifecycle models"
    parameters: ClassVar = [VERSION]

    @extend_schema(
        operation_id="models_file", summary="A version as a whole, as files hold it", responses=Document
    )
    def get(self, request: Request, slug: str) -> Response:
        return _answer(_asked(request, _model(slug), "version"))


class DifferencesView(ApiView):
    capability = Capability.VIEW_CUSTOMERS
    tag = "Lifecycle models"
    parameters: ClassVar = [
        OpenApiParameter("before", OpenApiTypes.STR, description="A version's number. Default: in force."),
        OpenApiParameter("after", OpenApiTypes.STR, description="A number, or `draft`. Default: in force."),
    ]

    @extend_schema(
        operation_id="models_differences", summary="What differs between two versions", responses=ChangeList
    )
    def get(self, request: Request, slug: str) -> Response:
        model = _model(slug)
        before, after = _asked(request, model, "before"), _asked(request, model, "after")
        plan = blueprint_of(after)
        changes = difference(blueprint_of(before), plan)
        told = [{"name": one.name, "before": one.before, "after": one.after} for one in changes]
        return Response({"results": told, "warnings": chases(plan)})


class DraftView(AnswersOnce, ApiView):
    capability = Capability.EDIT_MODELS
    write_capability = Capability.EDIT_MODELS
    tag = "Lifecycle models"
    errors: ClassVar = {"put": (412, 428), "post": (409,)}

    @extend_schema(
        operation_id="models_draft_read",
        summary="The draft, or what is in force while there is none",
        description="The answer's ETag is the version to send as If-Match with a change.",
        responses=Document,
    )
    def get(self, request: Request, slug: str) -> Response:
        return _answer(in_work(_model(slug)))

    @extend_schema(
        operation_id="models_draft_write",
        summary="Make the draft say this as a whole",
        description="Opens a draft when there is none; nothing changes for customers until it is published. A `slug` of"
        " another model is taken for this one's. A rule that can't be asked any more (its team was deleted, say) and stays as it"
        " is stands in nobody's way; publishing and simulating refuse it.",
        request=Document,
        responses=Document,
        examples=[OpenApiExample("two stages", EXAMPLE, request_only=True)],
    )
    def put(self, request: Request, slug: str) -> Response:
        model, read = _model(slug), required_version(request)
        try:
            plan = for_model(file.plan_of(request.data), model)
            edit(model, lambda before: keyed(plan, before), read=read, by=caller(request))
        except BadBlueprint as error:
            raise _invalid(error) from error
        except DraftChanged as error:
            raise Stale(file.document(blueprint_of(in_work(model)))) from error
        return _answer(in_work(model))

    @extend_schema(
        operation_id="models_draft_open",
        summary="Open a draft that says what an earlier version said",
        description="So one goes back to it, and a retired model comes back as it was. Nothing changes for customers until"
        " the draft is published. 409 while there is a draft, and for the version in force.",
        request=EarlierVersion,
        responses={201: OpenApiResponse(Document, "The draft, its ETag the version to publish")},
        examples=[OpenApiExample("the second", {"version": 2}, request_only=True)],
    )
    def post(self, request: Request, slug: str) -> Response:
        model = _model(slug)
        body = EarlierVersion(data=request.data)
        body.is_valid(raise_exception=True)
        version = model.versions.filter(number=body.validated_data["version"]).first()
        if version is None:
            raise ValidationError({"version": [_("There is no such version.")]})
        try:
            draft = restore(version, by=caller(request))
        except CannotRestore as refusal:
            raise Conflict(str(refusal)) from refusal
        return _answer(draft, status=201)

    @extend_schema(operation_id="models_draft_discard", summary="Throw the draft away", responses={204: None})
    def delete(self, request: Request, slug: str) -> Response:
        if not discard(_model(slug), by=caller(request)):
            raise NotFound
        return Response(status=204)


class PublicationsView(AnswersOnce, ApiView):
    capability = Capability.EDIT_MODELS
    write_capability = Capability.EDIT_MODELS
    tag = "Lifecycle models"
    errors: ClassVar = {"post": (409, 412, 428)}

    @extend_schema(
        operation_id="models_publish",
        summary="Publish the draft",
        description="Send the draft's ETag as If-Match, so that just what you read is published. 409 with the reason when"
        " there is no draft, when it can't govern, or when a vanished stage has no heir; `faults` then has each rule and"
        " component that can't be asked (`attr` is its place in the draft, `name`, `detail`).",
        request=NewPublication,
        responses={201: OpenApiResponse(Published, "In force")},
        examples=[OpenApiExample("publish", {"heirs": {"churned": "discovery"}}, request_only=True)],
    )
    def post(self, request: Request, slug: str) -> Response:
        model, read = _model(slug), required_version(request)
        body = NewPublication(data=request.data)
        body.is_valid(raise_exception=True)
        wanted = body.validated_data
        try:
            draft = publish_as_read(
                model,
                read=read,
                by=caller(request),
                replay=wanted["history"],
                heirs=wanted.get("heirs", {}),
            )
        except NoDraft as refusal:
            raise Conflict(str(refusal)) from refusal
        except CannotPublish as refusal:
            raise _cannot(refusal) from refusal
        except DraftChanged as error:
            raise Stale(file.document(blueprint_of(in_work(model)))) from error
        version = ModelVersion.objects.get(pk=draft.pk)
        return Response({"version": version.number, "heirs": version.heirs}, status=201)


def make_model(request: Request) -> LifecycleModel:
    """A new model with a draft, as the caller asks for it."""
    body = NewModel(data=request.data)
    body.is_valid(raise_exception=True)
    wanted = body.validated_data
    slug, taken = wanted["slug"], _("There is a model with this key already. Choose another.")
    if slug in RESERVED or LifecycleModel.objects.filter(slug=slug).exists():
        raise ValidationError({"slug": [taken]})
    try:
        with transaction.atomic():
            return begin(slug, wanted["start"], by=caller(request), labels={"en": wanted["name"]}).model
    except BadBlueprint as error:
        raise _invalid(error) from error
    except IntegrityError as error:  # somebody took the key just now
        raise ValidationError({"slug": [taken]}) from error


urlpatterns = [
    path("lifecycle-models/<slug:slug>/file/", FileView.as_view(), name="api-lifecycle-file"),
    path("lifecycle-models/<slug:slug>/draft/", DraftView.as_view(), name="api-lifecycle-draft"),
    path(
        "lifecycle-models/<slug:slug>/differences/",
        DifferencesView.as_view(),
        name="api-lifecycle-differences",
    ),
    path(
        "lifecycle-models/<slug:slug>/publications/",
        PublicationsView.as_view(),
        name="api-lifecycle-publications",
    ),
]
