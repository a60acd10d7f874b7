"""Projects to build a site of: committed replications, and one whose every text is hostile."""

import json
import shutil
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

CHECKOUT = Path(__file__).parents[2]
ACTADD, IOI = "actadd/smollm2-135m-instruct", "ioi/smollm2-135m-instruct"
CAPITALS = "attribution-graphs/capitals-4l"
SCRIPT = "</script><script>window.hostile = 1</script>"
IMAGE = '<img src="x" onerror="window.hostile = 2">'
ADDRESS = "javascript:window.hostile=3"
RIGHT_TO_LEFT = "\u202eשלום עולם"
EMOJI = "👩‍🔬🧪"
LONG = "interminable " * 385
"""5,005 characters."""


def committed(*names: str) -> list[Path]:
    """Folders of this project's replications."""
    return [CHECKOUT / "replications" / name for name in names]


def copied(project: Path, name: str = ACTADD) -> Path:
    """A committed replication and its paper in a project of its own; the replication's folder."""
    paper = name.split("/")[0]
    shutil.copytree(CHECKOUT / "papers" / paper, project / "papers" / paper)
    folder = project / "replications" / name
    shutil.copytree(CHECKOUT / "replications" / name, folder)
    return folder


def hostile(project: Path) -> Path:
    """A replication with markup, scripts and odd letters wherever a spec takes free text."""
    folder = copied(project)
    paper, spec = project / "papers/actadd/paper.yaml", folder / "replication.yaml"
    facts = _read(paper)
    facts["title"] = f"{SCRIPT} {LONG}"
    facts["authors"] = [IMAGE, RIGHT_TO_LEFT, ADDRESS, EMOJI]
    facts["topics"] = [f'"><svg onload="window.hostile=4"> {EMOJI}', "steering\n--><!--"]
    for claim in facts["claims"]:
        claim["statement"] = f"{IMAGE} {claim['statement']}"
        claim["source"]["quote"] = f"{SCRIPT} ' \" ` {RIGHT_TO_LEFT}"
        claim["source"]["section"] = f"{ADDRESS} {IMAGE}"
    choices = _read(spec)
    choices["authors"] = [f"{ADDRESS} {SCRIPT}"]
    for deviation in choices["deviations"]:
        deviation["why"] = f"{SCRIPT}{IMAGE} {LONG}"
    choices["untested"] = dict.fromkeys(choices["untested"], f"{IMAGE} {ADDRESS}")
    paper.write_text(json.dumps(facts, ensure_ascii=False))
    spec.write_text(json.dumps(choices, ensure_ascii=False))
    (folder / "tables" / '"><img src=x onerror=alert(1)>.csv').write_text("a\n")
    return folder


def _read(path: Path) -> Any:
    return YAML(typ="safe", pure=True).load(path.read_text())
