import { expect, it } from '@jest/globals';
import expressSession from 'express-session';
import * as api from './index.ts';

it('is these names', () => {
  expect(Object.keys(api)).toEqual(['ExpressSessionStore']);
});

it('has every method of a store of express-session', () => {
  expect(api.ExpressSessionStore.prototype).toBeInstanceOf(expressSession.Store);
  expect(Object.getOwnPropertyNames(api.ExpressSessionStore.prototype)).toEqual(
    expect.arrayContaining(['get', 'set', 'touch', 'destroy', 'all', 'length', 'clear']),
  );
});
