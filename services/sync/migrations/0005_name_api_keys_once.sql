-- Two keys of one name cannot be told apart when one of them is to be revoked. Where there are some already,
-- the later ones get their number.
UPDATE api_key SET name = name || ' (' || api_key_id || ')'
 WHERE revoked_at IS NULL
   AND EXISTS (SELECT FROM api_key AS earlier
                WHERE earlier.name = api_key.name AND earlier.revoked_at IS NULL
                  AND earlier.api_key_id < api_key.api_key_id);

CREATE UNIQUE INDEX api_key_name_unique ON api_key (name) WHERE revoked_at IS NULL;
