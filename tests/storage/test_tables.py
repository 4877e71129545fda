from sqlalchemy import ARRAY, Text

from storage.tables import metadata

# Every column that can hold readable text, and what it holds. A new one must be argued for here.
READABLE = {
    "audit": set(),
    "attachments": set(),
    "console_notes": {"event", "officer"},
    "console_sessions": {"officer", "unit", "signing"},  # of the roster; the last is a public key
    "contents": {"sid"},  # Twilio's name of a template
    "copies": {"channel", "ids"},  # the platform's own numbers
    "counts": set(),
    "conversations": {"channel"},
    "deliveries": {"unit", "reason"},
    "inbox": {"parked"},  # an error code
    "mail": set(),
    "mailboxes": set(),
    "outbox": {"status", "reason", "platform_ids"},
    "receipts": {"recipient"},  # a public key
    "report_parts": {"name"},  # att<n>.age
    "report_units": {"unit", "officer"},
    "reports": {"kind", "tier"},
    "roster_seen": {"name"},
    "seen": set(),
    "tallies": set(),
    "statistics": {"placement", "place", "route", "destination"},  # of placements.csv; published in any case
}


def test_no_column_could_hold_what_a_person_said() -> None:
    found = {
        table.name: {column.name for column in table.columns if isinstance(column.type, Text | ARRAY)}
        for table in metadata.tables.values()
    }
    assert found == READABLE


def test_everything_of_a_conversation_goes_with_it() -> None:
    bound = {table.name for table in metadata.tables.values() if "conversation" in table.c}
    cascading = {
        key.parent.table.name
        for table in metadata.tables.values()
        for key in table.foreign_keys
        if key.column.table.name == "conversations" and key.ondelete == "CASCADE"
    }
    assert bound == cascading == {"inbox", "outbox", "attachments"}
