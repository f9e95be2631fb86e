"""An SMTP server that takes everything and does nothing, as lean as one can be in Python: a process of its own.

`python -m bench.sink` prints its port.
"""

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager


def main() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        print(server.getsockname()[1], flush=True)
        while True:
            client, _address = server.accept()
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=_talk, args=(client,), daemon=True).start()


def _talk(client: socket.socket) -> None:
    with client, client.makefile("rb") as lines:
        client.sendall(b"220 sink\r\n")
        for line in lines:
            verb = line[:4].upper()
            if verb == b"DATA":
                client.sendall(b"354 Go on\r\n")
                while lines.readline() not in (b".\r\n", b""):
                    pass
                client.sendall(b"250 Taken\r\n")
            elif verb == b"QUIT":
                client.sendall(b"221 Bye\r\n")
                return
            elif verb == b"EHLO":
                client.sendall(b"250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n")
            else:
                client.sendall(b"250 sink\r\n")


@contextmanager
def running() -> Iterator[int]:
    """Its port."""
    process = subprocess.Popen([sys.executable, "-m", "bench.sink"], stdout=subprocess.PIPE, text=True)
    try:
        yield int(process.stdout.readline() if process.stdout else 0)
    finally:
        process.kill()
        process.wait()


if __name__ == "__main__":
    main()
