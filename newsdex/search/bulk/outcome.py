"""What goes into a bulk load and what comes out of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping


class BulkStatus(StrEnum):
    """What became of one action."""

    CREATED = "created"
    UPDATED = "updated"
    DELETED = "deleted"
    MISSING = "missing"
    """A delete of what was not there: nothing had to be done."""
    HELD = "held"
    """A rebuild keeps writers out of the index for a moment, and did so during all retries."""
    CONFLICT = "conflict"
    """`create` of what exists, or somebody changed the document since it was read (`if_seq_no`)."""
    MAPPING_ERROR = "mapping-error"
    """A field does not fit the mapping: the document itself is wrong."""
    INVALID = "invalid"
    """It cannot be sent: JSON cannot hold it, or its id is empty or too long."""
    TOO_LARGE = "too-large"
    UNAVAILABLE = "unavailable"
    """Elasticsearch could not take it, even after all retries, or is read-only: the same action may work later."""
    FAILED = "failed"
    """Elasticsearch refused it for a reason outside the document: missing index, missing rights."""


Operation = Literal["index", "create", "delete"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One write. Documents are always written whole: a partial update would lose the stemmed fields."""

    op: Operation = "index"
    index: str
    """Alias or index."""
    id: str
    document: Mapping[str, Any] | None = None
    """`None` for a delete."""
    if_seq_no: int | None = None
    """With `if_primary_term`: write only if nobody changed the document since it was read."""
    if_primary_term: int | None = None
    version: int | None = None
    """A version of the caller's own: what is stored with a higher one stays, and the outcome is a conflict."""
    key: Hashable = None
    """The caller's own mark; it comes back with the outcome."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkOutcome:
    """What became of one action."""

    action: Action
    status: BulkStatus
    detail: str = ""
    """One plain sentence; empty where the action succeeded."""
    http_status: int = 0
    """The HTTP status of the item; 0 where no answer was had."""
    seq_no: int | None = None
    primary_term: int | None = None
    attempts: int = 1
    """How often it was sent. A conflict after more than one attempt may be with our own earlier attempt."""

    @property
    def ok(self) -> bool:
        """Whether the index is now as the action wanted it."""
        return self.status in {BulkStatus.CREATED, BulkStatus.UPDATED, BulkStatus.DELETED, BulkStatus.MISSING}

    @property
    def document_is_at_fault(self) -> bool:
        """Whether the document itself is wrong and belongs in the quarantine, rather than the node or its settings."""
        return self.status in {BulkStatus.MAPPING_ERROR, BulkStatus.INVALID, BulkStatus.TOO_LARGE}
