"""Pipes on a platform whose time can be moved."""

from .clients import ROLE
from .names import unique
from .wait import wait_until


class Pipe:
    """One pipe, in whatever state was waited for."""

    def __init__(self, client, source, target, state="RUNNING", **settings):
        self.client, self.name = client, unique("pipe")
        made = client.create_pipe(Name=self.name, Source=source, Target=target, RoleArn=ROLE, **settings)
        assert made["CurrentState"] == "CREATING", made
        self.arn = made["Arn"]
        self.settled(state)

    def get(self):
        return self.client.describe_pipe(Name=self.name)

    def settled(self, state):
        """The description, once the pipe is in this state."""
        reached = lambda: (found := self.get())["CurrentState"] == state and found
        return wait_until(reached, 60, f"that {self.name} is {state}")

    def change(self, state="RUNNING", **settings):
        self.client.update_pipe(Name=self.name, RoleArn=ROLE, **settings)
        return self.settled(state)
