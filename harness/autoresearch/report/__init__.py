"""What a campaign's ledger shows: its standing now, and the report that is written from it."""
