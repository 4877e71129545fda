"""Every table. There is no column for anything that a person said, or for an address: only sealed bytes and codes.

"sealed" below is `DataKey.seal`, or an age file in the tables of reports.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    MetaData,
    Named,
    Table,
    Text,
    TypedColumns,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# A report that is not an age file cannot be written, whoever tries.
_AGE = "substring({0} from 1 for 21) = 'age-encryption.org/v1'::bytea"

# A figure that would tell of a few people cannot be written either.
_IN_STEPS = "step > 1 AND conversations >= step AND mod(conversations, step) = 0"


def _number() -> Column[int]:
    return Column(BigInteger, Identity(always=True), primary_key=True)


def _of_conversation() -> Column[bytes]:
    return Column(LargeBinary, ForeignKey("conversations.id", ondelete="CASCADE"), index=True)


def _of_report(*, key: bool) -> Column[bytes]:
    return Column(LargeBinary, ForeignKey("reports.id", ondelete="CASCADE"), primary_key=key, index=not key)


class ConversationColumns(TypedColumns):
    id = Column(LargeBinary, primary_key=True)  # 16 random bytes
    channel: Named[str] = Column(Text)
    pseudonym: Named[bytes] = Column(LargeBinary, unique=True)
    epoch: Named[int]
    wrapped: Named[bytes]  # the data key under the epoch's key
    state: Named[bytes | None]  # sealed
    # Not indexed: every turn moves it, and an index would cost each turn more than the hourly sweep gains.
    expires: Named[datetime] = Column(DateTime(timezone=True))


class InboxColumns(TypedColumns):
    id = _number()
    conversation: Named[bytes] = _of_conversation()
    digest: Named[bytes]  # keyed, of the platform's message id; also the place that `body` is bound to
    body: Named[bytes]  # sealed
    received: Named[datetime] = Column(DateTime(timezone=True))
    attempts: Named[int] = Column(server_default=text("0"))
    parked: Named[str | None] = Column(Text)  # reason code


class SeenColumns(TypedColumns):
    """Outlives the conversation, so that an erased conversation is not started again by a repeated delivery."""

    digest = Column(LargeBinary, primary_key=True)
    day: Named[date]


class OutboxColumns(TypedColumns):
    id = _number()
    conversation: Named[bytes] = _of_conversation()
    ref: Named[bytes]  # 16 random bytes, the place that `body` is bound to
    body: Named[bytes | None]  # sealed; gone once sent
    due: Named[datetime] = Column(DateTime(timezone=True))
    attempts: Named[int] = Column(server_default=text("0"))
    status: Named[str] = Column(Text, server_default=text("'waiting'"))  # waiting | sent | parked
    reason: Named[str | None] = Column(Text)
    # The platform's own numbers of its messages: needed to delete them there, and known to it in any case.
    platform_ids: Named[list[str] | None] = Column(ARRAY(Text))


class AttachmentColumns(TypedColumns):
    id = _number()
    conversation: Named[bytes] = _of_conversation()
    ref: Named[bytes]
    meta: Named[bytes]  # sealed: name, media type, size
    data: Named[bytes]  # sealed


class ReportColumns(TypedColumns):
    id = Column(LargeBinary, primary_key=True)  # 16 random bytes, the name officers know it by
    conversation_digest: Named[bytes]
    kind: Named[str] = Column(Text)
    sealed: Named[bytes]  # age file
    tier: Named[str] = Column(Text)
    practice: Named[bool]
    day: Named[date]
    withdrawn: Named[date | None]  # the person took it back: no officer fetches it any more
    many: Named[bool] = Column(server_default=text("false"))  # it came among unusually many: perhaps a prank


class ReportPartColumns(TypedColumns):
    """Large attachments, each an age file of its own."""

    report = _of_report(key=True)
    name = Column(Text, primary_key=True)  # `<report id>.att<n>.age`, never a person's file name
    sealed: Named[bytes]


class ReportUnitColumns(TypedColumns):
    report = _of_report(key=True)
    unit = Column(Text, primary_key=True, index=True)
    officer: Named[str | None] = Column(Text)  # who acknowledged it
    acknowledged: Named[date | None]


class ReceiptColumns(TypedColumns):
    lookup = Column(LargeBinary, primary_key=True)  # Argon2id of the code and the pepper
    report: Named[bytes] = _of_report(key=False)
    recipient: Named[str] = Column(Text)  # age recipient that only the code can open
    memo: Named[bytes | None]  # age file to it: what a conversation that follows by code must know


class DeliveryColumns(TypedColumns):
    """Notices to units that a report waits. Nothing of the report is in here."""

    id = _number()
    report: Named[bytes] = _of_report(key=False)
    unit: Named[str] = Column(Text)
    planned: Named[datetime] = Column(DateTime(timezone=True))
    due: Named[datetime | None] = Column(DateTime(timezone=True))  # None: nothing left to do
    attempts: Named[int] = Column(server_default=text("0"))
    sent: Named[int] = Column(server_default=text("0"))
    reason: Named[str | None] = Column(Text)  # error code of the last failure


class AuditColumns(TypedColumns):
    seq = Column(BigInteger, primary_key=True, autoincrement=False)
    body: Named[bytes]  # canonical JSON, see audit.py
    hash: Named[bytes]
    signature: Named[bytes | None]


class RosterSeenColumns(TypedColumns):
    name = Column(Text, primary_key=True)
    version: Named[int]


class ContentColumns(TypedColumns):
    """Message contents that Twilio keeps for us, made once and used again."""

    digest = Column(LargeBinary, primary_key=True)
    sid: Named[str] = Column(Text)


class CopyColumns(TypedColumns):
    """Messages of which a platform keeps copies, until they are deleted there (copies.py): its own numbers alone."""

    id = _number()
    channel: Named[str] = Column(Text)
    ids: Named[list[str]] = Column(ARRAY(Text))
    # Not indexed: a few hundred rows that come and go within seconds.
    due: Named[datetime] = Column(DateTime(timezone=True))
    attempts: Named[int] = Column(server_default=text("0"))


class CountColumns(TypedColumns):
    """Conversations by placement while a month lasts (counts.py)."""

    month = Column(Date, primary_key=True)  # its first day
    sealed: Named[bytes | None]  # all counts together; gone once published


class StatisticColumns(TypedColumns):
    """What was published: never less than `step`, and nothing between its multiples."""

    month = Column(Date, primary_key=True)
    placement = Column(Text, primary_key=True)
    place: Named[str] = Column(Text)
    route: Named[str] = Column(Text)
    destination: Named[str] = Column(Text)
    conversations: Named[int]
    step: Named[int]


class TallyColumns(TypedColumns):
    """What happened how often lately (tallies.py): keyed digests, of which only the key ring knows what they are of."""

    name = Column(LargeBinary, primary_key=True)
    mark = Column(LargeBinary, primary_key=True)
    hour: Named[datetime] = Column(DateTime(timezone=True))


class MailboxColumns(TypedColumns):
    """A page that is written to, under a name that only its handle leads to (mailbox.py)."""

    name = Column(LargeBinary, primary_key=True)
    last: Named[int] = Column(BigInteger)  # number of its newest event
    closed: Named[bool] = Column(server_default=text("false"))
    reply: Named[int] = Column(BigInteger, server_default=text("0"))  # number of the newest reply in it
    # Not indexed, like that of conversations.
    used: Named[datetime] = Column(DateTime(timezone=True))


class MailColumns(TypedColumns):
    """Events that a page has not seen yet."""

    mailbox = Column(LargeBinary, ForeignKey("mailboxes.name", ondelete="CASCADE"), primary_key=True)
    number = Column(BigInteger, primary_key=True, autoincrement=False)
    body: Named[bytes]  # sealed under a key that only the handle leads to
    created: Named[datetime] = Column(DateTime(timezone=True))


class ConsoleSessionColumns(TypedColumns):
    """Officers who are signed in at the console (console_sessions.py)."""

    token = Column(LargeBinary, primary_key=True)  # SHA-256 of the token, which is kept nowhere
    challenge: Named[bytes] = Column(LargeBinary, unique=True)  # SHA-256 of it, so that none is answered twice
    officer: Named[str] = Column(Text)
    unit: Named[str] = Column(Text)
    signing: Named[str] = Column(Text)  # the officer's public key that signed the answer
    began: Named[datetime] = Column(DateTime(timezone=True))
    # Not indexed, like that of conversations.
    used: Named[datetime] = Column(DateTime(timezone=True))
    ended: Named[datetime | None] = Column(DateTime(timezone=True))


class ConsoleNoteColumns(TypedColumns):
    """What an officer did at the console and the audit chain does not tell yet (console_notes.py)."""

    id = _number()
    report: Named[bytes] = Column(LargeBinary)
    event: Named[str] = Column(Text)
    officer: Named[str] = Column(Text)
    payload_sha256: Named[bytes] = Column(LargeBinary)
    day: Named[date] = Column(Date)


conversations = Table("conversations", metadata, ConversationColumns, postgresql_with={"fillfactor": 70})
inbox = Table("inbox", metadata, InboxColumns)
seen = Table("seen", metadata, SeenColumns)
outbox = Table("outbox", metadata, OutboxColumns)
attachments = Table("attachments", metadata, AttachmentColumns)
reports = Table("reports", metadata, ReportColumns, CheckConstraint(_AGE.format("sealed"), "is_age"))
report_parts = Table("report_parts", metadata, ReportPartColumns, CheckConstraint(_AGE.format("sealed"), "is_age"))
report_units = Table("report_units", metadata, ReportUnitColumns)
receipts = Table("receipts", metadata, ReceiptColumns, CheckConstraint(_AGE.format("memo"), "is_age"))
deliveries = Table("deliveries", metadata, DeliveryColumns)
audit = Table("audit", metadata, AuditColumns)
roster_seen = Table("roster_seen", metadata, RosterSeenColumns)
contents = Table("contents", metadata, ContentColumns)
copies = Table("copies", metadata, CopyColumns)
counts = Table("counts", metadata, CountColumns)
statistics = Table("statistics", metadata, StatisticColumns, CheckConstraint(_IN_STEPS, "in_steps"))
tallies = Table("tallies", metadata, TallyColumns)
mailboxes = Table("mailboxes", metadata, MailboxColumns)
mail = Table("mail", metadata, MailColumns)
console_sessions = Table("console_sessions", metadata, ConsoleSessionColumns)
console_notes = Table("console_notes", metadata, ConsoleNoteColumns)

Index("uq_reports_conversation_digest", reports.c.conversation_digest, reports.c.kind, unique=True)
Index("uq_deliveries_report_unit", deliveries.c.report, deliveries.c.unit, unique=True)
Index("ix_outbox_platform_ids", outbox.c.platform_ids, postgresql_using="gin")
