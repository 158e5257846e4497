"""The report for a board: an Excel workbook, and one page in Word."""
