"""Ed25519 over canonical JSON: what the sealer, the directors and the officers sign (FORMAT.md, sections 1 and 6)."""

import json
from collections.abc import Collection, Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from storage.refused import Refused

type Json = dict[str, Any]


class SigningError(Refused):
    """A document that cannot be trusted."""


class NotCanonical(SigningError):
    """Not JSON, not canonical, or not of the expected kind."""


class BadSignature(SigningError):
    """No signature by the key that was asked for."""


def canonical(value: Mapping[str, Any]) -> bytes:
    """The one way to write these values. Raises NotCanonical for what has more than one way, such as 1.0."""
    _check(value)
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise NotCanonical("a lone surrogate") from None


def parse(data: bytes, ctx: str) -> Json:
    """The object that `data` is the canonical form of; its `ctx` must be the one given. Raises NotCanonical."""
    value = _load(data)
    if value.get("ctx") != ctx:
        raise NotCanonical("a document of another kind")
    return value


def unsigned(body: Mapping[str, Any]) -> bytes:
    """A document that nobody has signed yet. The body names its kind under `ctx`."""
    return canonical({"body": body, "signatures": {}})


def sign(body: Mapping[str, Any], key: Ed25519PrivateKey) -> bytes:
    """A document with one signature."""
    return canonical({"body": body, "signatures": {public_text(key.public_key()): _signature(body, key)}})


def sign_too(document: bytes, ctx: str, key: Ed25519PrivateKey) -> bytes:
    """The same document with one more signature."""
    body, signatures = _open(document, ctx)
    signatures[public_text(key.public_key())] = _signature(body, key)
    return canonical({"body": body, "signatures": signatures})


def signed_by(document: bytes, ctx: str, trusted: Collection[str]) -> tuple[Json, set[str]]:
    """The body, and which of the trusted public keys have truly signed it. Raises NotCanonical."""
    body, signatures = _open(document, ctx)
    signed = canonical(body)
    return body, {key for key in trusted if key in signatures and _verifies(key, signatures[key], signed)}


def is_signed(document: bytes) -> bool:
    """Has anyone, trusted or not, put a signature under it? Raises NotCanonical."""
    return bool(_load(document).get("signatures"))


def public_text(key: Ed25519PublicKey) -> str:
    """A public key as 64 hexadecimal digits, the way it stands in documents and settings."""
    return key.public_bytes_raw().hex()


def public_pem(key: Ed25519PublicKey) -> bytes:
    """A public key as openssl wants it."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def parse_public(text: str) -> Ed25519PublicKey:
    """The key of 64 hexadecimal digits. Raises NotCanonical."""
    try:
        return Ed25519PublicKey.from_public_bytes(from_hex(text, 32))
    except ValueError:
        raise NotCanonical("not an Ed25519 public key") from None


def from_hex(text: object, length: int) -> bytes:
    """`length` bytes out of lower-case hexadecimal. Raises NotCanonical."""
    if not isinstance(text, str) or len(text) != 2 * length or not set(text) <= set("0123456789abcdef"):
        raise NotCanonical("not hexadecimal of the right length")
    return bytes.fromhex(text)


def verifies(data: bytes, signature: bytes, key: Ed25519PublicKey) -> bool:
    """Is this the key's signature over these bytes?"""
    try:
        key.verify(signature, data)
    except InvalidSignature:
        return False
    return True


def _check(value: object) -> None:
    match value:
        case None | bool() | int() | str():
            return
        case list() | tuple():
            for item in value:
                _check(item)
        case Mapping():
            for name, item in value.items():
                if not isinstance(name, str):
                    raise NotCanonical("a name that is no text")
                _check(item)
        case _:
            raise NotCanonical("a value that has no single way to be written")


def _load(data: bytes) -> Json:
    try:
        value = json.loads(data.decode())
    except (ValueError, RecursionError):
        raise NotCanonical("not JSON") from None
    if not isinstance(value, dict) or canonical(value) != data:
        raise NotCanonical("JSON that is not canonical")
    return value


def _open(document: bytes, ctx: str) -> tuple[Json, dict[str, str]]:
    value = _load(document)
    body, signatures = value.get("body"), value.get("signatures")
    if set(value) != {"body", "signatures"} or not isinstance(body, dict) or not isinstance(signatures, dict):
        raise NotCanonical("not a signed document")
    if body.get("ctx") != ctx:
        raise NotCanonical("a document of another kind")
    return body, signatures


def _signature(body: Mapping[str, Any], key: Ed25519PrivateKey) -> str:
    return key.sign(canonical(body)).hex()


def _verifies(key: str, signature: object, data: bytes) -> bool:
    try:
        return verifies(data, from_hex(signature, 64), parse_public(key))
    except NotCanonical:
        return False
