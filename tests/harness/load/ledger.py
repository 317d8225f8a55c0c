"""What each name may hold: the value acknowledged last, or one that was asked for and never answered."""

ABSENT = None


class Ledger:
    def __init__(self):
        self.acknowledged = {}  # name → value
        self.open = {}  # name → values that may appear, or appear yet
        self.count = 0

    def attempt(self, name, value):
        self.open.setdefault(name, []).append(value)

    def acknowledge(self, name, value):
        """What was cut off before may still come in after this; only a look at the quiet platform settles that."""
        self.open[name].remove(value)
        self.acknowledged[name] = value
        self.count += 1

    def withdraw(self, name, value):
        self.open[name].remove(value)

    def is_sure(self, name):
        return not self.open.get(name)

    def names(self):
        """Those that are surely there."""
        return [name for name, value in self.acknowledged.items() if value is not ABSENT and self.is_sure(name)]

    def may_be(self, name):
        return [self.acknowledged.get(name, ABSENT), *self.open.get(name, [])]

    def settle(self, found):
        """Holds what was found, {name: value}, against what may be; from now on that is how it is."""
        for name in {*self.acknowledged, *self.open, *found}:
            value, possible = found.get(name, ABSENT), self.may_be(name)
            assert value in possible, f"{name}: found {value!r}, acknowledged {possible[0]!r}, without answer {possible[1:]!r}"
        self.acknowledged = dict(found)
        self.open = {}
