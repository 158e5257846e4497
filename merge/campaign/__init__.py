"""The whole errand, for any face: a campaign folder opened, checked, its letters made."""
