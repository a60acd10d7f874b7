"""Review a replication that somebody submits: as data, which is never run and never believed."""

from harness.review.audit import Review, audit, review_branch, review_folder

__all__ = ["Review", "audit", "review_branch", "review_folder"]
