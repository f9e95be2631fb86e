"""What customers open from their mails, without signing in: unsubscribing and preferences."""
