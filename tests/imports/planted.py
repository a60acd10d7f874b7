"""A repository in the form of the predecessor harness, with the numbers of its one replication."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).parents[2]
ID = "geometry_of_truth-someone-tiny"
RESULTS = f"results/geometry_of_truth/{ID}/tiny"
CONFIG = f"config/papers/geometry_of_truth/replications/{ID}"
REPOSITORY = "https://github.com/someone/mechinterp-replication"
MATRICES = {
    "neg_cities": [[26, 24], [50, 0]],
    "larger_than": [[50, 0], [50, 0]],
    "sp_en_trans": [[8, 42], [0, 50]],
}
MODELS = "models:\n  tiny: {hf_id: org/Tiny-1B-Instruct}\n"
METADATA = f"id: {ID}\nreplicator: Some One\ngithub_handle: some-one\nmodels_tested: [tiny]\n"
CLAIMS = {
    "truth_probe_cities": ("probe_accuracy", 0.7),
    **{f"truth_probe_generalization_{name}": ("diagonal_dominance", 0.5) for name in MATRICES},
}


def result(claim: str, matrix: list[list[int]], **metrics: Any) -> dict[str, Any]:
    """A result file of theirs."""
    right = sum(row[place] for place, row in enumerate(matrix)) / sum(map(sum, matrix))
    accuracy = "probe_accuracy" if claim == "truth_probe_cities" else "test_accuracy"
    return {
        "claim_id": claim,
        "model_key": "tiny",
        "metrics": {accuracy: right, "confusion_matrix": matrix, "best_layer": 12, **metrics},
        "success": True,
        "metadata": {"test_stimulus_set": claim.removeprefix("truth_probe_generalization_")},
    }


def files() -> dict[str, str]:
    """Content by path."""
    claims = "".join(
        f"  - {{id: {name}, success_metric: {metric}, success_threshold: {threshold}}}\n"
        for name, (metric, threshold) in CLAIMS.items()
    )
    results = {"truth_probe_cities": result("truth_probe_cities", [[98, 2], [0, 100]])}
    for name, matrix in MATRICES.items():
        claim = f"truth_probe_generalization_{name}"
        results[claim] = result(claim, matrix, diagonal_dominance=0.5)
    return {
        "config/models.yaml": MODELS,
        f"{CONFIG}/metadata.yaml": METADATA,
        f"{CONFIG}/paper_config.yaml": f"claims:\n{claims}",
        f"{RESULTS}/truth_probe_cities/concept_vectors.pt": "never opened",
        **{f"{RESULTS}/{claim}/result.json": json.dumps(each) for claim, each in results.items()},
    }


def repository(root: Path, contents: dict[str, str], *, origin: str | None = REPOSITORY) -> Path:
    """A checkout with one commit."""
    for name, text in contents.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    commit(root, "init", "--quiet")
    commit(root, "add", ".")
    commit(root, "commit", "--quiet", "--message", "results")
    if origin is not None:
        commit(root, "remote", "add", "origin", origin)
    return root


def commit(root: Path, *arguments: str) -> str:
    """Output of git there, by somebody of no name."""
    who = ["-c", "user.name=n", "-c", "user.email=n@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(
        ["git", "-C", str(root), *who, *arguments], check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def project(root: Path) -> Path:
    """A project that knows both papers, and has no replication."""
    for paper in ("geometry-of-truth", "emotions"):
        shutil.copytree(CHECKOUT / "papers" / paper, root / "papers" / paper)
    return root
