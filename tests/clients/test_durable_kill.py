"""kill -9 in the middle of durable executions."""

import pytest

from harness import tables
from harness.clients import Clients
from harness.durable import Durable, node

EXECUTIONS, STEPS, KILLS = 4, 6, 5


@pytest.mark.parametrize("language", ("python", "node"))
def test_nothing_is_lost_and_nothing_done_is_done_again(fresh, chance, language):
    platform = fresh(extra=("--node", node())).start()
    clients = Clients(platform.url)
    marks = tables.create(clients)
    one = Durable(platform, clients, language)
    executions = [one.start("many", name=f"run-{n}", steps=STEPS, table=marks) for n in range(EXECUTIONS)]
    for _ in range(KILLS):
        platform.dies_after(chance.uniform(0.05, 1.5))
        platform.start(seconds=60)
        checked(executions)
    results = [execution.succeeds() for execution in executions]
    items = clients.boto("dynamodb").scan(TableName=marks, ConsistentRead=True)["Items"]
    written = {item["id"]["S"] for item in items}
    for execution, result in zip(executions, results):
        assert len(result) == STEPS and set(result) <= written
        steps = [event["StepSucceededDetails"]["Result"]["Payload"] for event in execution.of("StepSucceeded")]
        assert [step.strip('"') for step in steps] == result, "what was acknowledged is what came out"
        assert execution.story()[-1] == "ExecutionSucceeded"
        assert len(execution.of("WaitStarted")) == len(execution.of("WaitSucceeded")) == STEPS
    assert platform.terminate() == 0


def checked(executions):
    """Histories only ever grow."""
    for execution in executions:
        seen, known = execution.history(), getattr(execution, "known", [])
        assert seen[: len(known)] == known
        execution.known = seen
