-- The default groups and their statuses, which have the same ids, cannot be removed.
ALTER TABLE known_status_group ADD COLUMN is_default boolean NOT NULL DEFAULT FALSE;
UPDATE known_status_group SET is_default = TRUE
 WHERE group_id IN ('quote.created', 'quote.sent', 'quote.deciding', 'quote.converted', 'quote.declined',
                    'order.created', 'order.confirmed', 'order.released', 'order.delivered', 'order.invoiced');
