"""The text of a new paper.yaml: every key explained, and nothing in it that passes as a claim."""

from collections.abc import Sequence
from pathlib import Path

from harness.paper import Claim, Setup, Source
from harness.record import Record
from harness.scaffold.commented import comment, flow
from harness.scaffold.examples import example_claims, example_table
from harness.scaffold.measured import Measured, metric_lines
from harness.scaffold.starts import TO_WRITE

SCHEMA_LINE = "# yaml-language-server: $schema=../../harness/schemas/paper.schema.json"


class Bibliography(Record):
    """What is known of a new paper on the command line; `None` is left to write."""

    title: str | None = None
    authors: tuple[str, ...] = ()
    year: int | None = None
    url: str | None = None


NOTHING_KNOWN = Bibliography()


def paper_file(project: Path, paper_id: str) -> Path:
    """Where a paper's spec lies."""
    return project / "papers" / paper_id / "paper.yaml"


def paper_text(
    paper_id: str,
    known: Bibliography,
    family: str,
    found: Sequence[Measured],
    settings: Sequence[str],
) -> str:
    """`found` is what the family measures; `settings` names the fields that the authors may have
    set otherwise."""
    lines = [
        SCHEMA_LINE,
        *comment(
            "What the paper says, and nothing of ours. Each TODO must go before `harness check`."
        ),
        *_bibliography(paper_id, known),
        "",
        *_setup(settings),
        "",
        *_claims(family, found),
        "",
        *comment("Tables as the paper prints them, for claims of kind `table`."),
        *example_table(found),
    ]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _bibliography(paper_id: str, known: Bibliography) -> list[str]:
    authors = known.authors or (f"{TO_WRITE} each author",)
    return [
        f"id: {paper_id}",
        f"title: {flow(known.title or f'{TO_WRITE} word for word')}",
        f"authors: {flow(authors)}",
        f"year: {flow(known.year or TO_WRITE)}",
        f"url: {flow(known.url or f'{TO_WRITE} http(s) address where others find it: https://arxiv.org/abs/…')}",
        *comment("Words to find it by."),
        "topics: []",
    ]


def _setup(settings: Sequence[str]) -> list[str]:
    fields = Setup.model_fields
    return [
        *comment(Setup.__doc__ or ""),
        "setup:",
        *comment(
            "The models that the numbers are of: names of `harness models`, hf:ORG/NAME, or words.",
            2,
        ),
        f"  models: [{flow(f'{TO_WRITE} hf:ORG/NAME')}]",
        *comment(
            "original: the authors' own files; generated: made by a rule, as the harness does.", 2
        ),
        f"  data: {flow(f'{TO_WRITE} original or generated')}",
        *comment(
            f"{fields['hyperparameters'].description} Those of this family: {', '.join(settings)}. "
            "Only what the paper states.",
            2,
        ),
        "  hyperparameters: {}",
    ]


_CLAIMABLE = (
    "What can be claimed with the experiment that replication.yaml starts with (family {family}). "
    "Settings add conditions; `harness check` names those there are. A claim gives as many "
    "conditions under `where` as tell one row from all others; the model it never names."
)
_STATUSES = (
    "read: in the paper's text, where the quote is found verbatim; artifact: in the authors' "
    "files; recomputed: from those; secondary: someone else says so."
)
_FIRST_CLAIM = (
    f"{TO_WRITE} an entry for each checkable statement; uncomment an example, delete this"
)


def _claims(family: str, found: Sequence[Measured]) -> list[str]:
    listed = metric_lines(found) or comment("Whatever metrics `numbers` name.")
    return [
        *comment(_CLAIMABLE.format(family=family)),
        "#",
        *listed,
        "",
        *_explained(),
        "claims:",
        f'  - "{_FIRST_CLAIM}"',
        *example_claims(found),
    ]


def _explained() -> list[str]:
    """The keys of a claim, from the docstrings of their fields."""
    told = {
        "source.section": "Section, table or figure.",
        "source.quote": Source.model_fields["quote"].description,
        "source.version": "Which version of the paper, such as v2; may be left out.",
        "source.status": f"{Source.model_fields['status'].description} {_STATUSES}",
        "scope": Claim.model_fields["scope"].description,
        "controls": Claim.model_fields["controls"].description,
        "presupposes": (
            f"{Claim.model_fields['presupposes'].description} A bound, written like `expects`."
        ),
    }
    lines = comment("Keys of a claim:")
    for key, text in told.items():
        lines += comment(f"- {key}: {text}")
    return lines
