"""`harness claims`: a paper's text, and whether its claims stand in it and are measured."""

from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.show import JsonFlag, emit, relative, table

if TYPE_CHECKING:
    from harness.claims_audit import Audit, AuditedClaim
    from harness.paper_text import KeptText

app = typer.Typer(
    name="claims",
    help="A paper's text, and whether its claims stand in it and are measured.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)

Paper = Annotated[str, typer.Argument(metavar="PAPER", help="Id of the paper; it may be new.")]
Source = Annotated[
    str,
    typer.Argument(
        metavar="SOURCE",
        help="A PDF, HTML, XML, Markdown or plain text: a file, or an http(s) address. Of an "
        "arXiv abstract the PDF is read.",
    ),
]
Licence = Annotated[
    str | None,
    typer.Option(help="SPDX identifier of a licence under which the text may be passed on."),
]
_QUOTES = {
    "found": "found",
    "not_found": "not found",
    "unfit": "too short or too long",
    "no_text": "no text here",
    "not_checked": "not checked",
}
_NUMBERS = {"in_quote": "yes", "not_in_quote": "no", "none_needed": "none needed"}


@app.command()
def text(paper: Paper, source: Source, licence: Licence = None, as_json: JsonFlag = False) -> None:
    """Write the text of a paper to papers/PAPER/paper.md, in which quotes are looked up.

    It stays outside of version control, and so does paper_text.json, which says where it is from.
    """
    from harness.paper_text import fetch_text, keep, text_file
    from harness.project import find_project

    project = find_project()
    file = text_file(project, paper)
    kept = keep(project, paper, fetch_text(source), licence=licence)
    content = {"text": relative(file), **kept.model_dump(mode="json")}
    emit(content, as_json, lambda: _show_text(relative(file), kept))


@app.command()
def audit(
    paper: Annotated[str, typer.Argument(metavar="PAPER", help="Id of a paper that has a spec.")],
    as_json: JsonFlag = False,
) -> None:
    """Look up each quote in the paper's text, and list claims that no experiment measures.

    Exit code 1 where a quote that was read is not found, or a claim has neither an experiment nor
    a reason in any replication.
    """
    from harness.claims_audit import audit as audit_claims
    from harness.paper_text import kept_text
    from harness.project import find_project

    project = find_project()
    audited = audit_claims(project, paper, kept_text(project, paper))
    content = {**audited.model_dump(mode="json"), "holds": audited.holds}
    emit(content, as_json, lambda: _show_audit(audited))
    if not audited.holds:
        raise typer.Exit(1)


def _show_text(file: str, kept: "KeptText") -> None:
    from harness.review.rules.paths import shown

    about = kept.about
    typer.echo(f"{file}: {about.characters:,} characters of {about.kind}")
    if about.title:
        typer.echo(f"title: {shown(about.title)}")
    if kept.licence:
        typer.echo(f"{kept.licence}: `git add -f {file}` takes it into version control", err=True)


def _show_audit(audited: "Audit") -> None:
    from harness.review.rules.paths import shown

    table([_row(each) for each in audited.claims])
    for each in audited.tables:
        missing = ", ".join(f"{value:g}" for value in each.missing or ())
        told = f"; not in the text: {missing}" if missing else ""
        typer.echo(f"table {each.table}: quote {_where(each.quote, each.page, each.line)}{told}")
    if not audited.has_text:
        typer.echo(f"no text here; `harness claims text {audited.paper} SOURCE` fetches it")
    for name, why in audited.unread.items():
        typer.echo(f"not read: {name}: {shown(why)}", err=True)
    typer.echo(f"claims with no experiment: {len(audited.no_experiment)}")
    without = (each for each in audited.claims if each.claim in audited.no_experiment)
    for claim in without:
        typer.echo(f"  {claim.claim}: {_why(claim)}")


def _row(claim: "AuditedClaim") -> dict[str, str]:
    names = [each.replication for each in claim.covered if each.experiments]
    return {
        "claim": claim.claim,
        "scope": claim.scope,
        "source": claim.status,
        "quote": _where(claim.quote, claim.page, claim.line),
        "number in it": _NUMBERS[claim.number],
        "measured by": ", ".join(names) or "–",
    }


def _where(quote: str, page: int | None, line: int | None) -> str:
    if page is not None:
        return f"page {page}"
    return f"line {line}" if line is not None else _QUOTES[quote]


def _why(claim: "AuditedClaim") -> str:
    """What replications say, which is somebody's text: on one line, with every sign visible."""
    from harness.review.rules.paths import shown

    reasons = dict.fromkeys(each.reason for each in claim.covered if each.reason)
    if reasons:
        return "; ".join(shown(" ".join(reason.split())) for reason in reasons)
    if not claim.covered:
        return "no replication yet"
    return "of another set-up" if claim.is_accounted_for else "no reason given"
