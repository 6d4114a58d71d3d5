"""A second process that writes the log: ``python -m tests.service.log_writer URL STATE FIRST COUNT [HOLD]``.

Prints ``size root`` of every checkpoint that it sees published after its own appends. With HOLD it keeps its
transaction open for that many seconds before the commit, and says ``holding`` first.
"""

import asyncio
import sys
from pathlib import Path

from election_service.database import open_database
from election_service.log import append
from election_service.state_dir import StateDir
from tests.service.logs import ELECTION, NOW, Ledger, filler


async def write(url: str, folder: str, first: int, count: int, hold: float) -> None:
    database = open_database(url, idle_milliseconds=500 if hold else 60_000)
    ledger = Ledger(database, StateDir(Path(folder)))
    for number in range(first, first + count):
        async with database.transaction() as connection:
            await append(connection, ELECTION, [filler(number)], NOW + number)
            if hold:
                print("holding", flush=True)
                await asyncio.sleep(hold)
        await ledger.publish()
        checkpoint = await ledger.checkpoint()
        print(checkpoint.size, checkpoint.root.hex(), flush=True)
    await database.close()


if __name__ == "__main__":
    url, folder, first, count, *rest = sys.argv[1:]
    asyncio.run(write(url, folder, int(first), int(count), float(rest[0]) if rest else 0.0))
