"""Excel's workbooks: read as they look in Excel, and a workbook of staff's kept in place."""
