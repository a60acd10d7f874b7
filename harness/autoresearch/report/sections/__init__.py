"""The sections of a campaign's report, each a function from `Material` to blocks."""
