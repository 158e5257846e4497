"""signers.xlsx: people, pairs and settings, with all their problems."""
