"""Guests on stage: viewers ask, the host looks at them backstage, lets them on, mutes and removes them."""
