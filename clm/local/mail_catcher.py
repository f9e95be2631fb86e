"""A real SMTP server on the loopback address that sends nothing on: what it takes can be read in the product.

    python -m clm.local.mail_catcher --port 1025 --folder .local/mail

It answers 250 only after the mail is on the disk, as a real server would.
"""

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from clm.base.caught_mail import CaughtMail
from clm.local import ports

LARGEST = 33_554_432


class Catcher:
    def __init__(self, mail: CaughtMail) -> None:
        self.mail = mail

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = bytes(envelope.original_content or b"")
        self.mail.keep(content, sender=envelope.mail_from or "", recipients=envelope.rcpt_tos)
        return "250 Caught"


async def serve(port: int, folder: Path) -> None:
    """Until TERM or INT."""
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    catcher = Catcher(CaughtMail(folder))
    server = await loop.create_server(
        lambda: SMTP(
            catcher,
            loop=loop,
            hostname="localhost",
            ident="CLM",
            data_size_limit=LARGEST,
            enable_SMTPUTF8=True,
        ),
        ports.LOOPBACK,
        port,
    )
    print(f"catches mail on {ports.LOOPBACK}:{port}", flush=True)
    await stopped.wait()
    server.close()


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m clm.local.mail_catcher", description="Catches mail.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    asked = parser.parse_args(arguments)
    asyncio.run(serve(asked.port, asked.folder))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
