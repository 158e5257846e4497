"""What goes onto paper: letters in batches to print and sign, and what goes round them."""
