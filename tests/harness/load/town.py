"""All stations together."""

import collections
import random

from .apis import Apis
from .calls import Calls
from .errands import Errands, Processions
from .events import Events
from .items import Items
from .messages import Bulletins, Letters, News, Parcels
from .objects import Objects
from .packages import Packages
from .queue import Queue
from .transfers import Bank

SERVICES = ("dynamodb", "lambda", "apigatewayv2", "sqs", "sns")


class Town:
    """All stations on one platform, or on several nodes of one."""

    def __init__(self, urls, chance, **config):
        def calls(*more):
            return Calls(urls, chance, **config).warm_up(*SERVICES, *more)

        def luck():
            return random.Random(chance.random())

        self.bank = Bank(calls(), "bank")
        tellers = [self.bank.teller(calls(), luck()) for _ in range(2)]
        items = [Items(calls(), luck(), f"items-{n}") for n in range(2)]
        kinds = {"queue": Queue, "f": Packages, "api": Apis, "parcels": Parcels, "letters.fifo": Letters}
        singles = [kind(calls(), luck(), name) for name, kind in kinds.items()]
        self.told = [News(calls(), luck(), "news")]
        singles.append(Objects(calls("s3"), luck(), "objects"))
        # On several nodes these are not tried yet.
        if len(urls) == 1:
            self.told.append(Bulletins(calls("events"), luck(), "bulletins"))
        self.told += [Errands(calls(), luck(), "errands"), Processions(calls(), luck(), "processions.fifo")]
        self.events = Events(calls(), luck(), "recorder")
        self.checked = [self.bank, *items, *singles, self.events, *self.told]
        self.working = [*tellers, *items, *singles, self.events, *self.told]

    def prepare(self):
        for station in self.checked:
            station.prepare()

    def check(self):
        for station in self.checked:
            station.check()

    def settle(self, clock):
        """Moves time on until every event has run. Transfers come first: their tokens hold for ten minutes."""
        for teller in self.bank.tellers:
            teller.finish()
        self.events.settle(clock)
        for one in self.told:
            one.settle(clock)

    def unanswered(self):
        """How many calls were cut off, their outcome unknown."""
        return sum(station.calls.unsure for station in self.working)

    def acknowledged(self):
        sums = collections.Counter()
        for station in self.checked:
            sums[type(station).__name__.lower()] += station.acknowledged()
        return dict(sums)
