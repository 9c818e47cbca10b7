"""What the product is expected to let through, one table a way in. Whatever is not listed here fails its test."""
