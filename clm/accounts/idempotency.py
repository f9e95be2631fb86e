"""Idempotency-Key: a POST that is sent again, or twice at once, happens once and gets the same answer.

The key's row is inserted first, in the transaction of the work itself: a second request with the key waits for the
first, then finds its answer. A request that fails leaves no row, so it may be tried again with the same key;
a refusal that is returned, not raised, is kept as any answer.
"""

import hashlib
from typing import Any, cast

import orjson
from django.core.files.uploadedfile import UploadedFile
from django.db import OperationalError, transaction
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clm.accounts.models import IdempotentAnswer, User
from clm.base import clock
from clm.base.rest.errors import Conflict, KeyReused
from clm.base.rest.rendering import dumps

LONGEST_KEY = 200


class AnswersOnce(APIView):
    """For views whose POST creates: `post` is answered once per user and Idempotency-Key."""

    answers_once = True

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        key = request.headers.get("Idempotency-Key")
        if request.method == "POST" and key is not None:
            handler: Any = getattr(self, "post")  # noqa: B009  # the view has one, this mixin has not
            self.post = _once(handler, key)


def _once(post: Any, key: str) -> Any:
    if not 0 < len(key) <= LONGEST_KEY or not key.isprintable():
        reason = _("An Idempotency-Key has 1 to %(most)s printable characters.") % {"most": LONGEST_KEY}
        raise ValidationError({"Idempotency-Key": [reason]})

    def answer(request: Request, *args: Any, **kwargs: Any) -> Response:
        with transaction.atomic():
            kept = _claimed(request, key)
            if kept.status is None:
                return _answered(kept, post(request, *args, **kwargs))
            return _repeated(kept, request)

    return answer


def _claimed(request: Request, key: str) -> IdempotentAnswer:
    """The row of this key, without a status when this request made it. Waits for another that is making it."""
    user = cast(User, request.user)
    mine = IdempotentAnswer.objects.filter(user=user, key=key)
    mine.expired(clock.now()).delete()
    try:
        with transaction.atomic():
            IdempotentAnswer.objects.bulk_create(
                [IdempotentAnswer(user=user, key=key, request_hash=_hash_of(request))], ignore_conflicts=True
            )
    except OperationalError as error:
        raise Conflict(_("The first request with this Idempotency-Key is still being worked on.")) from error
    return mine.get()


def _answered(kept: IdempotentAnswer, response: Response) -> Response:
    # As text: a JSON column would not keep the order of the names.
    kept.status, kept.body = response.status_code, dumps(response.data).decode()
    kept.save(update_fields=["status", "body"])
    return response


def _repeated(kept: IdempotentAnswer, request: Request) -> Response:
    if kept.request_hash != _hash_of(request):
        raise KeyReused
    return Response(orjson.loads(str(kept.body)), status=kept.status, headers={"Idempotent-Replayed": "true"})


def _content(value: object) -> str:
    """A file that came with the request stands for what is in it."""
    if not isinstance(value, UploadedFile):
        raise TypeError
    digest = hashlib.sha256()
    for piece in value.chunks():
        digest.update(piece)
    value.seek(0)
    return digest.hexdigest()


def _hash_of(request: Request) -> str:
    body = orjson.dumps(request.data, option=orjson.OPT_SORT_KEYS, default=_content)
    return hashlib.sha256(f"{request.method} {request.path}\n".encode() + body).hexdigest()
