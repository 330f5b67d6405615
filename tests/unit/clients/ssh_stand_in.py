"""Stands in for OpenSSH: `-D` forwards as OpenSSH does, and the host's shell is one of this machine.

It writes its words to $WORDS, and fails as $TROUBLE says: `refused`, `prohibited`, or `busy` at first.
"""

import os
import select
import socket
import subprocess
import sys
import threading
from pathlib import Path


def forward(client: socket.socket) -> None:
    """Serve one SOCKS5 connection; success is told before there is a connection (OpenSSH's channels.c)."""
    with client:
        client.recv(512)
        client.sendall(b"\x05\x00")
        asked = client.recv(512)
        kind, rest = asked[3], asked[4:]
        name = rest[1 : 1 + rest[0]].decode() if kind == 3 else socket.inet_ntoa(rest[:4])
        client.sendall(b"\x05\x00\x00\x01" + bytes(6))
        if os.environ.get("TROUBLE") == "prohibited":
            tell("administratively prohibited: open failed")
            return
        try:
            # The names that only this host knows.
            address = "127.0.0.1" if name.endswith(".inside.test") else name
            server = socket.create_connection((address, int.from_bytes(asked[-2:], "big")), 5)
        except OSError as error:
            tell(f"connect failed: {error}")
            return
        with server:
            pair = {client: server, server: client}
            while True:
                for one in select.select(list(pair), [], [])[0]:
                    data = one.recv(65536)
                    if not data:
                        return
                    pair[one].sendall(data)


def tell(why: str) -> None:
    print(f"channel 2: open failed: {why}", file=sys.stderr, flush=True)


words = sys.argv[1:]
with Path(os.environ["WORDS"]).open("a") as file:
    file.write("\n".join(words) + "\n--\n")
if os.environ.get("TROUBLE") == "refused":
    sys.exit("ada@ui.test: Permission denied (publickey).")
if os.environ.get("TROUBLE") == "busy" and Path(os.environ["WORDS"]).read_text().count("--\n") < 2:
    print("kex_exchange_identification: Connection closed by remote host", file=sys.stderr)
    sys.exit(255)
if "-D" in words:
    host, _, port = words[words.index("-D") + 1].rpartition(":")
    listening = socket.create_server((host, int(port)))

    def serve() -> None:
        while True:
            threading.Thread(target=forward, args=(listening.accept()[0],), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    command = words[-1]
    sys.exit(subprocess.run(["sh", "-c", command], check=False).returncode)
sys.exit(subprocess.run(["sh"], check=False).returncode)
