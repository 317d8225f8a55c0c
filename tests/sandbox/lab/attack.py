"""One attack of the list: tried inside, judged, and tried again where nothing holds it."""

from sandbox.lab import control


class Attack:
    """What a test of the list gets. It has a name, and collects what is told at the end."""

    def __init__(self, arena, name, scratch, notes):
        self.arena, self.name, self.scratch, self.notes = arena, name, scratch, notes
        # Once is enough; a second run is about what holds in another place.
        self.proving = arena.user is None

    def __call__(self, refused, inside=None, outside=None, **how):
        """Tries the attempt of this name. Every part must be refused in one of the ways of `refused` (one set, or one
        for each part, with `...` for the rest), and go through in the control, whose `how` is that of `control.of`."""
        visits = self.arena.bait.listeners.visits
        visits.clear()
        held = self.arena.attempt(self.name, **(inside or {}))
        assert not visits, f"the host was visited: {visits}"
        proof = self.proved(lambda: control.of(self.name, {**self.arena.outside(self.scratch), **(outside or {})}, self.scratch, **how))
        wrong = {part: said for part, said in held.items() if not self._refused(part, said, refused, proof)}
        assert not wrong, f"inside: {wrong}; expected: {refused}"
        return held

    def proved(self, run):
        """What the control says; it must say that attempts go through, as far as there can be one."""
        if not self.proving:
            return {}
        try:
            proof = run()
        except control.Impossible as err:
            self.notes.no_control(self.name, str(err))
            return {}
        failed = {part: said for part, said in proof.items() if not said.startswith(("through", "absent"))}
        assert not failed, f"the control shows nothing: {failed}"
        if not any(said.startswith("through") for said in proof.values()):
            self.notes.no_control(self.name, "; ".join(sorted(set(proof.values()))))
        return proof

    def control(self, run, expected):
        """A control of one's own: what `run` answers is, or passes for, what goes through where nothing holds it."""
        if not self.proving:
            return
        try:
            said = run()
        except control.Impossible as err:
            self.notes.no_control(self.name, str(err))
            return
        shows = expected(said) if callable(expected) else said == expected
        assert shows, f"the control shows nothing: {str(said)[:500]}"

    @staticmethod
    def _refused(part, said, refused, proof):
        if said.startswith("absent"):
            return proof.get(part, "absent").startswith("absent")
        ways = refused if isinstance(refused, set) else refused.get(part, refused.get(..., set()))
        return any(said in (f"refused: {way}", f"killed by {way}") or said.startswith(f"refused: {way} ") for way in ways)
