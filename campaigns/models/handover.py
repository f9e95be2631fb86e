from django.contrib.postgres.fields import ArrayField
from django.db import models


class HandOver(models.Model):
    """The group of messages that a sender is handing over. `begun` are those of which the mail server may know, in order.

    What became of each is known before the next begins: of a sender that died, only the last is in doubt. A row of its
    own and a narrow one, since it is written for every mail.
    """

    token = models.UUIDField(primary_key=True)
    begun = ArrayField(models.BigIntegerField(), default=list)
    lease_until = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.token)
