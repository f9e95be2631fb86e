from django.urls import path

from customers.views import imports, lead_steps, leads, profile, saved
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
    path("leads/", leads.leads, name="leads"),
    path("leads/filters/", leads.leads_filters, name="leads-filters"),
    path("leads/new/", leads.lead_new, name="lead-new"),
    path("leads/<int:pk>/", leads.lead, name="lead"),
    path("leads/<int:pk>/edit/", leads.lead_edit, name="lead-edit"),
    path("leads/<int:pk>/contact/", lead_steps.lead_contact, name="lead-contact"),
    path("leads/<int:pk>/qualification/", lead_steps.lead_qualification, name="lead-qualification"),
    path("leads/<int:pk>/proposal/", lead_steps.lead_proposal, name="lead-proposal"),
    path("leads/<int:pk>/reopening/", lead_steps.lead_reopening, name="lead-reopening"),
    path("leads/<int:pk>/loss/", lead_steps.lead_loss, name="lead-loss"),
    path("leads/<int:pk>/assignment/", lead_steps.lead_assignment, name="lead-assignment"),
    path("leads/<int:pk>/conversion/", lead_steps.lead_conversion, name="lead-conversion"),
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
