"""What a viewer owns: entitlements to episodes and seasons."""
