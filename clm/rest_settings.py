"""The settings of the REST API. None is read from the environment; `settings.py` takes them all over."""

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "clm.accounts.api_keys.ApiKeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["clm.accounts.permissions.RoleAllows"],
    "DEFAULT_RENDERER_CLASSES": ["clm.base.rest.rendering.OrjsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["clm.base.rest.parsing.StrictJSONParser"],
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "clm.base.rest.paging.KeysetPagination",
    "DEFAULT_SCHEMA_CLASS": "clm.base.rest.schema.Schema",
    "DEFAULT_THROTTLE_CLASSES": ["clm.accounts.api_keys.KeyThrottle"],
    "DEFAULT_THROTTLE_RATES": {"key": "600/min"},
    "EXCEPTION_HANDLER": "clm.base.rest.answers.exception_handler",
    "URL_FORMAT_OVERRIDE": None,
    "UNAUTHENTICATED_USER": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
DRF_STANDARDIZED_ERRORS = {
    "EXCEPTION_FORMATTER_CLASS": "clm.base.rest.answers.OneErrorBody",
    "ENABLE_IN_DEBUG_FOR_UNHANDLED_EXCEPTIONS": True,
}
REST_KNOX = {
    "TOKEN_MODEL": "accounts.ApiKey",
    "TOKEN_PREFIX": "clm_",
    "TOKEN_TTL": None,
    "AUTH_HEADER_PREFIX": "Bearer",
}
KNOX_TOKEN_MODEL = "accounts.ApiKey"  # noqa: S105 - a model, not a secret
SPECTACULAR_SETTINGS = {
    "TITLE": "CLM API",
    "VERSION": "1",
    "DESCRIPTION": "Customers, facts, lifecycle stages and metrics. Every question takes `as_of` and `known_at`.",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "clm.base.rest.schema.say_errors_once",
    ],
    "ENUM_NAME_OVERRIDES": {
        "SimulationStatus": "lifecycle.simulating.api.STATES",
        "CampaignStatus": "campaigns.models.campaign.CampaignStatus",
        "MessageKind": "campaigns.models.message.MessageKind",
        "StepKind": "campaigns.models.version.StepKind",
        "CallOutcome": "customers.models.interaction.Outcome",
        "CustomFieldKind": "customers.models.custom_field.FieldKind",
        "CustomerKind": "customers.models.customer.Kind",
        "ImportStatus": "customers.models.import_run.ImportStatus",
        "InteractionKind": "customers.models.interaction.InteractionKind",
        "JobStatus": "clm.accounts.models.job.JobStatus",
        "LeadStatus": "customers.models.lead.LeadStatus",
        "OrderStatus": "customers.models.order.OrderStatus",
        "SegmentKind": "customers.models.segment.SegmentKind",
        "SegmentStatus": "customers.models.segment.Computing",
        "SpendType": "metrics.models.spend.SpendType",
        "StageKind": "lifecycle.models.stage.Kind",
        "TicketPriority": "customers.models.tickets.words.Priority",
        "TicketStatus": "customers.models.tickets.words.TicketStatus",
        "TicketType": "customers.models.tickets.words.TicketType",
    },
}
