from clm.accounts.models.api_key import ApiKey
from clm.accounts.models.audit import AuditEntry
from clm.accounts.models.bulk_change import BulkChange, BulkRow
from clm.accounts.models.exchange_rate import ExchangeRate
from clm.accounts.models.heartbeat import Heartbeat
from clm.accounts.models.idempotency import IdempotentAnswer
from clm.accounts.models.job import Job
from clm.accounts.models.organisation import Organisation
from clm.accounts.models.saved_view import SavedView, ViewChoice
from clm.accounts.models.team import Team
from clm.accounts.models.user import Role, Sees, User

__all__ = [
    "ApiKey",
    "AuditEntry",
    "BulkChange",
    "BulkRow",
    "ExchangeRate",
    "Heartbeat",
    "IdempotentAnswer",
    "Job",
    "Organisation",
    "Role",
    "SavedView",
    "Sees",
    "Team",
    "User",
    "ViewChoice",
]
