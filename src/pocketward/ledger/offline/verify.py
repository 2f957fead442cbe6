"""Check an exported ledger without the server that wrote it. Needs Python 3.9 or newer, and nothing else.

    python3 verify.py                       the files beside this script
    python3 verify.py export.zip            a zip as it was downloaded
    python3 verify.py --key "name+id+key"   also insist on the key that you were given on another way

For each entry it computes: the commitment of the event under its record key (HMAC-SHA256), the hash of the
leaf and the path to the root (RFC 9162), and the Ed25519 signature on the checkpoint (RFC 8032; C2SP signed
note). Exit status 0: all fits. 1: something does not. 2: the files cannot be read.

It proves that these facts stood in the ledger that this key signed, in this order, unchanged. It does not
prove that the ledger was told the truth, nor, without another checkpoint, that nothing was added later; a
fact's time is its own and need not rise with its number.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import sys
import zipfile
import zlib
from pathlib import Path
from typing import Any

# Ed25519, RFC 8032 section 5.1: the curve's prime, the order of its base point, and its constant d.
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)

LARGEST = 1 << 31  # bytes of all files together; a zip may claim far more than it holds

Point = tuple[int, int, int, int]  # (X, Y, Z, T): x = X/Z, y = Y/Z, x*y = T/Z


class Unfit(Exception):
    """Something does not fit; the text says what."""


# Whatever reading and checking what a stranger wrote may end in.
FOREIGN = (Unfit, LookupError, TypeError, ValueError, AttributeError, OverflowError, RecursionError)


def add(one: Point, two: Point) -> Point:
    """The sum of two points (RFC 8032 section 5.1.4)."""
    a, b = (one[1] - one[0]) * (two[1] - two[0]) % P, (one[1] + one[0]) * (two[1] + two[0]) % P
    c, d = 2 * one[3] * two[3] * D % P, 2 * one[2] * two[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def times(factor: int, point: Point) -> Point:
    """A multiple of a point."""
    result: Point = (0, 1, 1, 0)
    while factor:
        if factor & 1:
            result = add(result, point)
        point, factor = add(point, point), factor >> 1
    return result


def point_of(data: bytes) -> Point:
    """The point behind its 32 bytes (RFC 8032 section 5.1.3)."""
    number = int.from_bytes(data, "little")
    sign, y = number >> 255, number & (1 << 255) - 1
    over, under = (y * y - 1) % P, (D * y * y + 1) % P
    x = over * pow(under, 3, P) * pow(over * pow(under, 7, P), (P - 5) // 8, P) % P
    if (under * x * x - over) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if y >= P or (under * x * x - over) % P or (x == 0 and sign):
        raise Unfit("a key or signature is not a point of the curve")
    if x & 1 != sign:
        x = P - x
    return (x, y, 1, x * y % P)


BASE = point_of((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def signature_fits(key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether an Ed25519 signature belongs to this key and message (RFC 8032 section 5.1.7)."""
    if len(key) != 32 or len(signature) != 64:
        return False
    scalar = int.from_bytes(signature[32:], "little")
    if scalar >= ORDER:
        return False
    digest = hashlib.sha512(signature[:32] + key + message).digest()
    left = times(scalar, BASE)
    right = add(point_of(signature[:32]), times(int.from_bytes(digest, "little") % ORDER, point_of(key)))
    same_x = (left[0] * right[2] - right[0] * left[2]) % P == 0
    same_y = (left[1] * right[2] - right[1] * left[2]) % P == 0
    return same_x and same_y


def read_key(text: str) -> tuple[str, bytes, bytes]:
    """(name, key id, public key) of a verifier key `name+id+base64`."""
    name, key_id, body = text.strip().split("+", 2)
    data = base64.b64decode(body)
    if len(data) != 33 or data[0] != 1:
        raise Unfit("the verifier key is not an Ed25519 key")
    if hashlib.sha256(name.encode() + b"\n" + data).digest()[:4].hex() != key_id:
        raise Unfit("the verifier key's id does not belong to it")
    return name, bytes.fromhex(key_id), data[1:]


def open_checkpoint(note: bytes, key: tuple[str, bytes, bytes]) -> tuple[int, bytes]:
    """(size, root) of a checkpoint that this key signed."""
    text, _, lines = note.decode().rpartition("\n\n")
    text += "\n"
    for line in lines.splitlines():
        _, name, body = line.split(" ")
        data = base64.b64decode(body)
        if (name, data[:4]) == key[:2] and signature_fits(key[2], text.encode(), data[4:]):
            origin, size, root = text.split("\n")[:3]
            if origin != key[0]:
                raise Unfit("the checkpoint belongs to another ledger")
            return int(size), base64.b64decode(root)
    raise Unfit("the checkpoint is not signed by this key")


def root_of(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """The root that an inclusion proof leads to (RFC 9162 section 2.1.3.2)."""
    node, last = index, size - 1
    digest = hashlib.sha256(b"\x00" + leaf).digest()
    for item in path:
        if last == 0:
            raise Unfit("the proof is too long")
        if node & 1 or node == last:
            digest = hashlib.sha256(b"\x01" + item + digest).digest()
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            digest = hashlib.sha256(b"\x01" + digest + item).digest()
        node, last = node >> 1, last >> 1
    if last:
        raise Unfit("the proof is too short")
    return digest


def check_entry(line: dict[str, Any], size: int, root: bytes) -> str:
    """`ok` or `redacted`; Unfit says what is wrong with one exported entry."""
    leaf, index = line["leaf"].encode(), line["index"]
    if not 0 <= index < size:
        raise Unfit("its number lies outside the signed ledger")
    if root_of(leaf, index, size, [base64.b64decode(item) for item in line["proof"]]) != root:
        raise Unfit("it does not lead to the signed root")
    record = json.loads(leaf)
    if record["index"] != index:
        raise Unfit("its number is not the one that was sealed")
    if line["event"] is None:
        return "redacted"
    event = line["event"].encode()
    found = hmac.new(bytes.fromhex(line["key"]), event, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(found, record["commitment"]):
        raise Unfit("its content is not what was sealed")
    if json.loads(event)["event_id"] != record["event"]:
        raise Unfit("its content belongs to another entry")
    return "ok"


def index_in(text: str) -> str:
    """The number that a line of the export gives itself, for the message; it proves nothing."""
    found = re.search(r'"index":\s*(\d{1,19})\b', text)
    return found[1] if found else "?"


def check(files: dict[str, bytes], wanted_key: str | None) -> int:
    """Check everything and say so on standard output; the exit status."""
    key_text = files["log.vkey"].decode().strip()
    if wanted_key is not None and wanted_key.strip() != key_text:
        raise Unfit("this export was signed by another key than the one you gave")
    size, root = open_checkpoint(files["checkpoint"], read_key(key_text))
    counts, bad = {"ok": 0, "redacted": 0}, 0
    for text in files["entries.jsonl"].decode().splitlines():
        try:
            line = json.loads(text)
            counts[check_entry(line, size, root)] += 1
        except FOREIGN as error:
            bad += 1
            print(f"BAD  entry {index_in(text)}: {error}")
    print(f"Key       {key_text}")
    print(f"Ledger    {size} entries, root {root.hex()}")
    print(f"Checked   {counts['ok']} fit, {counts['redacted']} fit with their content erased, {bad} bad")
    return 1 if bad else 0


def read_files(place: Path) -> dict[str, bytes]:
    """The three files, from a folder or a zip; Unfit when they would not fit into memory."""
    names = ("log.vkey", "checkpoint", "entries.jsonl")
    if place.is_dir():
        return {name: (place / name).read_bytes() for name in names}
    with zipfile.ZipFile(place) as archive:
        if sum(archive.getinfo(name).file_size for name in names) > LARGEST:
            raise Unfit("the export is larger unpacked than any export")
        return {name: archive.read(name) for name in names}


def main(arguments: list[str]) -> int:
    """Read the command line, check, and return the exit status."""
    wanted = None
    if "--key" in arguments:
        at = arguments.index("--key")
        wanted = "".join(arguments[at + 1 : at + 2])
        del arguments[at : at + 2]
    place = Path(arguments[0]) if arguments else Path(__file__).resolve().parent
    try:
        files = read_files(place)
    except (OSError, zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, *FOREIGN) as error:
        print(f"Cannot read the export: {error}")
        return 2
    try:
        return check(files, wanted)
    except FOREIGN as error:
        print(f"BAD  {error}")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
