"""A form's or a platform's export becomes signers, again and again."""
