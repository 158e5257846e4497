"""Knowledge about earlier runs: the ledger, people, files in the folder."""
