"""What a sender says to the database, as prepared statements. `%(token)s` is its claim.

A state is compared as `state || ''` where a row is found by its id: else PostgreSQL would rather read all rows that are
leased, through an index that is full of those that were.
"""

LOCK = """
SELECT FROM unnest($1) AS asked (id)
JOIN campaigns_message AS m ON m.id = asked.id JOIN customers_customer AS c ON c.id = m.customer_id
WHERE m.claim_token = %(token)s FOR NO KEY UPDATE OF m, c NOWAIT
"""
LOCK_TYPES = "(bigint[])"

# $1 messages, $2 their addresses, $3 the spellings of them that suppressions are kept in
MARK = """
UPDATE campaigns_message AS m
SET state = 'handing', handed_at = clock_timestamp() + %(offset)s, attempts = attempts + 1, reason = '',
    lease_until = clock_timestamp() + %(offset)s + %(lease)s, address = asked.address
FROM unnest($1, $2, $3) AS asked (id, address, key)
WHERE m.id = asked.id AND m.state || '' = 'claimed' AND m.claim_token = %(token)s
  AND m.lease_until > clock_timestamp() + %(offset)s AND m.expires_at > clock_timestamp() + %(offset)s
  AND EXISTS (SELECT FROM campaigns_sendingrules WHERE stopped_at IS NULL)
  AND NOT EXISTS (SELECT FROM campaigns_suppression AS s WHERE s.lifted_at IS NULL AND s.address IN (asked.key,
        'sha256:' || encode(sha256(convert_to((SELECT salt FROM campaigns_sendingrules) || asked.key, 'UTF8')), 'hex')))
"""
MARK_TYPES = "(bigint[], text[], text[])"
OF_CAMPAIGNS = """
  AND EXISTS (SELECT FROM campaigns_campaign AS c WHERE c.id = m.campaign_id AND c.status = 'running')
  AND EXISTS (SELECT FROM campaigns_enrollment AS run WHERE run.id = m.enrollment_id
              AND (run.finished_at IS NULL OR run.outcome = 'completed'))
  AND EXISTS (SELECT FROM customers_customer AS c WHERE c.id = m.customer_id AND c.email = asked.address
              AND c.merged_into_id IS NULL)
  AND (SELECT is_given FROM customers_consent AS said WHERE said.customer_id = m.customer_id
       AND said.purpose = m.purpose AND said.superseded_at IS NULL ORDER BY occurred_at DESC, id DESC LIMIT 1)
  AND (SELECT count(other.id) < rules.cap_messages FROM campaigns_sendingrules AS rules
       LEFT JOIN campaigns_message AS other ON other.customer_id = m.customer_id
           AND other.state IN ('handing', 'sent', 'in_doubt') AND other.kind <> 'test' AND other.id <> m.id
           AND other.handed_at > clock_timestamp() + %(offset)s - make_interval(days => rules.cap_days)
       GROUP BY rules.id)
"""
MARKED = " RETURNING m.id"

# A new group: nothing of it has begun.
OPEN = """
INSERT INTO campaigns_handover AS ours (token, begun, lease_until)
VALUES (%(token)s, '{}', clock_timestamp() + %(offset)s + %(lease)s)
ON CONFLICT (token) DO UPDATE SET begun = '{}', lease_until = excluded.lease_until
"""
CLOSE = """
DELETE FROM campaigns_handover WHERE token = %(token)s AND NOT EXISTS (
    SELECT FROM campaigns_message WHERE state = 'handing' AND claim_token = %(token)s)
"""

# $1 a marked message
BEGIN = """
UPDATE campaigns_handover SET begun = begun || $1
WHERE token = %(token)s AND lease_until > clock_timestamp() + %(offset)s
  AND EXISTS (SELECT FROM campaigns_message AS m WHERE m.id = $1 AND m.state || '' = 'handing' AND m.reason = ''
              AND m.claim_token = %(token)s)
RETURNING 1
"""
BEGIN_TYPES = "(bigint)"

# $1 messages, $2 the mail server's codes, $3 its words. Also out of doubt: a sender that slept past its lease knows
# better than who took it for dead.
SETTLE = """
WITH done AS (
    UPDATE campaigns_message AS m
    SET state = 'sent', reason = '', words = said.words, lease_until = NULL,
        sent_at = clock_timestamp() + %(offset)s, settled_at = clock_timestamp() + %(offset)s
    FROM unnest($1, $2, $3) AS said (id, code, words)
    WHERE m.id = said.id AND m.claim_token = %(token)s AND m.state || '' IN ('handing', 'in_doubt')
    RETURNING m.id, m.customer_id, m.handed_at, m.sent_at, said.code, said.words),
noted AS (INSERT INTO customers_arrival (customer_id, since) SELECT customer_id, handed_at FROM done)
INSERT INTO campaigns_delivery (message_id, kind, occurred_at, code, words, details)
SELECT id, 'sent', sent_at, code, words, '{}' FROM done
"""
SETTLE_TYPES = "(bigint[], smallint[], text[])"
