"""Telling equal rows of one file apart. Import it where a file is read: numpy costs a process 25 MB."""

import numpy as np


class Ordinals:
    """How often each content has come in one file so far; eight bytes a row."""

    def __init__(self) -> None:
        self._seen = np.empty(0, np.uint64)

    def number(self, digests: list[int]) -> list[int]:
        chunk = np.array(digests, np.uint64)
        before = np.searchsorted(self._seen, chunk, "right") - np.searchsorted(self._seen, chunk, "left")
        self._seen = np.sort(np.concatenate([self._seen, chunk]), kind="stable")
        within: dict[int, int] = {}
        numbers = []
        for digest, earlier in zip(digests, before.tolist(), strict=True):
            again = within.get(digest, 0)
            within[digest] = again + 1
            numbers.append(earlier + again)
        return numbers
