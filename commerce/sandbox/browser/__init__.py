"""What a shopper's browser talks to: the sheet's endpoints, the 3-D Secure page, the hosted page."""
