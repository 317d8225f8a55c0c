"""Transfers between accounts that several clients share: each in one transaction, with its line in a journal."""

from .calls import Refused

ACCOUNTS = 6


class Bank:
    """The accounts, and the journals of all who transfer."""

    def __init__(self, calls, table):
        self.calls, self.table = calls, table
        self.tellers = []

    def teller(self, calls, chance):
        teller = Teller(self, calls, chance, f"journal-{len(self.tellers)}")
        self.tellers.append(teller)
        return teller

    def prepare(self):
        self.calls.create_table(self.table)

    def check(self):
        """Money is only moved, and each account holds what the journals say: no transfer was done by half or twice."""
        rows = {row["id"]["S"]: row for page in self.pages() for row in page["Items"]}
        balances = [number(rows.get(f"account-{n}"), "v") for n in range(ACCOUNTS)]
        assert sum(balances) == 0, f"the sum isn't kept: {balances}"
        journals = [rows.get(teller.journal) for teller in self.tellers]
        told = [sum(number(row, f"account-{n}") for row in journals) for n in range(ACCOUNTS)]
        assert balances == told, f"accounts {balances}, journals {told}"
        for teller, row in zip(self.tellers, journals):
            teller.settle(number(row, "n"))

    def pages(self):
        return self.calls.pages("dynamodb", "scan", TableName=self.table, ConsistentRead=True)

    def acknowledged(self):
        return sum(teller.done for teller in self.tellers)


class Teller:
    """One client. A transfer whose answer was lost is asked for again with its token, and must not happen twice."""

    def __init__(self, bank, calls, chance, journal):
        self.bank, self.calls, self.chance, self.journal = bank, calls, chance, journal
        self.done = 0
        self.open = None
        self.conflicts = 0

    def step(self):
        self.open = self.open or self.transfer()
        try:
            self.calls("dynamodb", "transact_write_items", **self.open)
        except Refused as refused:
            assert refused.code in ("TransactionCanceledException", "TransactionInProgressException"), refused
            assert set(refused.reasons) <= {"None", "TransactionConflict"}, refused
            self.conflicts += 1
            return
        self.done, self.open = self.done + 1, None

    def finish(self):
        """Asks again for what was left without an answer."""
        if self.open:
            self.step()

    def transfer(self):
        giver, taker = self.chance.sample(range(ACCOUNTS), 2)
        amount = self.chance.randrange(1, 100)
        journal = {
            "Key": {"id": {"S": self.journal}},
            "UpdateExpression": "ADD #giver :minus, #taker :plus, n :one",
            "ExpressionAttributeNames": {"#giver": f"account-{giver}", "#taker": f"account-{taker}"},
            "ExpressionAttributeValues": {":minus": signed(-amount), ":plus": signed(amount), ":one": signed(1)},
        }
        moves = [self.move(giver, -amount), self.move(taker, amount), journal]
        actions = [{"Update": {"TableName": self.bank.table, **move}} for move in moves]
        return {"TransactItems": actions, "ClientRequestToken": f"{self.journal}-{self.done}"}

    def move(self, account, amount):
        return {
            "Key": {"id": {"S": f"account-{account}"}},
            "UpdateExpression": "ADD v :amount",
            "ExpressionAttributeValues": {":amount": signed(amount)},
        }

    def settle(self, found):
        may_be = [self.done, self.done + 1] if self.open else [self.done]
        assert found in may_be, f"{self.journal}: {found} transfers, acknowledged {self.done}, open: {bool(self.open)}"


def signed(amount):
    return {"N": str(amount)}


def number(row, name):
    return int(row[name]["N"]) if row and name in row else 0
