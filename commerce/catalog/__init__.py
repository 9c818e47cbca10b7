"""What a shop sells: products, variants, prices, pictures."""
