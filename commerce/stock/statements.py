"""The statements that move units. One round trip each while the level's row is locked: what is held under the lock bounds
how many buyers a second one article can serve (2 to 3 times the rate of SELECT FOR UPDATE).

Several levels are locked in the order of their ids, so that two statements cannot wait for each other. Each statement marks
its levels as unannounced; ANNOUNCE collects them, at most once every `ANNOUNCE_MS` for one variant.
"""

ANNOUNCE_MS = 400

HOLD = """
WITH taken AS (
    UPDATE stock_level SET available = available - %(quantity)s, held = held + %(quantity)s, is_unannounced = true
    WHERE variant_id = %(variant_id)s AND available >= %(quantity)s
      AND NOT EXISTS (SELECT 1 FROM stock_hold WHERE idempotency_key = %(key)s)
    RETURNING variant_id)
INSERT INTO stock_hold (id, idempotency_key, order_id, variant_id, quantity, state, created_at, expires_at)
SELECT %(id)s, %(key)s, %(order_id)s, variant_id, %(quantity)s, 'active', now(), now() + %(ttl_s)s * interval '1 second' FROM taken
RETURNING id"""

# The level before its holds: of two who need the same lapsed units, the second waits until the first has freed them, and finds what was
# left. A hold that is being settled at this moment is not waited for.
EXPIRE = """
WITH lapsed AS (
    SELECT variant_id FROM stock_hold
    WHERE state = 'active' AND expires_at <= now() AND (%(variant_id)s::uuid IS NULL OR variant_id = %(variant_id)s)
    ORDER BY variant_id, id LIMIT %(limit)s),
locked AS (
    SELECT variant_id FROM stock_level WHERE variant_id IN (SELECT variant_id FROM lapsed) ORDER BY variant_id FOR NO KEY UPDATE),
due AS (
    SELECT id FROM stock_hold
    WHERE state = 'active' AND expires_at <= now() AND variant_id IN (SELECT variant_id FROM locked)
    ORDER BY variant_id, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED),
expired AS (
    UPDATE stock_hold SET state = 'expired' FROM due WHERE stock_hold.id = due.id RETURNING variant_id, quantity),
freed AS (SELECT variant_id, sum(quantity) AS units FROM expired GROUP BY variant_id)
UPDATE stock_level SET available = available + units, held = held - units, is_unannounced = true
FROM freed WHERE stock_level.variant_id = freed.variant_id
RETURNING units"""

SETTLE = """
WITH ended AS (
    UPDATE stock_hold SET state = %(state)s WHERE order_id = %(order_id)s AND state = 'active' RETURNING variant_id, quantity),
moved AS (SELECT variant_id, sum(quantity) AS units FROM ended GROUP BY variant_id),
locked AS (
    SELECT variant_id FROM stock_level WHERE variant_id IN (SELECT variant_id FROM moved) ORDER BY variant_id FOR NO KEY UPDATE)
UPDATE stock_level SET
    held = held - units,
    sold = sold + CASE WHEN %(state)s = 'sold' THEN units ELSE 0 END,
    available = available + CASE WHEN %(state)s = 'sold' THEN 0 ELSE units END,
    is_unannounced = is_unannounced OR %(state)s <> 'sold'
FROM locked JOIN moved USING (variant_id) WHERE stock_level.variant_id = locked.variant_id"""

RETURN = """
WITH back AS (
    UPDATE stock_hold SET state = 'released' WHERE order_id = %(order_id)s AND state = 'sold' RETURNING variant_id, quantity),
moved AS (SELECT variant_id, sum(quantity) AS units FROM back GROUP BY variant_id),
locked AS (
    SELECT variant_id FROM stock_level WHERE variant_id IN (SELECT variant_id FROM moved) ORDER BY variant_id FOR NO KEY UPDATE)
UPDATE stock_level SET sold = sold - units, available = available + units, is_unannounced = true
FROM locked JOIN moved USING (variant_id) WHERE stock_level.variant_id = locked.variant_id"""

# Two statements: a row that is proposed with a negative number fails its CHECK before ON CONFLICT is looked at.
BEGIN_LEVEL = """
INSERT INTO stock_level (variant_id, available, held, sold, is_unannounced) VALUES (%(variant_id)s, 0, 0, 0, true)
ON CONFLICT (variant_id) DO NOTHING"""

ADJUST = """
UPDATE stock_level SET available = available + %(delta)s, is_unannounced = true WHERE variant_id = %(variant_id)s"""

ANNOUNCE = """
UPDATE stock_level SET is_unannounced = false, announced_at = now()
FROM variant
WHERE variant.id = stock_level.variant_id AND stock_level.variant_id IN (
    SELECT variant_id FROM stock_level
    WHERE is_unannounced AND (announced_at IS NULL OR announced_at < now() - %(quiet_ms)s * interval '1 millisecond')
      AND (%(variant_ids)s::uuid[] IS NULL OR variant_id = ANY(%(variant_ids)s))
    ORDER BY variant_id LIMIT 500 FOR UPDATE SKIP LOCKED)
RETURNING variant.product_id, stock_level.variant_id, stock_level.available"""

LOCK = """
SELECT variant_id, available FROM stock_level WHERE variant_id = ANY(%(variant_ids)s) ORDER BY variant_id FOR NO KEY UPDATE"""

# The levels are locked already: nothing waits here.
HOLD_MANY = """
WITH given AS (
    SELECT * FROM unnest(%(ids)s::uuid[], %(keys)s::text[], %(order_ids)s::uuid[], %(variant_ids)s::uuid[], %(quantities)s::int[])
        AS given (id, key, order_id, variant_id, quantity)),
kept AS (
    INSERT INTO stock_hold (id, idempotency_key, order_id, variant_id, quantity, state, created_at, expires_at)
    SELECT id, key, order_id, variant_id, quantity, 'active', now(), now() + %(ttl_s)s * interval '1 second' FROM given),
taken AS (SELECT variant_id, sum(quantity) AS units FROM given GROUP BY variant_id)
UPDATE stock_level SET available = available - units, held = held + units, is_unannounced = true
FROM taken WHERE stock_level.variant_id = taken.variant_id"""
