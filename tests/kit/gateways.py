"""What call-outs are made to, on loopback: a mail server, an HTTP server that keeps what it is asked, certificates."""

import asyncio
import base64
import datetime as dt
import email
import email.policy
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

__all__ = ["Gateway", "MailServer", "make_certificate"]

LOOPBACK = "127.0.0.1"


def make_certificate(folder: Path, host: str) -> None:
    """Write `authority.pem`, and `server.pem` with key and certificate of a host that it certifies."""
    root, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority")])
    now = dt.datetime.now(dt.UTC)
    begun = (
        x509.CertificateBuilder()
        .issuer_name(name)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=2))
    )
    usage = x509.KeyUsage(digital_signature=True, key_cert_sign=True, crl_sign=True, content_commitment=False,
                          key_encipherment=False, data_encipherment=False, key_agreement=False, encipher_only=False,
                          decipher_only=False)  # fmt: skip
    authority = (
        begun.subject_name(name)
        .public_key(root.public_key())
        .serial_number(1)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(root.public_key()), critical=False)
        .sign(root, hashes.SHA256())
    )
    leaf = (
        begun.subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)]))
        .public_key(key.public_key())
        .serial_number(2)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root.public_key()), critical=False)
        .sign(root, hashes.SHA256())
    )
    form = serialization.Encoding.PEM
    private = key.private_bytes(form, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "authority.pem").write_bytes(authority.public_bytes(form))
    (folder / "server.pem").write_bytes(private + leaf.public_bytes(form))


class _Server:
    """A server on a free port of loopback."""

    port = 0

    def __init__(self) -> None:
        self._context: ssl.SSLContext | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, LOOPBACK, 0, ssl=self._context)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self.talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            return
        finally:
            writer.close()

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Talk with one client."""
        raise NotImplementedError


@dataclass
class Asked:
    """One request."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Gateway(_Server):
    """Answers every request alike, and keeps what it was asked."""

    def __init__(self, answer: bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}") -> None:
        super().__init__()
        self.asked: list[Asked] = []
        self._answer = answer

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, path, _ = head[0].split(" ")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.asked.append(Asked(method, path, headers, body))
        writer.write(self._answer)
        await writer.drain()


@dataclass
class Mail:
    """One mail, as it came."""

    recipients: list[str] = field(default_factory=list)
    login: tuple[str, str] = ("", "")
    was_private: bool = False
    message: EmailMessage = field(default_factory=EmailMessage)


class MailServer(_Server):
    """As much of RFC 5321 as a client needs to hand in a mail, with STARTTLS and AUTH PLAIN."""

    def __init__(self, folder: Path, *, security: str) -> None:
        super().__init__()
        self.mails: list[Mail] = []
        self._security = security
        self._made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._made.load_cert_chain(folder / "server.pem")
        self._context = self._made if security == "tls" else None

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        mail = Mail(was_private=self._security == "tls")
        writer.write(b"220 here\r\n")
        while line := (await reader.readline()).decode().strip():
            verb = line.split(" ")[0].upper()
            if verb == "EHLO":
                offered = "" if mail.was_private or self._security != "starttls" else "250-STARTTLS\r\n"
                writer.write(f"250-here\r\n{offered}250 AUTH PLAIN\r\n".encode())
            elif verb == "STARTTLS":
                writer.write(b"220 go\r\n")
                await writer.drain()
                await writer.start_tls(self._made)
                mail.was_private = True
            elif verb == "AUTH":
                _, user, password = base64.b64decode(line.split(" ")[2]).decode().split("\0")
                mail.login = (user, password)
                writer.write(b"235 welcome\r\n")
            elif verb == "DATA":
                writer.write(b"354 go on\r\n")
                raw = await reader.readuntil(b"\r\n.\r\n")
                mail.message = email.message_from_bytes(raw[:-3], policy=email.policy.default)
                self.mails.append(mail)
                writer.write(b"250 taken\r\n")
            else:
                if verb == "RCPT":
                    mail.recipients.append(line.partition("<")[2].partition(">")[0])
                writer.write(b"221 bye\r\n" if verb == "QUIT" else b"250 yes\r\n")
            await writer.drain()
