-- Removes snapshots older than the moment (UTC) and the files that only they use.
CALL ${catalog}.system.expire_snapshots(table => '${changes}', older_than => TIMESTAMP '${moment}')
