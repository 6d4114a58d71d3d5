"""A process that sends an outbox, at a pace for tests: ``python -m tests.faults.mail_process CONFIGURATION``.

It is what `election-service mail send --wait` runs, with seconds instead of minutes between two attempts.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from election_service.config import load_config
from election_service.database import open_database
from election_service.mail_server import MailServer
from election_service.mailer import Mailer, Pace
from election_service.secrets import load_master_key
from election_service.service import system_clock

PACE = Pace(patience=15.0, lease=16, first=0.3, most=2.0, server_most=0.5, urgent_most=0.5, idle=0.05)


async def main(file: Path) -> None:
    config = load_config({name: value for name, value in os.environ.items() if not name.startswith("ELECTION_")}, file)
    server, master = MailServer.from_config(config), load_master_key(config.master_key_file)
    mailer = Mailer(open_database(config.database_url), master, server, system_clock, PACE)
    await mailer.send_due(wait=True)
    await mailer.database.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
