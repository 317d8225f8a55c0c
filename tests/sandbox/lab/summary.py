"""What is printed at the end: each attack, and what held by each capability of the host."""

from sandbox.lab.names import ATTACKS

HELD, FAILED, OPEN, NOT_RUN = "held", "FAILED", "OPEN", "not run"


class Notes:
    """Collects results; one for the whole run."""

    def __init__(self):
        self.results, self.notes, self.rows, self.level = {}, {}, {}, "unknown"

    def record(self, name, state):
        """A test's call and its end are both told; one failure is enough."""
        if self.results.get(name, HELD) == HELD:
            self.results[name] = state

    def note(self, name, text):
        self.notes[name] = text

    def no_control(self, name, why):
        self.note(name, f"no control: {why}")

    def of(self, name):
        return self.results.get(name, NOT_RUN)

    def lines(self, title):
        yield f"{title}: level {self.level}"
        ran = [name for name in ATTACKS if name in self.results]
        for name in ran:
            yield f"  {self.of(name):8} {name}" + (f"  ({self.notes[name]})" if name in self.notes else "")
        if len(ran) < len(ATTACKS):
            yield f"  {NOT_RUN}: {', '.join(name for name in ATTACKS if name not in self.results)}"
        yield "by what stops them:"
        for capability in dict.fromkeys([*self.rows, *ATTACKS.values()]):
            names = [name for name in ran if ATTACKS[name] == capability]
            held = sum(self.of(name) == HELD for name in names)
            mark = {True: "found", False: "MISSING", None: "ours"}[self.rows.get(capability)]
            yield f"  {capability:15} {mark:8} {held} of {len(names)} held"
        yield f"{sum(self.of(name) == HELD for name in ran)} of {len(ran)} attacks held"
