"""Tasks of the program for any front end.

They read and check a campaign folder, create letters, print, and keep the records.
"""
