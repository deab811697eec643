-- How each terminal last said it is: JSON as it came, nothing about people.
ALTER TABLE terminals ADD COLUMN heartbeat TEXT;
ALTER TABLE terminals ADD COLUMN heartbeat_at INTEGER;
