"""A mapping that cannot be changed, can be a key where its values can, and travels between processes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping


class Frozen[K, V](Mapping[K, V]):
    """A read-only copy of a mapping.

    `types.MappingProxyType` would do within one process, but it cannot be pickled, so nothing that holds one
    can be handed to a worker.

    Parameters
    ----------
    content
        The mapping to copy; nested mappings stay as they are.
    """

    __slots__ = ("_content",)

    def __init__(self, content: Mapping[K, V]) -> None:
        self._content = dict(content)

    def __getitem__(self, key: K) -> V:
        return self._content[key]

    def __iter__(self) -> Iterator[K]:
        return iter(self._content)

    def __len__(self) -> int:
        return len(self._content)

    def __hash__(self) -> int:
        return hash(frozenset(self._content.items()))

    def __repr__(self) -> str:
        return f"Frozen({self._content!r})"
