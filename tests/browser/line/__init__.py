"""Steps of the test that walks the whole line: the merchant's office, the host's desk, the audience's phones."""
