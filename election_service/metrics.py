"""Figures for the operator: how many, how long, how much waits. Nothing that tells one voter or ballot from another."""

from prometheus_client import CollectorRegistry, Counter, Gauge


class Metrics:
    """The metrics of one process, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.problems = Counter("election_problems", "refused requests", ["code"], registry=self.registry)
        self.mails = Counter("election_mails", "mails sent, refused or put off", ["outcome"], registry=self.registry)
        self.waiting = Gauge("election_ballots_waiting", "ballots that wait to be judged", registry=self.registry)
        self.log_size = Gauge("election_log_entries", "entries of the log", ["election"], registry=self.registry)
        self.published = Gauge(
            "election_log_published", "entries under the published checkpoint", ["election"], registry=self.registry
        )


METRICS = Metrics()
