"""tlslite-ng as a peer of the lab TLS engine, one process for many handshakes.

    peer.py serve DIR [--bleeding] [--port=N]   prints where it listens as key=value lines, then `ready`, and answers HTTP until it is killed
    peer.py call DIR                 makes one call per line of JSON on standard input, and says per line what it came to
    peer.py list VERSION             prints the code points of the suites it has in a version, such as 0303

DIR holds certificates and keys: server, server-ecdsa and server-dss if it is there, client-rsa, client-p256, client-p384.
Everything tlslite-ng can do is switched on, but for SRP. --bleeding answers a heartbeat with as many octets as it says it has,
as CVE-2014-0160 did; tlslite-ng itself does not.
"""

import json
import pathlib
import socket
import sys
import threading

import tlslite
from tlslite.constants import CipherSuite
from tlslite.handshakesettings import ALL_CIPHER_NAMES, ALL_MAC_NAMES, Keypair, VirtualHost
from tlslite.messages import Heartbeat

IDENTITY = b"presec"
KEY = bytes.fromhex("00112233445566778899aabbccddeeff")
VERSIONS = [(3, 4), (3, 3), (3, 2), (3, 1), (3, 0)]
OWN = ["client-rsa", "client-p256", "client-p384"]
LIMIT = 20


def settings_for(versions):
    settings = tlslite.HandshakeSettings()
    settings.versions = versions
    settings.minVersion, settings.maxVersion = min(versions), max(versions)
    settings.cipherNames = list(ALL_CIPHER_NAMES)
    settings.macNames = list(ALL_MAC_NAMES)
    settings.keyExchangeNames = [name for name in settings.keyExchangeNames if not name.startswith("srp")]
    # The others are slow in Python, or known to nobody else.
    settings.eccCurves = ["x25519", "secp256r1", "secp384r1", "secp521r1"]
    settings.keyShares = ["x25519", "secp256r1"]
    settings.dhGroups = ["ffdhe2048"]
    return settings


def suites(version):
    settings = settings_for([version])
    if version == (3, 4):
        lists = [CipherSuite.getTLS13Suites]
    else:
        lists = [
            CipherSuite.getCertSuites, CipherSuite.getDheCertSuites, CipherSuite.getEcdheCertSuites,
            CipherSuite.getEcdsaSuites, CipherSuite.getDheDsaSuites, CipherSuite.getAnonSuites,
            CipherSuite.getEcdhAnonSuites,
        ]
    codes = [code for each in lists for code in each(settings, version)]
    return CipherSuite.filterForVersion(codes, version, version)


def keypair(directory, name):
    chain = tlslite.X509CertChain()
    chain.parsePemList((directory / f"{name}.pem").read_text())
    return chain, tlslite.parsePEMKey((directory / f"{name}.key").read_text(), private=True)


class Bleeding(Heartbeat):
    """Reads what a heartbeat says it has, whatever it has."""

    def parse(self, parser):
        self.message_type = parser.get(1)
        length = parser.get(2)
        here = parser.getFixBytes(parser.getRemainingLength())
        self.payload = (bytearray(here) + bytearray(b"what else was in memory " * 4096))[:length]
        # Shorter padding would be answered by nobody.
        self.padding = bytearray(16)
        return self


class Server:
    def __init__(self, directory):
        self.chain, self.key = keypair(directory, "server")
        self.settings = settings_for(VERSIONS)
        others = [name for name in ["server-ecdsa", "server-dss"] if (directory / f"{name}.pem").exists()]
        host = VirtualHost()
        host.keys = [Keypair(key, chain.x509List) for chain, key in (keypair(directory, name) for name in others)]
        self.settings.virtual_hosts = [host]
        self.settings.pskConfigs = [(IDENTITY, KEY, "sha256")]
        self.settings.ticketKeys = [bytearray(range(32))]
        self.sessions = tlslite.SessionCache()
        self.trusted = [bytes(keypair(directory, name)[0].x509List[0].bytes) for name in OWN if (directory / f"{name}.pem").exists()]

    def listen(self, port=0, **how):
        listener = socket.create_server(("127.0.0.1", port), backlog=64)
        threading.Thread(target=self.accept, args=(listener, how), daemon=True).start()
        return listener.getsockname()[1]

    def accept(self, listener, how):
        while True:
            stream, _ = listener.accept()
            threading.Thread(target=self.converse, args=(stream, how), daemon=True).start()

    def converse(self, stream, how):
        stream.settimeout(LIMIT)
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = tlslite.TLSConnection(stream)
        try:
            # Without protocols of its own it fails in TLS 1.3 on a client that names some.
            connection.handshakeServer(
                settings=self.settings, sessionCache=self.sessions, alpn=[bytearray(b"http/1.1")], **how
            )
            connection.closeSocket = True
            while self.answer(connection):
                pass
            connection.close()
        except Exception as error:  # whatever ends it has been said to the client as an alert
            print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
            stream.close()

    def answer(self, connection):
        head = bytearray()
        while not head.endswith(b"\r\n\r\n"):
            octet = connection.read(max=1, min=1)
            if not octet:
                return False
            head += octet
        asked = head.startswith(b"GET /required/") and not connection.session.clientCertChain
        if asked and connection.version == (3, 4):
            for _ in connection.request_post_handshake_auth(self.settings):
                pass
            # The certificate is read before the next request; none has been sent yet.
            while not connection.session.clientCertChain and connection._cert_requests:
                connection.read(max=0, min=0)
        chain = connection.session.clientCertChain
        worth = "NONE" if chain is None else "SUCCESS" if bytes(chain.x509List[0].bytes) in self.trusted else "FAILED"
        body = b"a document\n"
        status = "200 OK" if head.startswith((b"GET /document", b"GET /required/")) else "404 Not Found"
        connection.write(
            f"HTTP/1.1 {status}\r\nX-Client-Verify: {worth}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
        )
        return True


def serve(directory, options):
    if "--bleeding" in options:
        tlslite.tlsrecordlayer.Heartbeat = Bleeding
    server = Server(directory)
    certified = {"certChain": server.chain, "privateKey": server.key}
    ports = [int(option.removeprefix("--port=")) for option in options if option.startswith("--port=")]
    if ports:
        # Somebody else says what there is to say; nobody is asked for a certificate, and SSL 3.0 is off.
        server.settings.versions = [version for version in VERSIONS if version > (3, 0)]
        server.settings.minVersion = min(server.settings.versions)
        server.listen(*ports, **certified)
        threading.Event().wait()
    print(f"version=tlslite-ng {tlslite.__version__}")
    print(f"https=127.0.0.1:{server.listen(reqCert=True, **certified)}")
    print(f"later=127.0.0.1:{server.listen(**certified)}")
    print(f"anonymous=127.0.0.1:{server.listen(anon=True)}")
    print("ready", flush=True)
    threading.Event().wait()


class Caller:
    def __init__(self, directory):
        self.own = {name: keypair(directory, name) for name in OWN}

    def handshake(self, connection, call, session):
        settings = settings_for([tuple(call["version"])])
        # It looks into its own hello for what the server takes (RFC 8879 wants it to look into the CertificateRequest).
        settings.certificate_compression_send = []
        if call.get("psk"):
            settings.pskConfigs = [(IDENTITY, KEY, "sha256")]
        if call.get("anonymous"):
            connection.handshakeClientAnonymous(session=session, settings=settings)
            return
        chain, key = self.own.get(call.get("own"), (None, None))
        connection.handshakeClientCert(chain, key, session=session, settings=settings)

    def converse(self, call, session):
        stream = socket.create_connection(("127.0.0.1", call["port"]), LIMIT)
        stream.settimeout(LIMIT)
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = tlslite.TLSConnection(stream)
        try:
            self.handshake(connection, call, session)
            connection.write(call["line"].encode())
            heard = connection.read(max=len(call["line"]), min=len(call["line"]))
            heard += connection.read(max=1, min=1)
            said = {
                "heard": heard.decode(),
                "resumed": connection.resumed,
                "suite": connection.session.cipherSuite,
                "version": list(connection.version),
                "encrypt_then_mac": bool(connection.session.encryptThenMAC),
                "extended_master_secret": bool(connection.session.extendedMasterSecret),
            }
            connection.close()
            return connection.session, said
        finally:
            stream.close()

    def call(self, call):
        try:
            session, first = self.converse(call, None)
            if not call.get("again"):
                return {"first": first}
            _, again = self.converse(call, session)
            return {"first": first, "again": again}
        except Exception as error:
            return {"error": f"{type(error).__name__}: {error}"}


def main(arguments):
    match arguments:
        case ["serve", directory, *more]:
            serve(pathlib.Path(directory), more)
        case ["call", directory]:
            caller = Caller(pathlib.Path(directory))
            for line in sys.stdin:
                print(json.dumps(caller.call(json.loads(line))), flush=True)
        case ["list", version]:
            for code in suites((int(version[:2]), int(version[2:]))):
                print(f"{code:04x}")
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
