"""kill -9 while time is moved on: no occurrence of a schedule is lost."""

import datetime
import threading

from harness.clients import Clients
from harness.schedules import TIME, create, make_queue, received, target, times

HOURS, KILLS = 4, 3


def advancing(platform, hours):
    """Moves time until the platform dies, or it is done."""
    try:
        platform.advance(hours * 3600, within=170)
    except Exception:  # noqa: BLE001: whatever a client says whose server is gone
        return


def test_no_occurrence_is_lost(fresh, chance):
    platform = fresh().start()
    clients = Clients(platform.url)
    sqs = clients.boto("sqs")
    url, arn = make_queue(sqs)
    create(clients.boto("scheduler"), "cron(* * * * ? *)", target(arn, Input=TIME))
    for _kill in range(KILLS):
        mover = threading.Thread(target=advancing, args=(platform, HOURS))
        mover.start()
        platform.dies_after(chance.uniform(0.2, 1.5))
        mover.join()
        platform.start(seconds=60)
    platform.advance(3600, within=170)
    got = {message["Body"] for message in received(sqs, url, lambda bodies: len(set(bodies)) >= 60)}
    read = sorted(datetime.datetime.fromisoformat(body.replace("Z", "+00:00")) for body in got)
    # What is still on its way at the end isn't lost: it is waited for.
    expected = set(times(read[0], datetime.timedelta(minutes=1), read[-1]))
    got |= {message["Body"] for message in received(sqs, url, lambda bodies: expected <= got | set(bodies))}
    assert expected <= got
    assert platform.terminate() == 0
