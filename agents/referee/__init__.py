"""Language models as referees of a replication. They give opinions; verdicts are the harness's."""
