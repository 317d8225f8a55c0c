"""What is printed at the end: each attack, and what held by each capability of the host."""

from sandbox.lab.names import ATTACKS

HELD, FAILED, NOT_RUN = "held", "FAILED", "not run"


class Notes:
    """Collects results; one for the whole run."""

    def __init__(self):
        self.results, self.without, self.rows, self.level = {}, {}, {}, "unknown"

    def record(self, name, passed):
        """A test's call and its end are both told; one failure is enough."""
        self.results[name] = self.results.get(name, True) and passed

    def no_control(self, name, why):
        self.without[name] = why

    def of(self, name):
        return {True: HELD, False: FAILED, None: NOT_RUN}[self.results.get(name)]

    def lines(self, title):
        yield f"{title}: level {self.level}"
        ran = [name for name in ATTACKS if self.of(name) != NOT_RUN]
        for name in ran:
            note = f"  (no control: {self.without[name]})" if name in self.without else ""
            yield f"  {self.of(name):8} {name}{note}"
        if len(ran) < len(ATTACKS):
            yield f"  {NOT_RUN}: {', '.join(name for name in ATTACKS if name not in ran)}"
        yield "by what stops them:"
        for capability in dict.fromkeys([*self.rows, *ATTACKS.values()]):
            names = [name for name, by in ATTACKS.items() if by == capability]
            held = sum(self.of(name) == HELD for name in names)
            mark = {True: "found", False: "MISSING", None: "ours"}[self.rows.get(capability)]
            yield f"  {capability:15} {mark:8} {held} of {len(names)} held"
        held = sum(self.of(name) == HELD for name in ATTACKS)
        yield f"{held} of {len(ATTACKS)} attacks held"
