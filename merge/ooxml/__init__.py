"""What Word's and Excel's files are made of: their zip, parts, relationships, text and fields."""
