"""What every floor stands on: errors, money, clock, signing, tenancy, facts, audit, http."""
