"""The page: the front end in the browser, on this computer only."""
