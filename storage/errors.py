"""What can go wrong with stored things: may it be tried again, and which code may be logged."""

from __future__ import annotations

from typing import ClassVar


class StorageError(Exception):
    """Base. `code` may be logged, `retry` says whether the same call may succeed later; the text is the code alone."""

    code: ClassVar[str] = "storage"
    retry: ClassVar[bool] = False

    def __init__(self, detail: str = "") -> None:
        """`detail` is an identifier of ours (a table, an epoch), never text of a person."""
        self.detail = detail
        super().__init__(f"{self.code}:{detail}" if detail else self.code)


class KeyGone(StorageError):
    """The epoch key was shredded: what it protected cannot be read by anyone any more."""

    code = "key_gone"


class Tampered(StorageError):
    """A sealed value does not open in the place where it lies: changed, or moved from another row."""

    code = "tampered"


class ConversationGone(StorageError):
    """The conversation was erased while a message for it came in: admit again, a fresh one is made."""

    code, retry = "conversation_gone", True


class TooLarge(StorageError):
    """An attachment is larger than `attachments.LIMIT`."""

    code = "too_large"


class NotSealed(StorageError):
    """Something that is not an age file was handed over as a sealed report; nothing was written."""

    code = "not_sealed"


class NotFound(StorageError):
    """There is no such row."""

    code = "not_found"


class ChallengeUsed(StorageError):
    """A session began with this challenge before."""

    code = "challenge_used"


class MailboxClosed(StorageError):
    """The person left through the page's exit: nothing more is said there."""

    code = "mailbox_closed"


class MailboxFull(StorageError):
    """Too many events wait for a page that tells nothing."""

    code, retry = "mailbox_full", True


class RosterRolledBack(StorageError):
    """The roster is older than one that was in force here before."""

    code = "roster_rolled_back"


class DatabaseDown(StorageError, ConnectionError):
    """The database did not answer, or gave up: a deadlock, a restart. `detail` is its SQLSTATE."""

    code, retry = "database_down", True


class TablesBusy(DatabaseDown):
    """Others held a table for longer than a migration may hold them up; nothing was changed."""

    code = "tables_busy"


class DatabaseFailed(StorageError):
    """The embedded PostgreSQL did not start; `detail` is one line for the operator."""

    code = "database_failed"


class SchemaUnknown(StorageError):
    """The installed queue library brings tables that no migration of ours knows."""

    code = "schema_unknown"
