"""The page: the browser → campaign → pages, on this computer only."""
