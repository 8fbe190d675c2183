import type { Statement } from './user-database.ts';

const COLUMNS = `id, username, tenant_id, role, password_hash, disabled, version, ending_tenant_id, created_at, changed_at`;

const CHANGE = `update mooring_users u
  set role = $3, tenant_id = $4, disabled = $5, password_hash = coalesce($6, password_hash), version = version + 1,
    ending_tenant_id = u.tenant_id, changed_at = clock_timestamp()
  where id = $1 and version = $2 and ending_tenant_id is null`;

function statement(name: string, text: string): Statement {
  return { name: `users-${name}`, text };
}

export const STATEMENTS = {
  findByName: statement('find-by-name', `select ${COLUMNS} from mooring_users where username_key = $1`),
  findById: statement('find-by-id', `select ${COLUMNS} from mooring_users where id = $1`),
  list: statement(
    'list',
    `select ${COLUMNS} from mooring_users
     where ($1::text is null or tenant_id = $1) and username_key > $2 order by username_key limit $3`,
  ),
  create: statement(
    'create',
    `insert into mooring_users (id, username, username_key, tenant_id, role, password_hash)
     values ($1, $2, $3, $4, $5, $6) on conflict (username_key) do nothing returning ${COLUMNS}`,
  ),
  createFirst: statement(
    'create-first',
    `insert into mooring_users (id, username, username_key, tenant_id, role, password_hash)
     select $1, $2, $3, $4, $5, $6 where not exists (select from mooring_users where role = 'system')
     on conflict (username_key) do nothing returning ${COLUMNS}`,
  ),
  findSystemUser: statement('find-system-user', `select id from mooring_users where role = 'system' limit 1`),
  findOtherSystemUser: statement(
    'find-other-system-user',
    `select id from mooring_users where role = 'system' and not disabled and id <> $1 limit 1`,
  ),
  change: statement('change', `${CHANGE} returning ${COLUMNS}`),
  changeWhereOthersRemain: statement(
    'change-where-others-remain',
    `${CHANGE} and exists (select from mooring_users other where other.role = 'system' and not other.disabled and other.id <> $1)
     returning ${COLUMNS}`,
  ),
  sessionsEnded: statement(
    'sessions-ended',
    `update mooring_users set ending_tenant_id = null where id = $1 and version = $2`,
  ),
  listEnding: statement(
    'list-ending',
    `select ${COLUMNS} from mooring_users
     where ending_tenant_id is not null and changed_at < clock_timestamp() - $1 * interval '1 millisecond'
     order by changed_at limit $2`,
  ),
  remove: statement(
    'remove',
    `delete from mooring_users where id = $1 and version = $2 and disabled and ending_tenant_id is null returning id`,
  ),
  rehash: statement('rehash', `update mooring_users set password_hash = $3 where id = $1 and password_hash = $2`),
};
