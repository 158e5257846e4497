"""signers.xlsx: its people, pairs and settings, and everything that is wrong with it."""
