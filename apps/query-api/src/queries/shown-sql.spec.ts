import { describe, expect, it } from '@jest/globals';
import { shownSql } from './shown-sql.ts';

describe('shownSql', () => {
  it('of a statement for the warehouse has no secrets either', () => {
    expect(shownSql("alter usr bob password 'hunter2'")).toBe("alter usr bob password '***'");
  });

  it.each([
    ['select 1 -- as it is', 'select 1 -- as it is'],
    ["alter user bob password 'hunter2'", "alter user bob password '***'"],
    ["CREATE USER bob PASSWORD $a$hunter2$a$; select 'password'", "CREATE USER bob PASSWORD '***'; select 'password'"],
    ["alter user bob password 'hunter2' 'again'", '***'],
    ["alter usr bob password 'hunter2'", '***'],
  ])('of %j is %j', (sql, shown) => expect(shownSql(sql, 'sales')).toBe(shown));
});
