"""Whether a paper's claims are what its text says, and which of them anything measures."""

from harness.claims_audit.audit import Audit, AuditedClaim, AuditedTable, audit
from harness.claims_audit.covering import Coverage
from harness.claims_audit.quoting import quote_problems

__all__ = ["Audit", "AuditedClaim", "AuditedTable", "Coverage", "audit", "quote_problems"]
