"""Excel workbooks: reading cells as shown, and writing without data loss."""
