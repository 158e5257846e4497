"""Everything for printing: print files, cover sheets, envelopes, labels."""
