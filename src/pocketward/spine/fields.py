"""Model fields encrypted with the practice's data key.

Stored bytes: practice id (16), key generation (1), sealed blob bound to the practice and the column.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import models

from pocketward.kernel import crypto
from pocketward.spine.keys import data_key

GENERATION = 1


class EncryptedBytes(models.BinaryField):  # type: ignore[type-arg]
    """Bytes, encrypted at rest; the model needs a `practice_id`."""

    def _place(self, practice_id: UUID) -> bytes:
        return f"{self.model._meta.label_lower}.{self.name}:{practice_id}".encode()

    def _to_plain(self, blob: bytes) -> Any:
        return blob

    def _from_plain(self, value: Any) -> bytes:
        return bytes(value)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """The encrypted form of the row's value."""
        value = getattr(model_instance, self.attname)
        if value is None:
            return None
        practice_id: UUID = model_instance.practice_id  # type: ignore[attr-defined]
        blob = crypto.seal(
            data_key(practice_id, GENERATION), self._from_plain(value), self._place(practice_id)
        )
        return practice_id.bytes + bytes([GENERATION]) + blob

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        """The plain form of what the database holds."""
        if value is None:
            return None
        stored = bytes(value)
        practice_id, generation = UUID(bytes=stored[:16]), stored[16]
        plain = crypto.open_sealed(data_key(practice_id, generation), stored[17:], self._place(practice_id))
        return self._to_plain(plain)

    def get_lookup(self, lookup_name: str) -> Any:
        """Only `isnull`: equal plain values have different stored ones."""
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None


class EncryptedText(EncryptedBytes):
    """Text, encrypted at rest."""

    def _to_plain(self, blob: bytes) -> str:
        return blob.decode()

    def _from_plain(self, value: str) -> bytes:
        return value.encode()

    def value_to_string(self, obj: models.Model) -> str:
        """The plain text, for serializers."""
        return str(self.value_from_object(obj))

    def to_python(self, value: Any) -> Any:
        """Text is its own Python form."""
        return value
