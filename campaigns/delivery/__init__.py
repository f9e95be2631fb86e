"""From the outbox to the mail server, never twice on our own: docs/sending.md tells the promise and the states."""
