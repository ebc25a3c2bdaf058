"""A copy of the store is put back as docs/upgrade.md says."""

from __future__ import annotations

import os
import shutil
from contextlib import closing

from jobs.conf import Config
from jobs.states import State
from tests.docs import shell
from tests.docs.blocks import BLOCKS
from tests.support.jobs import store_kit
from tests.support.server import TestServer


def test_a_snapshot_put_where_the_page_says_is_what_the_server_begins_with():
    [script] = [block.text for block in BLOCKS if "in the folder of a server" in block.words.get("not-run", "")]
    with closing(TestServer(durable=True)) as new:
        (new.folder / "appendonlydir").mkdir()  # of what was lost
        with TestServer(durable=True) as old, store_kit(old.url, Config()) as kit, old.client() as client:
            jobs = kit.enqueue_many(3)
            client.save()
            shutil.copy(old.folder / "dump.rdb", new.folder / "queueflow.rdb")
        code, written = shell.run(f"cd {new.folder}\n{script}", os.environ)
        assert code == 0, written
        for begin in (new.start, new.restart):
            begin()
            with store_kit(new.url, Config()) as restored:
                assert [restored.state(job) for job in jobs] == [State.PENDING] * 3
