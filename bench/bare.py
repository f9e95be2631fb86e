"""What the framework alone would do: the ceiling that the product's pages and endpoints are held against.

Addresses of a bare application over the same table, used by `bench.customers` in place of the product's.
"""

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path
from rest_framework import serializers
from rest_framework.authentication import SessionAuthentication
from rest_framework.generics import CreateAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clm.base.rest.rendering import OrjsonRenderer
from customers.models import Customer

ROWS = 50
COLUMNS = (
    "id",
    "name",
    "email",
    "phone",
    "country",
    "language",
    "external_id",
    "first_seen_at",
    "changed_at",
)
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
SESSION_ENGINE = "django.contrib.sessions.backends.db"
__all__ = ["MIDDLEWARE", "SESSION_ENGINE", "urlpatterns"]


TEMPLATE = engines["django"].from_string(
    "<table>{% for row in rows %}<tr><td><a href='/{{ row.pk }}/'>{{ row.name }}</a></td><td>{{ row.email }}</td>"
    "<td>{{ row.company.name }}</td><td>{{ row.owner }}</td><td>{{ row.country }}</td><td>{{ row.language }}</td>"
    "<td>{{ row.first_seen_at|date:'Y-m-d' }}</td></tr>{% endfor %}</table>"
)


class CustomerSerializer(serializers.ModelSerializer[Customer]):
    class Meta:
        model = Customer
        fields = COLUMNS
        read_only_fields = ("first_seen_at", "changed_at")


def page(request: HttpRequest) -> HttpResponse:
    """A template list of 50 rows, the newest first."""
    if not request.user.is_authenticated:
        return HttpResponse(status=401)
    rows = Customer.objects.select_related("company", "owner").order_by("-first_seen_at", "-id")[:ROWS]
    return HttpResponse(TEMPLATE.render({"rows": rows}, request))


class Values(APIView):
    authentication_classes = [SessionAuthentication]
    permission_classes = []
    throttle_classes = []
    renderer_classes = [OrjsonRenderer]

    def get(self, request: Request) -> Response:
        rows = Customer.objects.filter(merged_into=None).order_by("-id").values(*COLUMNS)[:ROWS]
        return Response({"next": None, "results": list(rows)})


class Detail(RetrieveAPIView[Customer]):
    authentication_classes = [SessionAuthentication]
    permission_classes = []
    throttle_classes = []
    renderer_classes = [OrjsonRenderer]
    serializer_class = CustomerSerializer
    queryset = Customer.objects.all()


class Create(CreateAPIView[Customer]):
    authentication_classes = [SessionAuthentication]
    permission_classes = []
    throttle_classes = []
    renderer_classes = [OrjsonRenderer]
    serializer_class = CustomerSerializer
    queryset = Customer.objects.all()


urlpatterns = [
    path("list/", page),
    path("values/", Values.as_view()),
    path("one/<int:pk>/", Detail.as_view()),
    path("create/", Create.as_view()),
]
