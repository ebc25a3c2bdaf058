"""What a server needs to speak TLS. The one that comes along does not: Debian's redis-server does."""

from __future__ import annotations

import datetime as dt
import ipaddress
import shutil
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.support.ports import server_port

DAY = dt.timedelta(days=1)


def tls_program() -> Path:
    """The server that tests of TLS run."""
    found = shutil.which("redis-server")
    assert found, "install Debian's package redis-server"
    return Path(found)


def tls_settings(folder: Path) -> dict[str, str]:
    """The settings of a server on 127.0.0.1 that speaks TLS on a port besides; `certificate` is what to trust."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - DAY)
        .not_valid_after(now + DAY)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "key.pem").write_bytes(private)
    certificate(folder).write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return {
        "tls-port": str(server_port()),
        "tls-cert-file": str(certificate(folder)),
        "tls-key-file": str(folder / "key.pem"),
        "tls-ca-cert-file": str(certificate(folder)),
        "tls-auth-clients": "no",
    }


def certificate(folder: Path) -> Path:
    """Where the certificate is that clients have to trust."""
    return folder / "certificate.pem"
