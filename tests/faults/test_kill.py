import json
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]


def test_killed_at_random_and_at_every_write_the_same_command_gives_the_same_bytes() -> None:
    done = subprocess.run(
        [sys.executable, "benchmarks/kill.py", "--kills", "5", "--writes", "--json"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout)
    assert told["holds"]
    for kind, least in (("random instants", 5), ("every write", 12)):
        tally = told[kind]
        assert tally["kills"] >= least
        assert tally["files_compared"] >= 3 * tally["rounds"]
        assert tally["files_lost"] == tally["files_different"] == tally["files_too_many"] == 0
    # The control: kills strike half-written files, and before, between and after experiments.
    assert told["every write"]["half_written_files_seen"] > 0
    assert set(told["every write"]["kills_by_finished_experiments"]) == {"0", "1", "2"}
