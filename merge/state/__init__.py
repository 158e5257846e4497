"""What a run must know of earlier runs: the ledger, who is who, the files that lie there."""
