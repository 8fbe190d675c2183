-- Run while no service runs, after PostgreSQL was restored to an earlier time and before a service starts.
-- docs/operations/backup.md says why.
begin;

-- Tokens: nobody knows which of them were revoked after that time. Users log in again.
delete from mooring_sessions where namespace = 'auth';

-- The epochs of copies in Redis: what they were copied from is no longer so. Services begin new ones.
delete from mooring_sessions where tenant_id = 'mooring.failover';

-- Warehouse sessions: nobody knows what ran in them since. They end by their keep-alive.
delete from mooring_pool_wants;
delete from mooring_pool_slots;

commit;
