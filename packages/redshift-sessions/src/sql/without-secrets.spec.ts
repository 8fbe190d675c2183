import { describe, expect, it } from '@jest/globals';
import { withoutSecrets } from './without-secrets.ts';

describe('withoutSecrets', () => {
  it.each([
    ["select 'as it is'", "select 'as it is'"],
    ["create user bob password 'hunter2'", "create user bob password '***'"],
    [
      "ALTER USER bob PASSWORD 'hunter2' VALID UNTIL '2027-01-01'",
      "ALTER USER bob PASSWORD '***' VALID UNTIL '2027-01-01'",
    ],
    ['create user bob password $a$hunter2$a$ createdb', "create user bob password '***' createdb"],
    ["create user bob password /* 'no' */ 'hunter' \n 'two'", "create user bob password /* 'no' */ '***'"],
    ["create user bob password disable; select 'x'", "create user bob password disable; select 'x'"],
    ["copy t from 's3://ä/x' credentials as 'aws_access_key_id=a'", "copy t from 's3://ä/x' credentials as '***'"],
    [
      "copy t from 's3://b' access_key_id 'a' secret_access_key 'b' session_token 'c' format csv delimiter ','",
      "copy t from 's3://b' access_key_id '***' secret_access_key '***' session_token '***' format csv delimiter ','",
    ],
    [`select "password" = 'hunter2' from t`, `select "password" = '***' from t`],
    ["create user bob password 'hunter2", '***'],
    ["create user bob\0 password 'hunter2'", '***'],
  ])('of %j is %j', (sql, shown) => expect(withoutSecrets(sql)).toBe(shown));
});
