"""The stand-in for Apple's push authority: a root, the service's own certificate, a push certificate."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from uuid import uuid4

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

ROOT, SERVICE, PUSH = "push-root.pem", "push-service.pem", "push-certificate.pem"
LIFE = timedelta(days=365)

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def _pem(key: Key) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _builder(subject: x509.Name, issuer: x509.Name, key: Key) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + LIFE)
    )


def make_push_files(folder: Path) -> str:
    """Write root, service and push certificate (with keys) into the folder; the push topic."""
    folder.mkdir(parents=True, exist_ok=True)
    root_key = ec.generate_private_key(ec.SECP256R1())
    root_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Lab push root")])
    root = _builder(root_name, root_name, root_key).add_extension(x509.BasicConstraints(True, None), True)
    root_certificate = root.sign(root_key, hashes.SHA256())
    service_key = ec.generate_private_key(ec.SECP256R1())
    service_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
    service = _builder(service_name, root_name, service_key)
    service = service.add_extension(x509.SubjectAlternativeName(names), False)
    topic = f"com.apple.mgmt.External.{uuid4()}"
    push_key = rsa.generate_private_key(65537, 2048)
    push_name = x509.Name(
        [
            x509.NameAttribute(NameOID.USER_ID, topic),
            x509.NameAttribute(NameOID.COMMON_NAME, f"APSP:{topic[-36:]}"),
        ]
    )
    push = _builder(push_name, root_name, push_key)
    encoding = serialization.Encoding.PEM
    files = {
        ROOT: root_certificate.public_bytes(encoding),
        SERVICE: service.sign(root_key, hashes.SHA256()).public_bytes(encoding) + _pem(service_key),
        PUSH: push.sign(root_key, hashes.SHA256()).public_bytes(encoding) + _pem(push_key),
    }
    for name, content in files.items():
        path = folder / name
        path.touch(mode=0o600)
        path.write_bytes(content)
    return topic


if __name__ == "__main__":
    make_push_files(Path(sys.argv[1]))
