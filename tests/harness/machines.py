"""State machines of recorded scenarios, made again here."""

import json
import re

from .clients import ROLE
from .names import unique
from .recordings import Comparison, answered, scenario
from .workflows import Execution

PASS = {
    "Comment": "BASE_PASS_RESULT", "StartAt": "State_1",
    "States": {"State_1": {"Type": "Pass", "Result": {"Arg1": "argument1"}, "End": True}},
}


class Replay:
    """A scenario with a state machine of its own."""

    def __init__(self, states, file, name):
        self.states, self.told, self.name = states, scenario(file, name), unique("machine")
        self.comparison = Comparison()

    def step(self, label, call, **params):
        ours = answered(call, **params)
        self.compare(self.told[label], ours, label)
        return ours

    def refused(self, label, call, **params):
        """As recorded where a test kept an exception."""
        ours = answered(call, **params)["Error"]
        error = self.told[label]
        assert ours["Code"] == error["exception_typename"]
        message = error["exception_value"].split(" operation: ", 1)[1]
        self.compare(message, ours["Message"], label)

    def compare(self, theirs, ours, label):
        """Their names of machines, roles and executions are placeholders of their own; definitions are JSON in theirs."""
        told = json.dumps(theirs).replace("<ArnPart_0idx>", self.name)
        told = told.replace("<ExecArnPart_0idx>", "<execution:0>").replace("<ExecArnPart_1idx>", "<execution:1>")
        told = re.sub("s(nf|fn)_role_arn(_t[0-9])?", ROLE, told)
        self.comparison.check(json.loads(told), read(ours), label)

    def create(self, label=None, **more):
        params = {"name": self.name, "definition": json.dumps(PASS), "roleArn": ROLE, **more}
        if not label:
            return self.states.create_state_machine(**params)["stateMachineArn"]
        return self.step(label, self.states.create_state_machine, **params)["stateMachineArn"]

    def publish(self, arn, comment):
        """Another revision, and its version."""
        definition = json.dumps({**PASS, "Comment": comment})
        return self.states.update_state_machine(stateMachineArn=arn, definition=definition, publish=True)[
            "stateMachineVersionArn"
        ]

    def ended(self, execution):
        Execution(self.states, execution).ended()


def read(answer):
    """As recordings have it: what is JSON within an answer is read."""
    if isinstance(answer, list):
        return [read(one) for one in answer]
    if not isinstance(answer, dict):
        return answer
    texts = ("definition", "input", "output")
    return {
        name: json.loads(value) if name in texts and isinstance(value, str) else read(value)
        for name, value in answer.items()
    }
