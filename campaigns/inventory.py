"""How merge, export and erasure treat what this app keeps of customers."""

from campaigns.forgetting import end_and_forget, forget_answer_of_server, keep_the_hash
from campaigns.merging import OneRun, StrictestSuppression
from campaigns.models import Delivery, Enrollment, Invitation, MailServer, Message, Response, Suppression
from campaigns.suppressing import of_their_addresses
from clm.base.inventory import (
    ALL,
    KEPT,
    MOVED,
    STAYS,
    all_but,
    cleared,
    moved_along,
    register,
    register_trace,
)

register(Enrollment, merge=OneRun(), export=ALL, erase=end_and_forget)
register(
    Message,
    merge=moved_along("enrollment"),
    export=all_but("claim_token", "dedupe_key"),
    erase=cleared("address", "words"),
)
register(Delivery, merge=STAYS, export=ALL, erase=cleared("words", "details"), path="message__customer_id")
register(
    Suppression,
    merge=StrictestSuppression(),
    export=ALL,
    erase=keep_the_hash,
    path="message__customer_id",
    also=of_their_addresses,
)
register(Invitation, merge=MOVED, export=ALL, erase=KEPT)
register(Response, merge=MOVED, export=ALL, erase=cleared("text"), active_at="occurred_at")
register_trace(MailServer, forget_answer_of_server)
