"""The domain of a company, as people and files write it."""

import re

_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*://")
_DOMAIN = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")


def domain_of(text: str) -> str:
    """`https://www.engines.example/about` and `ada@engines.example` are engines.example; empty for what is none."""
    host = _SCHEME.sub("", text.strip().lower()).partition("/")[0].rpartition("@")[2]
    bare = host.partition(":")[0].rstrip(".").removeprefix("www.")
    try:
        bare = bare.encode("idna").decode()
    except UnicodeError:
        return ""
    return bare if _DOMAIN.fullmatch(bare) else ""
