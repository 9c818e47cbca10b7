"""One module per Stripe resource: the shape it accepts and the handlers behind its routes."""
