"""What can be wrong with an age file; a message names the rule that was broken and never a byte of the file."""

from storage.refused import Refused


class AgeError(Refused):
    """Any refusal of this package."""


class HeaderFailure(AgeError):
    """The header breaks the format, or a stanza of a known type is malformed."""


class HmacFailure(AgeError):
    """A file key was unwrapped, but the header is not the one it was made for."""


class NoMatch(AgeError):
    """The file is not addressed to any of the identities."""


class PayloadFailure(AgeError):
    """The payload is cut, extended or changed."""


class RecipientsRefused(AgeError):
    """These recipients may not stand in one header."""


class KeyRefused(AgeError):
    """A recipient or identity string is not one of the two kinds written and read here."""
