"""Rehearsals with ghosts: a past show's crowd, played again to staff alone. It is marked as such on its way and is counted nowhere."""
