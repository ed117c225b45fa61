-- How far the numbers of the notes reach tells whether very many wait (docs/rules.md D16), so sessions do not take numbers in stock.
ALTER SEQUENCE sync_touched_id CACHE 1;
