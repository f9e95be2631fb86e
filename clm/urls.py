"""Every address of the product. Pages lie in each app's `urls.py`."""

from django.urls import URLPattern, URLResolver, include, path

from clm import pages, start_pages
from clm.finding import views as finding

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("clm.health")),
    path("", pages.home, name="home"),
    path("start/", start_pages.start, name="start"),
    path("start/dismissal/", start_pages.start_dismissal, name="start-dismissal"),
    path("search/", finding.search, name="search"),
    path("account/", include("clm.accounts.sign_in_urls")),
    path("api/v1/", include("clm.api")),
    path("", include("clm.accounts.urls")),
    path("", include("customers.urls")),
    path("", include("lifecycle.urls")),
    path("", include("campaigns.public.urls")),
    path("", include("campaigns.urls")),
    path("", include("campaigns.survey_urls")),
    path("", include("metrics.urls")),
    path("", include("clm.demo.urls")),
]

handler400 = "clm.base.errors.bad_request"
handler403 = "clm.base.errors.permission_denied"
handler404 = "clm.base.errors.page_not_found"
handler500 = "clm.base.errors.server_error"
