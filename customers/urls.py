from django.urls import path

from customers.views import imports, profile, saved
from customers.views import list as listed

urlpatterns = [
    path("customers/", listed.customers, name="customers"),
    path("customers/export/", listed.customers_export, name="customers-export"),
    path("customers/filters/", listed.customers_filters, name="customers-filters"),
    path("customers/new/", profile.customer_new, name="customer-new"),
    path("customers/views/", saved.customer_views, name="customer-views"),
    path("customers/views/<int:pk>/", saved.customer_view, name="customer-view"),
    path("customers/views/<int:pk>/removal/", saved.customer_view_removal, name="customer-view-removal"),
    path("customers/<int:pk>/", profile.customer, name="customer"),
    path("customers/<int:pk>/edit/", profile.customer_edit, name="customer-edit"),
    path("customers/<int:pk>/timeline/", profile.customer_timeline, name="customer-timeline"),
    path("imports/", imports.imports, name="imports"),
    path("imports/new/", imports.import_new, name="import-new"),
    path("imports/<int:pk>/", imports.import_page, name="import"),
    path("imports/<int:pk>/reading/", imports.import_reading, name="import-reading"),
    path("imports/<int:pk>/mapping/", imports.import_mapping, name="import-mapping"),
    path("imports/<int:pk>/start/", imports.import_start, name="import-start"),
    path("imports/<int:pk>/undo/", imports.import_undo, name="import-undo"),
    path("imports/<int:pk>/discard/", imports.import_discard, name="import-discard"),
    path("imports/<int:pk>/problems.csv", imports.import_problems, name="import-problems"),
]
