"""Keys: the master key file wraps each practice's key, which wraps its data key."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from django.conf import settings

from pocketward.kernel import crypto
from pocketward.kernel.durable import make_file
from pocketward.spine.errors import KeyMissing
from pocketward.spine.models import PracticeKey
from pocketward.spine.unit import unit_of_work

_data_keys: dict[tuple[UUID, int], bytes] = {}
_master: dict[Path, bytes] = {}


def master_key_path() -> Path:
    """Where the master key lives, unless the environment gives it."""
    path: Path = settings.POCKETWARD.home / "keys" / "master.key"
    return path


def make_master_key() -> None:
    """Make the master key on first run: 32 bytes, whole or not at all; an existing one is left alone."""
    path = master_key_path()
    if path.exists() or settings.POCKETWARD.master_key:
        return
    if PracticeKey.objects.exists():
        raise KeyMissing(f"Encrypted data exists, and its key file {path} does not.")
    make_file(path, crypto.random_key())


def master_key() -> bytes:
    """The 32-byte master key; KeyMissing, naming the file, when it is not there."""
    given: bytes | None = settings.POCKETWARD.master_key
    if given:
        return given
    path = master_key_path()
    if path not in _master:
        try:
            key = path.read_bytes()
        except FileNotFoundError as error:
            raise KeyMissing(f"The key file {path} does not exist.") from error
        if len(key) != crypto.KEY_SIZE:
            raise KeyMissing(f"The key file {path} must hold {crypto.KEY_SIZE} bytes.")
        _master[path] = key
    return _master[path]


@unit_of_work
def make_practice_key(practice_id: UUID) -> None:
    """Give a new practice its keys; a practice that has them keeps them."""
    if PracticeKey.objects.filter(practice_id=practice_id).exists():
        return
    practice_key, data_key = crypto.random_key(), crypto.random_key()
    PracticeKey.objects.create(
        practice_id=practice_id,
        wrapped_practice_key=crypto.seal(master_key(), practice_key, b"practice-key:" + practice_id.bytes),
        wrapped_data_key=crypto.seal(practice_key, data_key, b"data-key:" + practice_id.bytes),
    )


def data_key(practice_id: UUID, generation: int = 1) -> bytes:
    """The practice's data key, unwrapped once per process; KeyMissing when it has none."""
    known = _data_keys.get((practice_id, generation))
    if known is not None:
        return known
    row = PracticeKey.objects.filter(practice_id=practice_id, generation=generation).first()
    if row is None:
        raise KeyMissing(f"Practice {practice_id} has no key.")
    practice_key = crypto.open_sealed(
        master_key(), bytes(row.wrapped_practice_key), b"practice-key:" + practice_id.bytes
    )
    key = crypto.open_sealed(practice_key, bytes(row.wrapped_data_key), b"data-key:" + practice_id.bytes)
    _data_keys[practice_id, generation] = key
    return key


def forget_keys() -> None:
    """Drop keys held in memory (tests, restore)."""
    _data_keys.clear()
    _master.clear()


def practices_with_keys() -> tuple[UUID, ...]:
    """Every practice of the installation, by its key row; for readers below `practice`."""
    return tuple(PracticeKey.objects.order_by("practice_id").values_list("practice_id", flat=True).distinct())
