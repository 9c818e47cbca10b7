"""The month as finance sees it: totals, reconciliation of ledger, orders and Stripe, the export."""
