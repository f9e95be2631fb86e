from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time


def code_of(secret: str, which: int = 1) -> str:
    """What the phone shows: in the half minute before (0), now (1) or after (2)."""
    return format_hotp_value(hotp_value(secret, list(yield_hotp_counters_from_time())[which]))
