"""The paper's text: fetched once, kept by hash, and laid into the agent's tree to be read."""

from agents.replicate.desk import Desk
from harness.paper_text import PaperText, fetch_text
from harness.record import read_text, write_text


def take_text(desk: Desk) -> str:
    """Raises `HarnessError` where the text cannot be had."""
    campaign = desk.campaign
    if campaign.source is None:
        return f"{campaign.paper_file} is here already"
    record, kept = desk.folder / "paper_text.json", desk.folder / "paper.md"
    if not record.exists():
        found, text = fetch_text(campaign.source)
        write_text(kept, text)
        found.dump(record)
    found = PaperText.load(record)
    write_text(desk.top / "papers" / campaign.paper / "paper.md", read_text(kept))
    return f"{found.characters:,} characters of {found.kind}, sha256 {found.sha256[:12]}"
