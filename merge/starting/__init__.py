"""A template and a workbook from finished letters, and the proof of them."""
