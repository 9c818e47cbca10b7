"""A made-up audience: a pure, seeded model of what viewers do, and clients that do it at a room's public doors. Imports nothing of ours."""
